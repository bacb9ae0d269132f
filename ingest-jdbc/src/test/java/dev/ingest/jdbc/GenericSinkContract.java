package dev.ingest.jdbc;

import dev.ingest.sink.Sink;
import dev.ingest.testkit.SinkContract;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/** The contract on a database that is none of PostgreSQL's, with one outcome of a broken commit. */
abstract class GenericSinkContract extends SinkContract {
  private final BreakingSource.Outcome outcome;
  private DataSource database;
  private BreakingSource source;
  private Connection locker;

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
  protected List<Long> storedIds() throws SQLException {
    List<Long> ids = new ArrayList<>();
    try (Connection connection = database.getConnection();
        Statement statement = connection.createStatement();
        ResultSet rows =
            statement.executeQuery("SELECT " + quoted("id") + " FROM " + quoted("contract"))) {
      while (rows.next()) {
        ids.add(rows.getLong(1));
      }
    }
    return ids;
  }

  @Override
  protected boolean refuse(long id, boolean refused) throws SQLException {
    String table = "ALTER TABLE " + quoted("contract");
    execute(
        refused
            ? table + " ADD CONSTRAINT refuse CHECK (" + quoted("id") + " <> " + id + ")"
            : table + " DROP CONSTRAINT refuse");
    return true;
  }

  final void execute(String sql) throws SQLException {
    try (Connection connection = database.getConnection();
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  @Override
  protected boolean block(boolean blocked) throws SQLException {
    if (blocked) {
      locker = database.getConnection();
      locker.setAutoCommit(false);
      try (Statement statement = locker.createStatement()) {
        statement.execute(
            "UPDATE " + quoted("ingest_journal") + " SET line_count = line_count + 0");
        statement.execute("DELETE FROM " + quoted("ingest_journal") + " WHERE first_line < -1");
      }
    } else {
      locker.rollback();
      locker.close();
    }
    return true;
  }

  @Override
  protected boolean breakDuringCommit() {
    source.breakCommit(outcome);
    return true;
  }

  @Override
  protected void settle() throws InterruptedException {
    source.settle();
  }
}
