package dev.ingest.jdbc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.zaxxer.hikari.HikariDataSource;
import dev.ingest.jdbc.testing.PostgresDatabase;
import dev.ingest.jdbc.testing.PostgresServer;
import dev.ingest.sink.SinkException;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.postgresql.ds.PGSimpleDataSource;

/** A pool of the host's: the sink borrows, and gives back what it got, as it was. */
class HostDataSourceIT {
  private PostgresDatabase database;
  private HikariDataSource pool;

  @BeforeEach
  void open() throws Exception {
    database = PostgresServer.shared().newDatabase();
    pool = new HikariDataSource();
    pool.setDataSource(database.dataSource());
    pool.setMaximumPoolSize(1);
  }

  @AfterEach
  void close() throws Exception {
    pool.close();
    database.close();
  }

  private WriterThread opened() throws Exception {
    WriterThread sink = new WriterThread(JdbcSink.to(pool).table("t"));
    sink.open(Writing.SCHEMA);
    return sink;
  }

  /** What another user of the connection would notice, past the pool, which resets some of it. */
  private List<Object> state() throws SQLException {
    try (Connection connection = pool.getConnection();
        Statement statement = connection.createStatement()) {
      List<Object> state = new ArrayList<>();
      state.add(connection.getAutoCommit());
      state.add(connection.getTransactionIsolation());
      state.add(connection.isReadOnly());
      state.add(connection.getNetworkTimeout());
      state.add(connection.getSchema());
      state.add(connection.getHoldability());
      try (ResultSet rows =
          statement.executeQuery(
              "SELECT name || '=' || setting FROM pg_settings WHERE name IN ('lock_timeout',"
                  + " 'statement_timeout', 'idle_in_transaction_session_timeout',"
                  + " 'synchronous_commit', 'search_path', 'application_name', 'TimeZone',"
                  + " 'tcp_keepalives_idle') ORDER BY name")) {
        while (rows.next()) {
          state.add(rows.getString(1));
        }
      }
      if (!connection.getAutoCommit()) {
        connection.rollback();
      }
      return state;
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void a_connection_comes_back_as_it_was_and_the_pool_stays_open(boolean autoCommit)
      throws Exception {
    pool.setAutoCommit(autoCommit);
    List<Object> before = state();
    Connection first = physical();
    WriterThread sink = opened();
    assertEquals(before, state(), "after open");
    sink.write(Writing.batch(0, 10));
    sink.write(Writing.lines("s", 10, 20));
    assertEquals(before, state(), "after a write");
    assertEquals("20|20", Writing.counts(database), "not committed");
    database.execute("ALTER TABLE t ADD CONSTRAINT few CHECK (i < 30)");
    assertThrows(SinkException.class, () -> sink.write(Writing.batch(25, 35)));
    assertEquals(before, state(), "after a write that was refused");
    assertEquals(20, sink.stored("s").cardinality() + 10);
    sink.forget("s");
    assertEquals(before, state(), "after the calls about segments");
    sink.close();
    assertEquals(before, state(), "after the close");
    assertFalse(pool.isClosed());
    assertSame(first, physical(), "the connection was replaced");
  }

  @ParameterizedTest
  @ValueSource(strings = {"22023", "23505", "42501", "P0001"})
  void whatever_keeps_a_connection_from_being_made_is_no_fault_of_the_records(String state)
      throws Exception {
    AtomicBoolean broken = new AtomicBoolean();
    PGSimpleDataSource refusing =
        new PGSimpleDataSource() {
          @Override
          public Connection getConnection() throws SQLException {
            if (broken.get()) {
              throw new SQLException("refused at the login", state);
            }
            return pool.getConnection();
          }
        };
    WriterThread sink = new WriterThread(JdbcSink.to(refusing).table("t"));
    sink.open(Writing.SCHEMA);
    broken.set(true);
    SinkException failure =
        assertThrows(SinkException.class, () -> sink.write(Writing.batch(0, 10)));
    assertTrue(failure.isRetryable(), failure::toString);
    broken.set(false);
    sink.write(Writing.batch(0, 10));
    assertEquals("10|10", Writing.counts(database));
    sink.close();
  }

  private Connection physical() throws SQLException {
    try (Connection connection = pool.getConnection()) {
      return connection.unwrap(org.postgresql.PGConnection.class) instanceof Connection physical
          ? physical
          : null;
    }
  }

  @Test
  void a_connection_is_borrowed_for_a_call_and_no_longer() throws Exception {
    WriterThread sink = opened();
    sink.write(Writing.batch(0, 10));
    assertEquals(0, pool.getHikariPoolMXBean().getActiveConnections());
    assertEquals(1, pool.getHikariPoolMXBean().getTotalConnections());
    sink.close();
  }

  @Test
  void a_connection_that_broke_is_replaced() throws Exception {
    WriterThread sink = opened();
    database.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname ="
            + " current_database() AND pid <> pg_backend_pid()");
    Writing.writeAtLast(sink, Writing.lines("s", 0, 10));
    sink.close();
    assertEquals("10|10", Writing.counts(database));
    assertTrue(pool.isRunning());
  }

  @Test
  void a_transaction_of_the_hosts_that_is_rolled_back_takes_nothing_of_the_sink_with_it()
      throws Exception {
    pool.setMaximumPoolSize(2);
    pool.setAutoCommit(false);
    WriterThread sink = opened();
    try (Connection mine = pool.getConnection();
        Statement statement = mine.createStatement()) {
      statement.execute("CREATE TABLE host (x integer)");
      sink.write(Writing.batch(0, 10));
      mine.rollback();
    }
    sink.close();
    assertEquals("10|10", Writing.counts(database));
  }
}
