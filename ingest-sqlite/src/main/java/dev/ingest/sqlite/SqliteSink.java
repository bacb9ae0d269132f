package dev.ingest.sqlite;

import dev.ingest.record.RecordBatch;
import dev.ingest.record.Schema;
import dev.ingest.sink.Sink;
import dev.ingest.sink.SinkException;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.sqlite.BusyHandler;
import org.sqlite.SQLiteConnection;

/**
 * Writes each batch in one transaction. The transaction takes the write lock at its beginning, so
 * that two processes that write to one file wait for each other and never meet in the middle.
 *
 * <p>A failure may leave a statement of sqlite-jdbc unusable, so after one the statements are
 * prepared anew, which also makes a table that was dropped meanwhile. If it may be the connection's
 * fault, that is opened anew, too, unless that would lose a database in memory.
 *
 * <p>Before each commit the sink looks whether the files that SQLite writes to still have their
 * names. If not, nothing of the batch is stored there; {@link RemovedLog} saves what was.
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
  private final SqliteConfig config;
  private @Nullable SQLiteConnection connection;
  private @Nullable Inserts inserts;
  private @Nullable OpenFiles files;
  private String openTable = "";
  private final LogLength logLength = new LogLength();

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
      throw Failures.ofOpen(config, e);
    } catch (Throwable t) {
      disconnect(t);
      throw t;
    }
  }

  @Override
  public void write(RecordBatch batch) throws SinkException {
    String table = table(batch.schema());
    try {
      if (store(batch)) {
        return;
      }
      // What was in the files that are gone is dealt with, so the batch goes into new ones.
      if (!store(batch)) {
        throw SinkException.retryable(
            "SQLite database "
                + config.database()
                + ": its -wal or -shm file was removed twice. Find out what removes it");
      }
    } catch (SQLException e) {
      boolean logGone = state() == OpenFiles.State.LOG_GONE;
      rollBack(e);
      boolean faultOfRecords =
          !logGone
              && (Failures.isFaultOfRecords(e)
                  || (Failures.isFaultOfStatement(e) && canPrepare(batch.schema(), e)));
      throw faultOfRecords
          ? Failures.ofRecords(config.database(), table, e)
          : Failures.ofWrite(config, table, e);
    } catch (Throwable t) {
      rollBack(t);
      throw t;
    }
  }

  /** Stores a batch, unless the -wal or -shm file is gone: then only saves what was in it. */
  private boolean store(RecordBatch batch) throws SQLException, SinkException {
    Inserts ready = inserts == null ? prepare(batch.schema()) : inserts;
    ready.insert(batch, forgotten);
    switch (state()) {
      case DATABASE_GONE -> throw Objects.requireNonNull(files).databaseGone();
      case LOG_GONE -> {
        rollBack(new IllegalStateException("nothing of the batch is stored yet"));
        if (connection != null) {
          removedLog().save(connection);
          forgetConnection();
        }
        return false;
      }
      case IN_PLACE -> ready.commit();
    }
    forgotten.clear();
    if (files != null) {
      logLength.check(files);
    }
    return true;
  }

  private OpenFiles.State state() {
    return files == null ? OpenFiles.State.IN_PLACE : files.state();
  }

  private RemovedLog removedLog() {
    return new RemovedLog(config, Objects.requireNonNull(files), openTable);
  }

  private void forgetConnection() {
    connection = null;
    inserts = null;
    files = null;
  }

  @Override
  public BitSet stored(String segment) throws SinkException {
    try {
      return Positions.stored(Objects.requireNonNull(connection), segment);
    } catch (SQLException e) {
      throw Failures.ofOpen(config, e);
    }
  }

  @Override
  public void forget(String segment) {
    forgotten.add(segment);
  }

  private Inserts prepare(Schema schema) throws SQLException, SinkException {
    String table = table(schema);
    if (table.equalsIgnoreCase(Positions.TABLE)) {
      throw SinkException.permanent(
          "SQLite database "
              + config.database()
              + ": the table '"
              + table
              + "' is where the sink notes what it has stored of a journal. Name another one");
    }
    SQLiteConnection current = connection == null ? Connections.open(config) : connection;
    connection = current;
    openTable = table;
    Connections.execute(current, "BEGIN IMMEDIATE");
    Table.create(current, table, schema);
    Table.check(current, config.database(), table, schema);
    Table.checkWritable(current, table);
    Connections.execute(current, "COMMIT");
    if (files == null) {
      try {
        files = OpenFiles.of(current, config);
      } catch (Throwable t) {
        disconnect(t);
        throw t;
      }
    }
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
    boolean broken =
        failure instanceof SQLException e
            && (Failures.isFaultOfConnection(e) || state() == OpenFiles.State.LOG_GONE);
    try {
      Connections.execute(current, "ROLLBACK");
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

  private void disconnect(Throwable failure) {
    SQLiteConnection last = connection;
    if (last != null && state() == OpenFiles.State.LOG_GONE) {
      RemovedLog removed = removedLog();
      forgetConnection();
      try {
        removed.saveOrCount(last);
      } catch (SQLException e) {
        failure.addSuppressed(e);
      }
    } else if (last != null) {
      forgetConnection();
      Connections.close(last, failure);
    }
  }

  @Override
  public void close() throws SQLException {
    SQLiteConnection last = connection;
    if (last == null) {
      return;
    }
    OpenFiles.State state = state();
    RemovedLog removed = state == OpenFiles.State.IN_PLACE ? null : removedLog();
    forgetConnection();
    if (removed == null) {
      try (last) {
        forgetRest(last);
      }
    } else if (state == OpenFiles.State.LOG_GONE) {
      removed.saveOrCount(last);
    } else {
      removed.closeMoved(last);
    }
  }

  /** Without waiting for a lock: it is nothing to hold an exit up for. */
  private void forgetRest(Connection last) throws SQLException {
    if (!forgotten.isEmpty()) {
      BusyHandler.clearHandler(last);
      Connections.execute(last, "BEGIN IMMEDIATE");
      Positions.forget(last, forgotten);
      Connections.execute(last, "COMMIT");
    }
  }
}
