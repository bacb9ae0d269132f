package dev.ingest.sqlite;

import dev.ingest.sink.SinkException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;

/** The file of a database, before SQLite opens it. */
final class DatabaseFile {
  private static final Set<PosixFilePermission> OWNER_ONLY =
      PosixFilePermissions.fromString("rw-------");

  private DatabaseFile() {}

  /**
   * Makes the file of a database if there is none, with the mode 0600 whatever the umask. SQLite
   * gives the files that it makes beside it, -wal, -shm and -journal, the mode of this one (see
   * findCreateFileMode and unixOpenSharedMemory in its os_unix.c), so that no other user can lock
   * them either. A mode that exists is kept.
   *
   * <p>One thread at a time in this JVM: a process that closes any descriptor of a file loses all
   * of its locks on it (fcntl, POSIX). If two sinks found the same file missing, the slower one
   * would open and close it when the faster one has it locked through SQLite already.
   *
   * @throws SinkException if the name is that of something else than a file
   */
  static synchronized void prepare(SqliteConfig config) throws SinkException {
    Path path = config.file().orElse(null);
    if (path == null) {
      return;
    }
    try {
      BasicFileAttributes found = Files.readAttributes(path, BasicFileAttributes.class);
      if (!found.isRegularFile()) {
        throw SinkException.retryable(
            "SQLite database "
                + config.database()
                + ": is "
                + (found.isDirectory() ? "a directory" : "a FIFO, a socket or a device")
                + ". Expected a file, or none yet: name another");
      }
    } catch (NoSuchFileException e) {
      make(path);
    } catch (IOException e) {
      // SQLite cannot open it either, and says why.
    }
  }

  private static void make(Path path) {
    boolean hasModes = path.getFileSystem().supportedFileAttributeViews().contains("posix");
    FileAttribute<?>[] mode =
        hasModes
            ? new FileAttribute<?>[] {PosixFilePermissions.asFileAttribute(OWNER_ONLY)}
            : new FileAttribute<?>[0];
    try {
      // Through a link to nothing, as SQLite would.
      Files.newByteChannel(path, Set.of(StandardOpenOption.CREATE, StandardOpenOption.WRITE), mode)
          .close();
      if (hasModes && !Files.getPosixFilePermissions(path).containsAll(OWNER_ONLY)) {
        Files.setPosixFilePermissions(path, OWNER_ONLY); // what the umask took of the owner's
      }
    } catch (IOException e) {
      // SQLite cannot make it either, and says why.
    }
  }

  /** Returns what is wrong with the place of a file that SQLite cannot open, as far as it shows. */
  static String faultOfPlace(Path path) {
    Path file = path.toAbsolutePath();
    Path folder = file.getParent();
    if (folder == null || Files.isDirectory(file)) {
      return file + " is a folder";
    }
    if (!Files.exists(folder)) {
      return "the folder " + folder + " does not exist";
    }
    if (!Files.isDirectory(folder)) {
      return folder + " is no folder";
    }
    if (!Files.isWritable(folder) || !Files.isExecutable(folder)) {
      return "this process may not write to the folder " + folder;
    }
    return Files.exists(file) && !(Files.isReadable(file) && Files.isWritable(file))
        ? "this process may not read and write " + file
        : "the file is " + file + ", in a folder that exists and can be written to";
  }
}
