package dev.ingest.sqlite;

import dev.ingest.sink.SinkException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.OptionalLong;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.sqlite.SQLiteConnection;

/**
 * What is done with a connection whose -wal or -shm file was removed or replaced. What was stored
 * since the last checkpoint is then only in a file without a name, which the connection still has
 * open. While nobody else has changed the database, a checkpoint saves it: it moves all of that
 * into the database. Otherwise a checkpoint would write old pages over those of others, so the
 * connection is closed without one, and what is gone is counted.
 *
 * <p>SQLite checkpoints by itself when the last connection closes, and removes the -wal file by its
 * name, even if that is another's (sqlite3WalClose in its wal.c). A pending interrupt makes this
 * checkpoint fail before its first page, and then SQLite removes nothing. If there is nothing to
 * move, SQLite does remove: a second name keeps the file of others.
 *
 * <p>No other connection may be open in this process when a new one is opened: SQLite shares the
 * -shm file of one database among all connections of a process, even if it has no name any more.
 */
final class RemovedLog {
  private static final String CAUSE =
      ". No program but SQLite may remove, move or replace the files beside a database while it is"
          + " open; and any other connection that was open meanwhile must be closed now";

  private static final String REMEDY =
      ". Check it with PRAGMA integrity_check, and store what is missing from its source again";

  private final SqliteConfig config;
  private final OpenFiles files;
  private final String table;

  RemovedLog(SqliteConfig config, OpenFiles files, String table) {
    this.config = config;
    this.files = files;
    this.table = table;
  }

  /**
   * Saves what can be saved, and closes the connection.
   *
   * @param connection without a transaction
   * @throws SinkException if something can be saved, but not now: then the connection is still open
   * @throws SQLException if closing it failed
   */
  void save(SQLiteConnection connection) throws SinkException, SQLException {
    if (!moveIntoDatabase(connection)) {
      closeAndCount(connection);
      return;
    }
    OptionalLong rows = count(connection);
    connection.close();
    Notices.warn(
        name()
            + " or its -shm file was removed or replaced while it was open. Nothing is lost: all"
            + " that was only in it has been moved into the database, whose table '"
            + table
            + "' has "
            + rows.orElse(0)
            + " rows now"
            + CAUSE);
  }

  /** Returns false if others may have changed the database. */
  private boolean moveIntoDatabase(Connection connection) throws SinkException {
    try {
      switch (files.others()) {
        // Waits for others as long as for any lock.
        case NOT_THERE -> checkpoint(connection);
        // SQLite changes the mode only with a lock that nobody else has, and checkpoints then.
        case HAVE_READ -> Connections.value(connection, "PRAGMA journal_mode=DELETE");
        case MAY_HAVE_WRITTEN -> {
          return false;
        }
      }
      return true;
    } catch (SQLException e) {
      throw SinkException.retryable(
          name()
              + " or its -shm file was removed or replaced while it was open, and what is in it"
              + " cannot be moved into the database now: "
              + e.getMessage()
              + ". Until that succeeds nothing is stored, and the end of this process would lose"
              + " it. End the programs that have the database open, and make room on the disk",
          e);
    }
  }

  private static void checkpoint(Connection connection) throws SQLException {
    if (!Connections.value(connection, "PRAGMA wal_checkpoint(TRUNCATE)").equals("0")) {
      throw new SQLException("another connection reads or writes");
    }
  }

  /** Closes a connection whose database was deleted, moved or replaced. */
  void closeMoved(SQLiteConnection connection) throws SQLException {
    try (connection) {
      checkpoint(connection); // or what a moved database misses would be in a file beside the name
    } finally {
      Notices.error(
          "SQLite database "
              + config.database()
              + ": was deleted, moved or replaced while it was open. The records that were stored"
              + " before are in the moved file; if it was deleted, they are gone"
              + CAUSE);
    }
  }

  /** Closes the connection in any case. */
  void saveOrCount(SQLiteConnection connection) throws SQLException {
    try {
      save(connection);
    } catch (SinkException e) {
      closeAndCount(connection);
    }
  }

  private void closeAndCount(SQLiteConnection connection) throws SQLException {
    OptionalLong before = count(connection);
    try {
      closeWithoutCheckpoint(connection);
    } finally {
      OptionalLong after = OptionalLong.empty();
      try (Connection fresh = Connections.open(config)) {
        after = count(fresh);
      } catch (SQLException | SinkException e) {
        // Then it cannot be told.
      }
      logLost(before, after);
    }
  }

  private void logLost(OptionalLong before, OptionalLong after) {
    String found =
        name()
            + " or its -shm file was removed or replaced while it was open, and others may have"
            + " changed the database since, so what was stored after the last checkpoint could not"
            + " be moved into it: ";
    if (before.isEmpty() || after.isEmpty()) {
      Notices.error(
          found
              + "how many rows of the table '"
              + table
              + "' are gone cannot be told"
              + REMEDY
              + CAUSE);
      return;
    }
    long lost = before.getAsLong() - after.getAsLong();
    if (lost <= 0) {
      Notices.warn(
          found
              + "but no row of the table '"
              + table
              + "' is gone, as far as their number shows: "
              + after.getAsLong()
              + CAUSE);
      return;
    }
    Notices.error(
        found
            + "of "
            + before.getAsLong()
            + " rows that the table '"
            + table
            + "' had, "
            + lost
            + " are gone; rows that others have added since hide as many"
            + REMEDY
            + CAUSE);
  }

  private OptionalLong count(Connection connection) {
    try {
      return OptionalLong.of(
          Long.parseLong(
              Connections.value(connection, "SELECT count(*) FROM " + Table.quoted(table))));
    } catch (SQLException e) {
      // Without the log there may be no table; with it, what others have changed may be no
      // database.
      return Failures.isFaultOfStatement(e) ? OptionalLong.of(0) : OptionalLong.empty();
    }
  }

  private void closeWithoutCheckpoint(SQLiteConnection connection) throws SQLException {
    Path wal = files.wal();
    Path kept = wal == null ? null : link(Path.of(wal + "-" + UUID.randomUUID()), wal);
    try {
      connection.getDatabase().interrupt();
      connection.close();
    } finally {
      if (wal != null && kept != null) {
        link(wal, kept); // does nothing if SQLite has left it there
        delete(kept);
      }
    }
  }

  private static @Nullable Path link(Path name, Path file) {
    try {
      return Files.createLink(name, file);
    } catch (IOException | UnsupportedOperationException e) {
      return null;
    }
  }

  private static void delete(Path kept) {
    try {
      Files.delete(kept);
    } catch (IOException e) {
      Notices.warn("cannot remove " + kept + ", a second name of the -wal file: " + e);
    }
  }

  private String name() {
    return "SQLite database " + config.database() + ": its file " + files.wal();
  }
}
