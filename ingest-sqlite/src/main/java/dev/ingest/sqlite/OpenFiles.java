package dev.ingest.sqlite;

import dev.ingest.sink.SinkException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The files that a connection has open: the database and, in WAL mode, its -wal and -shm. If one of
 * them is deleted or replaced, SQLite goes on writing to what has no name any more, and reports
 * success. So their names are looked up before each commit, which takes 2 µs for each file. No
 * connection of SQLite removes them, since each other one keeps a shared lock on the database (see
 * sqlite3WalClose in its wal.c).
 *
 * <p>File systems without file keys, such as those of Windows, do not let an open file be deleted.
 */
final class OpenFiles {
  /** Whether the names still lead to the open files. */
  enum State {
    IN_PLACE,
    DATABASE_GONE,
    /** The -wal or the -shm file is gone or replaced, the database is in place. */
    LOG_GONE
  }

  /** What other programs have done with the names of the -wal and -shm files that are gone. */
  enum Others {
    /** No other program has opened the database since, or it would have made the files anew. */
    NOT_THERE,
    /** They have only read: the new -wal file is empty, and the database is as it was. */
    HAVE_READ,
    MAY_HAVE_WRITTEN
  }

  private final @Nullable Path database;
  private final @Nullable Object databaseKey;
  private final @Nullable Path wal;
  private final @Nullable Object walKey;
  private final @Nullable Path shm;
  private final @Nullable Object shmKey;

  private @Nullable FileTime databaseModified;
  private long walSize;

  private OpenFiles(@Nullable Path database, @Nullable Path wal, @Nullable Path shm) {
    this.database = database;
    this.wal = wal;
    this.shm = shm;
    this.databaseKey = key(database);
    this.walKey = key(wal);
    this.shmKey = key(shm);
  }

  /**
   * Looks up the files of a connection that has written, so that all of them exist.
   *
   * @throws SinkException if one of them is missing nevertheless; a retry may help
   */
  static OpenFiles of(Connection connection, SqliteConfig config)
      throws SQLException, SinkException {
    String name;
    try (Statement statement = connection.createStatement();
        ResultSet main =
            statement.executeQuery("SELECT file FROM pragma_database_list WHERE name = 'main'")) {
      name = main.next() ? main.getString(1) : null;
    }
    if (name == null || name.isEmpty()) {
      return new OpenFiles(null, null, null);
    }
    if (!config.journalMode().equals("wal")) {
      return new OpenFiles(Path.of(name), null, null);
    }
    OpenFiles files = new OpenFiles(Path.of(name), Path.of(name + "-wal"), Path.of(name + "-shm"));
    if (files.databaseKey != null
        && (files.walKey == null || (files.shmKey == null && config.hasSharedMemory()))) {
      throw SinkException.retryable(
          "SQLite database "
              + name
              + ": its -wal or -shm file was removed, and a connection of this process may still"
              + " have the removed one open, which SQLite then shares with any new connection."
              + " Close all other connections of this process to the database");
    }
    return files;
  }

  /** Looks the names up, and remembers the size of the -wal file. */
  State state() {
    if (database == null || databaseKey == null) {
      return State.IN_PLACE;
    }
    BasicFileAttributes found = attributes(database);
    if (found == null || !databaseKey.equals(found.fileKey())) {
      return State.DATABASE_GONE;
    }
    if (wal != null && shm != null) {
      BasicFileAttributes log = attributes(wal);
      if (log == null
          || !Objects.equals(walKey, log.fileKey())
          || !Objects.equals(shmKey, key(shm))) {
        return State.LOG_GONE;
      }
      walSize = log.size();
    }
    databaseModified = found.lastModifiedTime();
    return State.IN_PLACE;
  }

  /** Tells what others have done, after {@link State#LOG_GONE}. */
  Others others() {
    BasicFileAttributes log = attributes(wal);
    BasicFileAttributes index = attributes(shm);
    boolean isWalTheirs = log != null && !Objects.equals(walKey, log.fileKey());
    boolean isShmTheirs = index != null && !Objects.equals(shmKey, index.fileKey());
    if (!isWalTheirs && !isShmTheirs) {
      return Others.NOT_THERE;
    }
    BasicFileAttributes found = attributes(database);
    return isWalTheirs
            && Objects.requireNonNull(log).size() == 0
            && found != null
            && found.lastModifiedTime().equals(databaseModified)
        ? Others.HAVE_READ
        : Others.MAY_HAVE_WRITTEN;
  }

  /** The size of the -wal file in bytes, when it was last looked up. */
  long walSize() {
    return walSize;
  }

  /** The absolute path of the -wal file; null if there is none. */
  @Nullable Path wal() {
    return wal;
  }

  SinkException databaseGone() {
    return SinkException.retryable(
        "SQLite database "
            + database
            + ": was deleted, moved or replaced while it was open, so nothing is written. Put it"
            + " back with its -wal file, or restart to begin a new one");
  }

  private static @Nullable Object key(@Nullable Path path) {
    BasicFileAttributes attributes = attributes(path);
    return attributes == null ? null : attributes.fileKey();
  }

  private static @Nullable BasicFileAttributes attributes(@Nullable Path path) {
    try {
      return path == null ? null : Files.readAttributes(path, BasicFileAttributes.class);
    } catch (IOException e) {
      return null;
    }
  }
}
