package dev.ingest.jdbc;

import dev.ingest.sink.Sink;
import dev.ingest.testkit.SinkContract;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/** The contract on a database that is none of PostgreSQL's, with one outcome of a broken commit. */
abstract class GenericSinkContract extends SinkContract {
  private final BreakingSource.Outcome outcome;
  private DataSource database;
  private BreakingSource source;

  GenericSinkContract(BreakingSource.Outcome outcome) {
    this.outcome = outcome;
  }

  /** Makes an empty database. */
  abstract DataSource database() throws Exception;

  /** Returns a query that counts the sessions that wait for a lock. */
  abstract String waiting();

  /** Returns a name as it stands in SQL. */
  abstract String quoted(String name);

  @BeforeEach
  final void make() throws Exception {
    database = database();
    source = new BreakingSource(database, waiting());
  }

  @AfterEach
  final void end() throws Exception {
    if (source != null) {
      source.settle();
    }
  }

  @Override
  protected Sink newSink() {
    return JdbcSink.to(source);
  }

  @Override
  protected List<List<Object>> storedRows() throws SQLException {
    try (Connection connection = database.getConnection()) {
      return StoredRows.of(connection, quoted("contract"), SCHEMA);
    }
  }

  @Override
  protected AutoCloseable refuse(long id) throws SQLException {
    String table = "ALTER TABLE " + quoted("contract");
    execute(table + " ADD CONSTRAINT refuse CHECK (" + quoted("id") + " <> " + id + ")");
    return () -> execute(table + " DROP CONSTRAINT refuse");
  }

  final void execute(String sql) throws SQLException {
    try (Connection connection = database.getConnection();
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  @Override
  protected AutoCloseable block() throws SQLException {
    Connection locker = database.getConnection();
    locker.setAutoCommit(false);
    try (Statement statement = locker.createStatement()) {
      statement.execute("UPDATE " + quoted("ingest_journal") + " SET line_count = line_count + 0");
      statement.execute("DELETE FROM " + quoted("ingest_journal") + " WHERE first_line < -1");
    }
    return () -> {
      locker.rollback();
      locker.close();
    };
  }

  @Override
  protected boolean remembersPositions() {
    return true;
  }

  @Override
  protected void breakDuringCommit() {
    source.breakCommit(outcome);
  }

  @Override
  protected void settle() throws InterruptedException {
    source.settle();
  }
}
