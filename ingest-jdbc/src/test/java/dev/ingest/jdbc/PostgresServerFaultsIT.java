package dev.ingest.jdbc;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ingest.jdbc.testing.PostgresDatabase;
import dev.ingest.jdbc.testing.PostgresServer;
import dev.ingest.sink.SinkException;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a sink makes of a server that cannot store now: a failure that a retry may help. */
class PostgresServerFaultsIT {
  private static PostgresServer server;

  private static final String TERMINATE =
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database()"
          + " AND pid <> pg_backend_pid()";

  private PostgresDatabase database;
  private WriterThread sink;

  @BeforeAll
  static void start() throws Exception {
    server = PostgresServer.start("max_connections=12", "superuser_reserved_connections=0");
  }

  @AfterAll
  static void end() throws Exception {
    server.close();
  }

  @BeforeEach
  void open() throws Exception {
    database = server.newDatabase();
    sink = Writing.opened(database, "lock_timeout=50");
    sink.write(Writing.lines("s", 0, 10));
  }

  @AfterEach
  void close() throws Exception {
    sink.close();
    database.close();
  }

  private void assertRetryable(String named) throws Exception {
    SinkException failure =
        assertThrows(SinkException.class, () -> sink.write(Writing.lines("s", 10, 20)));
    assertTrue(failure.isRetryable(), failure::toString);
    assertTrue(failure.getMessage().contains(named), failure.getMessage());
    assertTrue(failure.getMessage().contains("'t'"), failure.getMessage());
  }

  private void assertStoredAgain() throws Exception {
    Writing.writeAtLast(sink, Writing.lines("s", 10, 20));
    assertEquals("20|20", Writing.counts(database));
  }

  @Test
  void a_lock_that_is_held_for_too_long() throws Exception {
    try (Connection other = database.connect();
        Statement statement = other.createStatement()) {
      other.setAutoCommit(false);
      statement.execute("LOCK TABLE t");
      assertRetryable("lock_timeout");
    }
    assertStoredAgain();
  }

  @Test
  void a_table_that_was_dropped_is_made_anew() throws Exception {
    database.execute("DROP TABLE t");
    Writing.writeAtLast(sink, Writing.lines("s", 10, 20));
    assertEquals("10|10", Writing.counts(database));
  }

  @Test
  void a_journal_table_that_was_dropped_is_made_anew() throws Exception {
    database.execute("DROP TABLE ingest_journal");
    assertStoredAgain();
    assertEquals("{[10,20)}", database.row("SELECT lines FROM ingest_journal"));
  }

  @Test
  void a_column_that_was_added_renamed_or_changed() throws Exception {
    database.execute("ALTER TABLE t ADD extra text DEFAULT 'x'");
    assertStoredAgain();
    database.execute("ALTER TABLE t ALTER i TYPE numeric");
    Writing.writeAtLast(sink, Writing.lines("s", 20, 30));
    assertEquals("30|30", Writing.counts(database));
    database.execute("ALTER TABLE t RENAME i TO k");
    SinkException failure = null;
    for (int attempt = 0; attempt < 3; attempt++) {
      failure = assertThrows(SinkException.class, () -> sink.write(Writing.lines("s", 30, 40)));
      assertTrue(failure.isRetryable(), failure::toString);
    }
    assertTrue(failure.getMessage().contains("'t'"), failure.getMessage());
    database.execute("ALTER TABLE t RENAME k TO i");
    Writing.writeAtLast(sink, Writing.lines("s", 30, 40));
    assertEquals("40|40", Writing.counts(database));
  }

  @Test
  void a_server_that_is_read_only() throws Exception {
    String name = database.row("SELECT current_database()");
    database.execute("ALTER DATABASE " + name + " SET default_transaction_read_only = on");
    database.execute(TERMINATE);
    await().atMost(Writing.SOON).untilAsserted(() -> assertRetryable("read-only"));
    try (Connection connection = database.connect();
        Statement statement = connection.createStatement()) {
      statement.execute("SET default_transaction_read_only = off");
      statement.execute("ALTER DATABASE " + name + " RESET default_transaction_read_only");
    }
    database.execute(TERMINATE);
    assertStoredAgain();
  }

  @Test
  void a_server_without_a_connection_to_spare() throws Exception {
    database.execute(TERMINATE);
    List<Connection> all = new ArrayList<>();
    try {
      assertThrows(
          SQLException.class,
          () -> {
            while (true) {
              all.add(database.connect());
            }
          });
      await().atMost(Writing.SOON).untilAsserted(() -> assertRetryable("limit of connections"));
    } finally {
      for (Connection one : all) {
        one.close();
      }
    }
    assertStoredAgain();
  }

