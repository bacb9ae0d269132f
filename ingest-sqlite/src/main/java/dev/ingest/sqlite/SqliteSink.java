package dev.ingest.sqlite;

import dev.ingest.record.RecordBatch;
import dev.ingest.record.Schema;
import dev.ingest.sink.Sink;
import dev.ingest.sink.SinkException;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.sqlite.BusyHandler;
import org.sqlite.SQLiteConfig;
import org.sqlite.SQLiteConnection;
import org.sqlite.SQLiteOpenMode;

/**
 * Writes each batch in one transaction. The transaction takes the write lock at its beginning, so
 * that two processes that write to one file wait for each other and never meet in the middle.
 *
 * <p>A failure may leave a statement of sqlite-jdbc unusable, so after one the statements are
 * prepared anew, which also makes a table that was dropped meanwhile. If it may be the connection's
 * fault, that is opened anew, too, unless that would lose a database in memory.
 *
 * <p>The size of the pages and of the checkpoints is SQLite's own, 4 KiB and 1,000 pages, since no
 * other was better for trickle and flood alike (transactions of 20 rows each 2 ms, and of 4,096
 * rows without a pause; two virtual processors, ext4). Checkpoints take 0.5 % of the time of a
 * trickle whatever their size; ones of 1,000 pages hold the writer up for 6 ms at once, of 4,000
 * for 21 ms. In a flood that is 13 ms, 46 ms, and with 10,000 pages 128 ms, in which the queue must
 * hold what arrives. Pages of 16 KiB take 0.30 µs of processor time a row in a flood instead of
 * 0.36, but a checkpoint of 1,000 of them takes 28 ms instead of 13. A larger page cache or a
 * mapped file made no difference beyond the noise.
 */
final class SqliteSink implements Sink {
  private static final long RETRY_OPEN_NANOS = TimeUnit.MILLISECONDS.toNanos(10);

  private final SqliteConfig config;
  private @Nullable Connection connection;
  private @Nullable Inserts inserts;
  private DatabaseFile file = new DatabaseFile(null, null);

  /** Segments of the journal whose positions go with the next transaction. */
  private final List<String> forgotten = new ArrayList<>();

  SqliteSink(SqliteConfig config) {
    this.config = config;
  }

  @Override
  public void open(Schema schema) throws SinkException {
    try {
      prepare(schema);
    } catch (SQLException e) {
      disconnect(e);
      throw Failures.ofOpen(config.database(), e);
    } catch (Throwable t) {
      disconnect(t);
      throw t;
    }
  }

  @Override
  public void write(RecordBatch batch) throws SinkException {
    try {
      Inserts ready = inserts == null ? prepare(batch.schema()) : inserts;
      file.requireInPlace();
      ready.store(batch, forgotten);
      forgotten.clear();
    } catch (SQLException e) {
      rollBack(e);
      boolean faultOfRecords =
          Failures.isFaultOfRecords(e)
              || (Failures.isFaultOfStatement(e) && canPrepare(batch.schema(), e));
      String table = table(batch.schema());
      throw faultOfRecords
          ? Failures.ofRecords(config.database(), table, e)
          : Failures.ofWrite(config.database(), table, e);
    } catch (Throwable t) {
      rollBack(t);
      throw t;
    }
  }

  @Override
  public BitSet stored(String segment) throws SinkException {
    try {
      return Positions.stored(Objects.requireNonNull(connection), segment);
    } catch (SQLException e) {
      throw Failures.ofOpen(config.database(), e);
    }
  }

  @Override
  public void forget(String segment) {
    forgotten.add(segment);
  }

