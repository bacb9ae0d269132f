package dev.ingest.sqlite;

import dev.ingest.sink.SinkException;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.sqlite.BusyHandler;
import org.sqlite.SQLiteConfig;
import org.sqlite.SQLiteConnection;
import org.sqlite.SQLiteOpenMode;
import org.sqlite.jdbc4.JDBC4Connection;

/** Opens connections for one thread, with the settings of the sink, and closes them. */
final class Connections {
  private static final long RETRY_OPEN_NANOS = TimeUnit.MILLISECONDS.toNanos(10);

  private Connections() {}

  static SQLiteConnection open(SqliteConfig config) throws SQLException, SinkException {
    NativeLibrary.load();
    DatabaseFile.prepare(config);
    SQLiteConfig driver = new SQLiteConfig();
    // One thread uses the connection; SQLite would take a lock for each value.
    driver.setOpenMode(SQLiteOpenMode.NOMUTEX);
    // Or the driver asks for the last row's id after each statement.
    driver.setGetGeneratedKeys(false);
    SQLiteConnection opened =
        new JDBC4Connection(config.jdbcUrl(), config.database(), driver.toProperties());
    try {
      BusyHandler.setHandler(opened, new LockWait(config.busyTimeoutMillis()));
      setJournalMode(opened, config);
      // Or the driver tries to commit after each statement.
      opened.getConnectionConfig().setAutoCommit(false);
      return opened;
    } catch (Throwable t) {
      close(opened, t);
      throw t;
    }
  }

  /** Changes the journal mode, for which SQLite waits for no lock by itself. */
  private static void setJournalMode(Connection opened, SqliteConfig config)
      throws SQLException, SinkException {
    long start = System.nanoTime();
    while (true) {
      try {
        execute(opened, "PRAGMA synchronous=" + config.synchronous());
        checkJournalMode(config, value(opened, "PRAGMA journal_mode=" + config.journalMode()));
        execute(opened, "PRAGMA journal_size_limit=" + LogLength.LIMIT);
        return;
      } catch (SQLException e) {
        long waited = System.nanoTime() - start;
        if (!Failures.isBusy(e)
            || waited >= TimeUnit.MILLISECONDS.toNanos(config.busyTimeoutMillis())
            || Thread.currentThread().isInterrupted()) {
          throw e;
        }
        LockSupport.parkNanos(RETRY_OPEN_NANOS);
      }
    }
  }

  /** SQLite does not fail if it cannot have the mode, such as WAL without shared memory. */
  private static void checkJournalMode(SqliteConfig config, String actual) throws SinkException {
    if (!config.inMemory() && !actual.equalsIgnoreCase(config.journalMode())) {
      throw SinkException.retryable(
          "SQLite database "
              + config.database()
              + ": cannot have the journal mode '"
              + config.journalMode()
              + "', it has '"
              + actual
              + "'. Set the option journal_mode to another one, or use a local file");
    }
  }

  static void execute(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  /** Returns the first value of the first row. */
  static String value(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(sql)) {
      return rows.getString(1);
    }
  }

  /** Closes a connection; a failure of that is added to the one it follows. */
  static void close(Connection connection, Throwable failure) {
    try {
      connection.close();
    } catch (SQLException e) {
      failure.addSuppressed(e);
    }
  }
}
