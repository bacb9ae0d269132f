package dev.ingest.internal.file;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.Closeable;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Path;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * A lock that one server has, of all processes: on a file that is there for nothing else, holds the
 * process ID of the server that has it, and stays when the lock is released.
 *
 * <p>The lock is the system's, and ends with the process. With POSIX it is the process's, and a
 * process that closes any descriptor of the file loses it (fcntl(2), "Record locking"). Therefore
 * the file is one that nobody else has a reason to open, and what this process has locked is known
 * by name and by file key, and looked up before anything is opened. The mode 0600 keeps other users
 * from locking it.
 */
public final class LockFile implements Closeable {
  private static final int MAX_PROCESS_DIGITS = 20;

  /** What the locks of this process are known by. Guards all that is static. */
  private static final Set<Object> LOCKED = new HashSet<>();

  /**
   * Kept open, since to close them would release locks that this class has in another class loader.
   * By the same keys, so that there is at most one of each file.
   */
  private static final Map<Object, RandomAccessFile> KEPT_OPEN = new HashMap<>();

  private final RandomAccessFile file;
  private final Set<Object> keys;

  private LockFile(RandomAccessFile file, Set<Object> keys) {
    this.file = file;
    this.keys = keys;
  }

  /**
   * Locks a file, which is made if there is none. Does not wait.
   *
   * @param subject what is locked, for the message
   * @param remedy what to do if another server has it, for the message
   * @throws FileRefusedException if another server has the lock, or the file is no regular file
   * @throws IOException if the file cannot be written or locked
   */
  public static LockFile acquire(Path path, String subject, String remedy) throws IOException {
    synchronized (LOCKED) {
      if (!Collections.disjoint(LOCKED, keys(path))) {
        throw inUse(subject, ownProcess(), remedy);
      }
      RandomAccessFile file = opened(path);
      try {
        if (file.getChannel().tryLock() == null) {
          throw inUse(subject, holder(file), remedy);
        }
        KEPT_OPEN.values().removeIf(kept -> kept == file);
        Permissions.FILE.restrict(path); // an earlier version's may be open to all
        noteProcess(file);
        LockFile lock = new LockFile(file, keys(path));
        LOCKED.addAll(lock.keys);
        return lock;
      } catch (OverlappingFileLockException e) { // of this class in another class loader
        keys(path).forEach(key -> KEPT_OPEN.put(key, file));
        throw inUse(subject, ownProcess(), remedy);
      } catch (Throwable t) {
        if (!KEPT_OPEN.containsValue(file)) {
          file.close();
        }
        throw t;
      }
    }
  }

  private static RandomAccessFile opened(Path path) throws IOException {
    for (Object key : keys(path)) {
      RandomAccessFile kept = KEPT_OPEN.get(key);
      if (kept != null) {
        return kept;
      }
    }
    return PrivateFile.open(path);
  }

  private static void noteProcess(RandomAccessFile file) {
    try {
      byte[] process = (ownProcess() + "\n").getBytes(US_ASCII);
      file.seek(0);
      file.write(process);
      file.setLength(process.length);
    } catch (IOException e) {
      // The disk is full, say. The lock is held, and the number is only for a message.
    }
  }

  private static Set<Object> keys(Path path) throws IOException {
    Set<Object> keys = new HashSet<>();
    Path absolute = path.toAbsolutePath();
    keys.add(absolute.resolveSibling("").toRealPath().resolve(absolute.getFileName()));
    Object key = PrivateFile.key(path);
    if (key != null) {
      keys.add(key);
    }
    return keys;
  }

  private static FileRefusedException inUse(String subject, String process, String remedy) {
    return new FileRefusedException(
        subject + " is in use by another server, of the process " + process + ": " + remedy);
  }

  private static String ownProcess() {
    return Long.toString(ProcessHandle.current().pid());
  }

  private static String holder(RandomAccessFile file) {
    try {
      byte[] start = new byte[MAX_PROCESS_DIGITS];
      int read = Math.max(0, file.read(start));
      String process = new String(start, 0, read, US_ASCII).strip();
      return process.matches("\\d+") ? process : "?";
    } catch (IOException e) {
      return "?"; // a lock that keeps others from reading, as on Windows
    }
  }

  /** Releases the lock. */
  @Override
  public void close() throws IOException {
    synchronized (LOCKED) {
      if (LOCKED.removeAll(keys)) {
        file.close();
      }
    }
  }
}
