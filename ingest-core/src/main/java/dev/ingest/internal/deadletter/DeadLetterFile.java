package dev.ingest.internal.deadletter;

import dev.ingest.internal.file.FileRefusedException;
import dev.ingest.internal.file.LockFile;
import dev.ingest.internal.file.PrivateDirectory;
import dev.ingest.internal.file.PrivateFile;
import dev.ingest.internal.ledger.Ledger;
import dev.ingest.internal.log.Log;
import dev.ingest.internal.log.RateLimitedLog;
import dev.ingest.stats.DropReason;
import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.jspecify.annotations.Nullable;

/**
 * A file of newline-delimited JSON, one object for each dead letter:
 *
 * <pre>{"time":"2026-01-31T12:00:00.123Z","source":"192.0.2.7:40000","reason":"WRONG_TYPE",
 * "detail":"...","payload":"..."}</pre>
 *
 * <p>The payload is a JSON string of the bytes as they came; bytes that are not UTF-8 stand in
 * Base64 under {@code payloadBase64} instead. Letters are in the file when {@link #write} or {@link
 * #flush} returns, so that a crash of the process keeps them, and the file is synced to disk when
 * it is closed. The file is appended to, and locked against other servers by a file beside it,
 * {@code NAME.lock}. Thread-safe.
 *
 * <p>Neither this file nor the one before it, {@code NAME.1}, gets longer than the limit. Three
 * quarters of each are for records. When they are full, the file is renamed to {@code NAME.1},
 * which removes the one before, and is begun anew. The last quarter is for rejected messages, so
 * that these never take more than half of the limit. When it is full, the file is renamed only if
 * neither file holds a record; otherwise what is rejected is counted, and not kept. So when a
 * record's letter is removed does not depend on how many messages are rejected. Nor is what is
 * rejected kept while the disk has less room than the limit: that is for what is of more value.
 */
public final class DeadLetterFile implements DeadLetters {
  private static final Logger LOGGER = Log.of("dev.ingest.deadletter");

  private final Path path;
  private final Path previousPath;
  private final File directory;
  private final long limit;
  private final Ledger ledger;
  private final LockFile lock;
  private final RateLimitedLog failureLog = new RateLimitedLog(LOGGER, Level.ERROR);
  private final RateLimitedLog removedLog = new RateLimitedLog(LOGGER, Level.WARNING);
  private final RateLimitedLog notKeptLog = new RateLimitedLog(LOGGER, Level.WARNING);

  /**
   * Null until it is opened, which can fail when the file is begun anew. Not a FileChannel: an
   * interrupt of the writer thread would close that.
   */
  private @Nullable RandomAccessFile file;

  /** What the open file is known by; null if the file system has nothing for that. */
  private @Nullable Object key;

  /** Lines of rejected messages, to be written together; removed when that is done. */
  private final Queue<byte[]> pending = new ConcurrentLinkedQueue<>();

  private Contents current = new Contents();
  private Contents previous = new Contents();
  private volatile boolean fullOfRejected;
  private volatile boolean diskIsNearlyFull;
  private boolean rotated;
  private boolean closed;

  /** Opens such files. */
  public interface Opener {
    /** Opens or creates a file. */
    DeadLetterFile open(Path path) throws IOException;
  }

  private DeadLetterFile(Path path, long limit, Ledger ledger, LockFile lock) {
    this.path = path;
    this.previousPath = beside(path, ".1");
    this.directory = path.toAbsolutePath().resolveSibling("").toFile();
    this.limit = limit;
    this.ledger = ledger;
    this.lock = lock;
  }

  private static Path beside(Path path, String suffix) {
    return path.resolveSibling(path.getFileName() + suffix);
  }

  /**
   * Opens or creates a file, and reads through what is there. A line that a crash has torn is
   * ended, so that the next one stands alone.
   *
   * @param limit how long the file may get, in bytes
   * @param ledger counts the letters that are removed or not kept
   * @throws IOException if it cannot be written or another server has it; the message names the
   *     file
   */
  public static DeadLetterFile open(Path path, long limit, Ledger ledger) throws IOException {
    try {
      PrivateFile.exists(path); // before anything is made beside what is refused
      LockFile lock =
          LockFile.acquire(
              beside(path, ".lock"), "the dead-letter file " + path, "give each a file of its own");
      DeadLetterFile opened = new DeadLetterFile(path, limit, ledger, lock);
      try {
        opened.readPrevious();
        opened.ready();
        return opened;
      } catch (Throwable t) {
        opened.release();
        throw t;
      }
    } catch (FileRefusedException e) {
      throw e;
    } catch (IOException e) {
      throw new IOException(
          "cannot write the dead-letter file "
              + path
              + ": "
              + e
              + "; expected a writable file, or none, in a directory where files can be made",
          e);
    }
  }

  private void readPrevious() throws IOException {
    if (PrivateFile.exists(previousPath)) {
      try (RandomAccessFile before = PrivateFile.openExisting(previousPath)) {
        previous = Contents.of(before, previous);
      }
    }
  }

  @Override
  public synchronized Optional<DropReason> write(DeadLetter letter) {
    byte[] line = LetterLine.whole(letter);
    try {
      RandomAccessFile ready = ready();
      long room = limit - rejectedLimit();
      if (line.length > room) {
        throw new IOException(
            "a letter of "
                + line.length
                + " bytes finds no room: expected at most "
                + room
                + ", three quarters of the limit. Raise deadLetterLimit()");
      }
      if (current.recordBytes() + line.length > room) {
        ready = rotate();
      }
      append(ready, line);
      current.addRecord(line.length);
      return Optional.empty();
    } catch (IOException e) {
      failed(e);
      return Optional.of(DropReason.DEAD_LETTER_FAILED);
    }
  }