  @Test
  void a_trigger_that_raises_an_exception_refuses_its_records_for_good() throws Exception {
    database.execute(
        "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF NEW.i = 13 THEN"
            + " RAISE EXCEPTION 'unlucky'; END IF; RETURN NEW; END $$",
        "CREATE TRIGGER refuse BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION refuse()");
    SinkException failure =
        assertThrows(SinkException.class, () -> sink.write(Writing.lines("s", 10, 20)));
    assertFalse(failure.isRetryable(), failure::toString);
    assertTrue(failure.getMessage().contains("unlucky"), failure.getMessage());
    sink.write(Writing.lines("s", 10, 13));
    sink.write(Writing.lines("s", 14, 20));
    assertEquals("19|19", Writing.counts(database));
  }

  @Test
  void a_trigger_that_names_a_missing_table_is_not_the_fault_of_records() throws Exception {
    database.execute(
        "CREATE FUNCTION audit() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO log"
            + " VALUES (NEW.i); RETURN NEW; END $$",
        "CREATE TRIGGER audit AFTER INSERT ON t FOR EACH ROW EXECUTE FUNCTION audit()");
    assertRetryable("log");
    database.execute("CREATE TABLE log (i bigint)");
    assertStoredAgain();
  }

  @Test
  void a_user_without_the_privilege() throws Exception {
    String role = "limited_" + database.row("SELECT current_database()");
    database.execute("CREATE ROLE " + role + " LOGIN PASSWORD 'limited'");
    WriterThread limited =
        Writing.sink(database.url() + "?table=t&user=" + role + "&password=limited");
    SinkException failure = assertThrows(SinkException.class, () -> limited.open(Writing.SCHEMA));
    assertTrue(failure.isRetryable(), failure::toString);
    assertTrue(failure.getMessage().contains("INSERT"), failure.getMessage());
    database.execute("GRANT INSERT ON t TO " + role);
    limited.open(Writing.SCHEMA);
    database.execute("REVOKE INSERT ON t FROM " + role);
    failure = assertThrows(SinkException.class, () -> limited.write(Writing.batch(10, 20)));
    assertTrue(failure.isRetryable(), failure::toString);
    assertTrue(failure.getMessage().contains("INSERT"), failure.getMessage());
    database.execute("GRANT INSERT ON t TO " + role);
    Writing.writeAtLast(limited, Writing.batch(10, 20));
    limited.close();
    assertEquals("20|20", Writing.counts(database));
    database.execute("DROP OWNED BY " + role, "DROP ROLE " + role);
  }

  @Test
  void a_server_that_is_stopped_and_comes_back() throws Exception {
    server.stopImmediately();
    try {
      assertRetryable("Start the server");
    } finally {
      server.restart();
    }
    assertStoredAgain();
  }

  /** As a cable that is cut: neither side hears of it. The driver's own limit of time ends it. */
  @Test
  void a_network_that_is_silent_ends_a_write_after_its_timeout() throws Exception {
    try (CutProxy proxy = new CutProxy(database.port())) {
      WriterThread behind = Writing.opened(database.through(proxy.port()), "write_timeout=200");
      behind.write(Writing.lines("x", 100, 110));
      proxy.freeze();
      SinkException failure =
          assertThrows(SinkException.class, () -> behind.write(Writing.lines("x", 110, 120)));
      assertTrue(failure.isRetryable(), failure::toString);
      proxy.thaw();
      Writing.writeAtLast(behind, Writing.lines("x", 110, 120));
      behind.close();
      assertEquals("30|30", Writing.counts(database));
    }
  }

  @Test
  void no_thread_and_no_connection_is_left_after_a_close_or_an_open_that_failed() throws Exception {
    sink.close();
    await().atMost(Writing.SOON).until(() -> database.backends("true").isEmpty());
    WriterThread wrong = Writing.sink(database.url() + "?user=nobody&password=wrong&table=t");
    SinkException failure = assertThrows(SinkException.class, () -> wrong.open(Writing.SCHEMA));
    assertTrue(failure.isRetryable(), failure::toString);
    await()
        .atMost(Writing.SOON)
        .until(
            () ->
                Thread.getAllStackTraces().keySet().stream()
                    .noneMatch(
                        thread ->
                            thread.getName().startsWith("ingest-jdbc")
                                || thread.getName().contains("Hikari")));
    sink = Writing.opened(database, "lock_timeout=50");
  }
}
