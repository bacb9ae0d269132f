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
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The file that a connection has open. If it is deleted or replaced, SQLite goes on writing to what
 * has no name any more, and reports success: so the name is looked up before each batch. File
 * systems without file keys, such as those of Windows, do not let an open file be deleted.
 *
 * @param path null for a database in memory
 * @param key what the file system knows the file by
 */
record DatabaseFile(@Nullable Path path, @Nullable Object key) {
  private static final Set<PosixFilePermission> OWNER_ONLY =
      PosixFilePermissions.fromString("rw-------");

  /**
   * Makes the file of a database if there is none, with the mode 0600 whatever the umask. SQLite
   * gives the files that it makes beside it, -wal, -shm and -journal, the mode of this one (see
   * findCreateFileMode and unixOpenSharedMemory in its os_unix.c), so that no other user can lock
   * them either. A mode that exists is kept.
   *
   * @throws SinkException if the name is that of something else than a file
   */
  static void prepare(SqliteConfig config) throws SinkException {
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

  static DatabaseFile of(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet main =
            statement.executeQuery("SELECT file FROM pragma_database_list WHERE name = 'main'")) {
      String name = main.next() ? main.getString(1) : null;
      if (name == null || name.isEmpty()) {
        return new DatabaseFile(null, null);
      }
      Path path = Path.of(name);
      return new DatabaseFile(path, key(path));
    }
  }

  void requireInPlace() throws SinkException {
    if (path != null && key != null && !key.equals(key(path))) {
      throw SinkException.retryable(
          "SQLite database "
              + path
              + ": was deleted, moved or replaced while it was open, so nothing is written. Put it"
              + " back with its -wal file, or restart to begin a new one");
    }
  }

  private static @Nullable Object key(Path path) {
    try {
      return Files.readAttributes(path, BasicFileAttributes.class).fileKey();
    } catch (IOException e) {
      return null;
    }
  }
}