  @Override
  public void addRejected(DeadLetter letter) {
    if (fullOfRejected || diskIsNearlyFull) { // as of the last flush, so that a flood costs little
      notKept(1);
    } else {
      pending.add(LetterLine.cut(letter));
    }
  }

  @Override
  public synchronized void flush() {
    List<byte[]> lines = List.copyOf(pending);
    if (lines.isEmpty() && !fullOfRejected && !diskIsNearlyFull) {
      return;
    }
    int kept = 0;
    try {
      ready();
      diskIsNearlyFull = directory.getUsableSpace() < limit;
      while (!diskIsNearlyFull && kept < lines.size() && makeRoom(lines.get(kept))) {
        kept += write(lines, kept);
      }
    } catch (IOException e) {
      failed(e);
    }
    notKept(lines.size() - kept);
    lines.forEach(line -> pending.remove());
  }

  @Override
  public int unwritten() {
    return pending.size();
  }

  /** Begins the file anew if the line has no room, and if that removes no record, now or later. */
  private boolean makeRoom(byte[] line) throws IOException {
    if (current.rejectedBytes() + line.length > rejectedLimit()) {
      fullOfRejected = current.recordBytes() > 0 || previous.recordBytes() > 0;
      if (!fullOfRejected) {
        rotate();
      }
    }
    return !fullOfRejected;
  }

  /** Writes lines that have room in one piece, from one on; returns how many. */
  private int write(List<byte[]> lines, int from) throws IOException {
    long room = rejectedLimit() - current.rejectedBytes();
    ByteArrayOutputStream together = new ByteArrayOutputStream();
    int to = from;
    while (to < lines.size() && together.size() + lines.get(to).length <= room) {
      together.writeBytes(lines.get(to++));
    }
    append(ready(), together.toByteArray());
    lines.subList(from, to).forEach(line -> current.addRejected(line.length));
    return to - from;
  }

  private void notKept(int letters) {
    if (letters > 0) {
      ledger.deadLettersNotKept(letters);
      String why =
          diskIsNearlyFull
              ? ": the disk has less room than the limit. Make room, or lower deadLetterLimit()"
              : ": their part of it is full. Move the file away, or raise deadLetterLimit()";
      notKeptLog.events(
          letters,
          () -> "letters of rejected messages are not kept in the dead-letter file " + path + why);
    }
  }

  /** Returns how much of each of both files may be of rejected messages. */
  private long rejectedLimit() {
    return limit / 4;
  }

  /**
   * Returns the open file. Opens another first if somebody has moved it away, and reads it again if
   * its length shows that somebody has changed it.
   */
  private RandomAccessFile ready() throws IOException {
    if (closed) {
      throw new IOException("it is closed");
    }
    if (file != null && !Objects.equals(key, PrivateFile.key(path))) {
      release(file);
    }
    RandomAccessFile ready = file;
    if (ready == null) {
      ready = PrivateFile.open(path);
      file = ready;
      key = PrivateFile.key(path);
    }
    if (ready.length() != current.bytes()) {
      current = Contents.of(ready, current);
      fullOfRejected = false;
    }
    return ready;
  }

  private RandomAccessFile rotate() throws IOException {
    release(file);
    if (!PrivateFile.exists(previousPath)) {
      previous = new Contents(); // somebody has moved it away
    }
    if (PrivateFile.exists(path)) { // or somebody has moved it away
      Files.move(path, previousPath, StandardCopyOption.ATOMIC_MOVE);
      removed(previous);
      previous = current;
      rotated = true;
    }
    current = new Contents();
    fullOfRejected = false;
    return ready();
  }

  private void removed(Contents removed) {
    if (removed.letters() > 0) {
      ledger.deadLettersRemoved(removed.letters(), removed.recordsOfThisRun());
      removedLog.events(
          removed.letters(),
          () ->
              "the dead-letter file "
                  + path
                  + " was full, and the oldest letters, in "
                  + previousPath
                  + ", were removed. To keep more, raise deadLetterLimit()");
    }
  }

  private void append(RandomAccessFile file, byte[] line) throws IOException {
    try {
      file.seek(current.bytes());
      file.write(line);
    } catch (IOException e) {
      try {
        file.setLength(current.bytes()); // or half a line would stand there
      } catch (IOException again) {
        e.addSuppressed(again);
      }
      throw e;
    }
  }

  private void failed(IOException e) {
    failureLog.event(() -> "cannot write to the dead-letter file " + path + ": " + e.getMessage());
  }

  private void release(@Nullable RandomAccessFile open) throws IOException {
    file = null;
    if (open != null) {
      open.close();
    }
  }

  private void release() throws IOException {
    closed = true;
    try (lock) {
      release(file);
    }
  }

  /** Syncs all to disk and closes the files; a letter after that is refused as on any failure. */
  @Override
  public synchronized void close() throws IOException {
    if (closed) {
      return;
    }
    try {
      flush(); // what a receiver that waited no more has left
      if (file != null) {
        file.getFD().sync();
      }
      if (rotated && PrivateFile.exists(previousPath)) {
        PrivateFile.sync(previousPath);
      }
      PrivateDirectory.syncReadable(directory.toPath());
    } finally {
      release();
    }
  }
}