  private Inserts prepare(Schema schema) throws SQLException, SinkException {
    Connection current = connection == null ? connect() : connection;
    connection = current;
    String table = table(schema);
    if (table.equalsIgnoreCase(Positions.TABLE)) {
      throw SinkException.permanent(
          "SQLite database "
              + config.database()
              + ": the table '"
              + table
              + "' is where the sink notes what it has stored of a journal. Name another one");
    }
    execute(current, "BEGIN IMMEDIATE");
    Table.create(current, table, schema);
    Table.check(current, config.database(), table, schema);
    Table.checkWritable(current, table);
    execute(current, "COMMIT");
    Inserts ready = new Inserts(current, Table.quoted(table), schema);
    inserts = ready;
    return ready;
  }

  /** Tells whether the statement is right for the table as it is now, and for its triggers. */
  private boolean canPrepare(Schema schema, SQLException failure) {
    if (connection == null) {
      return false;
    }
    try {
      new Inserts(connection, Table.quoted(table(schema)), schema).close(failure);
      return true;
    } catch (SQLException e) {
      return false;
    }
  }

  private String table(Schema schema) {
    return config.table().orElse(schema.name());
  }

  private Connection connect() throws SQLException, SinkException {
    DatabaseFile.prepare(config);
    SQLiteConfig driver = new SQLiteConfig();
    // One thread uses the connection; SQLite would take a lock for each value.
    driver.setOpenMode(SQLiteOpenMode.NOMUTEX);
    // Or the driver asks for the last row's id after each statement.
    driver.setGetGeneratedKeys(false);
    SQLiteConnection opened = (SQLiteConnection) driver.createConnection(config.jdbcUrl());
    try {
      BusyHandler.setHandler(opened, new LockWait(config.busyTimeoutMillis()));
      setJournalMode(opened);
      file = DatabaseFile.of(opened);
      // Or the driver tries to commit after each statement.
      opened.getConnectionConfig().setAutoCommit(false);
      return opened;
    } catch (Throwable t) {
      close(opened, t);
      throw t;
    }
  }

  /** Changes the journal mode, for which SQLite waits for no lock by itself. */
  private void setJournalMode(Connection opened) throws SQLException, SinkException {
    long start = System.nanoTime();
    while (true) {
      try (Statement statement = opened.createStatement()) {
        statement.execute("PRAGMA synchronous=" + config.synchronous());
        try (ResultSet mode =
            statement.executeQuery("PRAGMA journal_mode=" + config.journalMode())) {
          checkJournalMode(mode.getString(1));
        }
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
  private void checkJournalMode(String actual) throws SinkException {
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

  /** Takes back what is not committed, as far as the failure has not done that already. */
  private void rollBack(Throwable failure) {
    if (inserts != null) {
      inserts.close(failure);
      inserts = null;
    }
    Connection current = connection;
    if (current == null) {
      return;
    }
    boolean broken = failure instanceof SQLException e && Failures.isFaultOfConnection(e);
    try {
      execute(current, "ROLLBACK");
    } catch (SQLException e) {
      if (!String.valueOf(e.getMessage()).contains("no transaction is active")) {
        failure.addSuppressed(e);
        broken = true;
      }
    }
    if (broken && !config.inMemory()) {
      disconnect(failure);
    }
  }

  private static void execute(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  private void disconnect(Throwable failure) {
    Connection last = connection;
    connection = null;
    inserts = null;
    if (last != null) {
      close(last, failure);
    }
  }

  private static void close(Connection connection, Throwable failure) {
    try {
      connection.close();
    } catch (SQLException e) {
      failure.addSuppressed(e);
    }
  }

  @Override
  public void close() throws SQLException {
    Connection last = connection;
    connection = null;
    inserts = null;
    if (last != null) {
      try (last) {
        forgetRest(last);
      }
    }
  }

  /** Without waiting for a lock: it is nothing to hold an exit up for. */
  private void forgetRest(Connection last) throws SQLException {
    if (!forgotten.isEmpty()) {
      BusyHandler.clearHandler(last);
      execute(last, "BEGIN IMMEDIATE");
      Positions.forget(last, forgotten);
      execute(last, "COMMIT");
    }
  }
}
