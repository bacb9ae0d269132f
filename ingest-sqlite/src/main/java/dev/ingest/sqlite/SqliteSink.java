package dev.ingest.sqlite;

import dev.ingest.record.RecordBatch;
import dev.ingest.record.Schema;
import dev.ingest.sink.Sink;
import dev.ingest.sink.SinkException;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.sqlite.BusyHandler;

/**
 * Writes each batch in one transaction. The transaction takes the write lock at its beginning, so
 * that two processes that write to one file wait for each other and never meet in the middle.
 *
 * <p>After a failure that may be the connection's fault, the next write opens a new one, unless
 * that would lose a database in memory.
 */
final class SqliteSink implements Sink {
  private static final long RETRY_OPEN_NANOS = TimeUnit.MILLISECONDS.toNanos(10);

  private final SqliteConfig config;
  private @Nullable Schema schema;
  private @Nullable Session session;

  /** A connection and what is prepared on it. */
  private record Session(
      Connection connection, PreparedStatement begin, PreparedStatement commit, Inserts inserts) {}

  SqliteSink(SqliteConfig config) {
    this.config = config;
  }

  @Override
  public void open(Schema schema) throws SinkException {
    this.schema = schema;
    session = connect(schema);
  }

  private String table(Schema schema) {
    return config.table().orElse(schema.name());
  }

  private Session connect(Schema schema) throws SinkException {
    try {
      Connection connection = DriverManager.getConnection(config.jdbcUrl());
      try {
        BusyHandler.setHandler(connection, new LockWait(config.busyTimeoutMillis()));
        setJournalMode(connection);
        return prepare(connection, schema);
      } catch (Throwable t) {
        close(connection, t);
        throw t;
      }
    } catch (SQLException e) {
      throw Failures.ofOpen(config.database(), e);
    }
  }

  /** Changes the journal mode, for which SQLite waits for no lock by itself. */
  private void setJournalMode(Connection connection) throws SQLException {
    long start = System.nanoTime();
    while (true) {
      try (Statement statement = connection.createStatement()) {
        statement.execute("PRAGMA journal_mode=" + config.journalMode());
        statement.execute("PRAGMA synchronous=" + config.synchronous());
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

  private Session prepare(Connection connection, Schema schema) throws SQLException, SinkException {
    String table = table(schema);
    PreparedStatement begin = connection.prepareStatement("BEGIN IMMEDIATE");
    PreparedStatement commit = connection.prepareStatement("COMMIT");
    begin.execute(); // fails here, and not at the first write, if the file is read-only
    Table.create(connection, table, schema);
    Table.check(connection, config.database(), table, schema);
    commit.execute();
    return new Session(
        connection, begin, commit, new Inserts(connection, Table.quoted(table), schema));
  }

  @Override
  public void write(RecordBatch batch) throws SinkException {
    Session current = session;
    if (current == null) {
      current = reconnect();
    }
    try {
      current.begin().execute();
      current.inserts().insert(batch);
      current.commit().execute();
    } catch (SQLException e) {
      rollBack(current, e);
      if (Failures.isFaultOfConnection(e) && !config.inMemory()) {
        disconnect(e);
      }
      throw Failures.ofWrite(config.database(), table(batch.schema()), e);
    } catch (Throwable t) {
      rollBack(current, t);
      throw t;
    }
  }

  private Session reconnect() throws SinkException {
    try {
      Session next = connect(Objects.requireNonNull(schema, "schema"));
      session = next;
      return next;
    } catch (SinkException e) {
      // It was open before, and may be again.
      throw new SinkException(Objects.requireNonNullElse(e.getMessage(), e.toString()), true, e);
    }
  }

  /** Takes back what is not committed. Some failures have done that already. */
  private void rollBack(Session current, Throwable failure) {
    try (Statement statement = current.connection().createStatement()) {
      statement.execute("ROLLBACK");
    } catch (SQLException e) {
      if (!String.valueOf(e.getMessage()).contains("no transaction is active")) {
        failure.addSuppressed(e);
        if (!config.inMemory()) {
          disconnect(failure);
        }
      }
    }
  }

  private void disconnect(Throwable failure) {
    Session last = session;
    session = null;
    if (last != null) {
      close(last.connection(), failure);
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
    Session last = session;
    session = null;
    if (last != null) {
      last.connection().close();
    }
  }
}
