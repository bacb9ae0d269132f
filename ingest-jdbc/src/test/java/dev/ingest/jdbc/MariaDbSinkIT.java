package dev.ingest.jdbc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ingest.sink.Sink;
import dev.ingest.sink.SinkConfig;
import dev.ingest.sink.SinkException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.LocalDateTime;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MariaDbSinkIT extends GenericSinkTests {
  @TempDir static Path directory;
  private static MariaDbServer server;

  @BeforeAll
  static void start() throws Exception {
    server = MariaDbServer.start(directory);
  }

  @AfterAll
  static void stop() throws Exception {
    if (server != null) {
      server.close();
    }
  }

  @BeforeEach
  void clear() throws SQLException {
    server.execute("DROP TABLE IF EXISTS things", "DROP TABLE IF EXISTS ingest_journal");
  }

  @Override
  String uri() {
    return server.url() + "?user=" + server.user() + "&password=" + server.password();
  }

  @Override
  Connection connect() throws SQLException {
    return server.connect();
  }

  @Override
  String quoted(String name) {
    return '`' + name + '`';
  }

  @Test
  void times_are_rounded_to_the_microsecond_and_stored_in_utc() throws Exception {
    open("")
        .write(
            batch(
                "{\"at\":-9223372036.854775808}",
                "{\"at\":9223372036.854775807}",
                "{\"at\":-0.0000005}",
                "{\"at\":-0.000000501}",
                "{\"at\":1751715061.123456499}",
                "{\"at\":1751715061.1234565}"));
    try (Connection connection = connect();
        Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(column("at"))) {
      for (String expected :
          new String[] {
            "1677-09-21T00:12:43.145224",
            "2262-04-11T23:47:16.854776",
            "1970-01-01T00:00:00",
            "1969-12-31T23:59:59.999999",
            "2025-07-05T11:31:01.123456",
            "2025-07-05T11:31:01.123457"
          }) {
        assertTrue(rows.next());
        assertEquals(LocalDateTime.parse(expected), rows.getObject(1, LocalDateTime.class));
      }
    }
  }

  @Test
  void a_record_that_a_trigger_refuses_is_at_fault() throws Exception {
    Sink sink = open("");
    execute(
        "CREATE TRIGGER refuse BEFORE INSERT ON things FOR EACH ROW"
            + " IF NEW.i = 13 THEN SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'refused'; END IF");
    SinkException failure = failure(sink, batch("{\"i\":1}", "{\"i\":13}"));
    assertFalse(failure.isRetryable());
    assertTrue(failure.getMessage().contains("refused"), failure::getMessage);
    sink.write(batch("{\"i\":1}"));
    assertEquals(1, rows(column("i")).size());
  }

  @Test
  void a_table_without_transactions_is_refused() throws Exception {
    open("").close();
    execute("ALTER TABLE things ENGINE=MyISAM");
    SinkException failure = assertThrows(SinkException.class, () -> open(""));
    assertTrue(failure.getMessage().contains("ENGINE=InnoDB"), failure::getMessage);
    assertTrue(failure.isRetryable());
  }

  /** Its rows would survive those of the records, which would then be taken for stored. */
  @Test
  void a_table_of_positions_without_transactions_is_refused() throws Exception {
    Sink sink = open("");
    sink.write(at("s", 0, 10));
    execute("ALTER TABLE ingest_journal ENGINE=MyISAM");
    Sink next = open("");
    SinkException failure = failure(next, at("s", 10, 10));
    assertTrue(failure.getMessage().contains("ENGINE=InnoDB"), failure::getMessage);
    assertTrue(failure.isRetryable());
    execute("ALTER TABLE ingest_journal ENGINE=InnoDB");
    next.write(at("s", 10, 10));
    assertEquals(20, rows(column("i")).size());
  }

  @Test
  void a_server_that_would_alter_values_is_refused() {
    SinkException failure =
        assertThrows(SinkException.class, () -> open("&sessionVariables=sql_mode=''"));
    assertTrue(failure.getMessage().contains("STRICT_TRANS_TABLES"), failure::getMessage);
  }

  @Test
  void a_column_whose_times_depend_on_the_session_is_refused() throws Exception {
    open("").close();
    execute("ALTER TABLE things MODIFY at timestamp(6) NULL");
    SinkException failure = assertThrows(SinkException.class, () -> open(""));
    assertTrue(failure.getMessage().contains("datetime(6)"), failure::getMessage);
  }

  @Test
  void a_batch_that_is_more_than_the_server_takes_at_once_is_stored() throws Exception {
    String[] records = new String[320];
    Arrays.fill(records, "{\"t\":\"" + "'".repeat(60_000) + "\"}");
    open("").write(batch(records)); // 38 MB as SQL, and the server takes 16
    assertEquals(List.of("320|60000"), rows("SELECT count(*), min(length(t)) FROM things"));
  }

  @Test
  void a_server_that_takes_too_little_at_once_is_refused() throws Exception {
    String before = rows("SELECT @@global.max_allowed_packet").get(0);
    execute("SET GLOBAL max_allowed_packet = 4194304");
    try {
      SinkException failure = assertThrows(SinkException.class, () -> open(""));
      assertTrue(
          failure.getMessage().contains("max_allowed_packet is 4194304"), failure::getMessage);
    } finally {
      execute("SET GLOBAL max_allowed_packet = " + before);
    }
  }

  @Test
  void a_connection_that_the_server_ends_is_replaced() throws Exception {
    Sink sink = open("");
    sink.write(at("a", 0, 10));
    for (String id :
        rows(
            "SELECT id FROM information_schema.processlist"
                + " WHERE db = 'test' AND id <> connection_id()")) {
      execute("KILL CONNECTION " + id);
    }
    SinkException failure = null;
    try {
      sink.write(at("a", 10, 10));
    } catch (SinkException e) {
      failure = e;
      sink.write(at("a", 10, 10));
    }
    assertTrue(failure == null || failure.isRetryable(), () -> "it is no record's fault");
    assertEquals(20, rows(column("i")).size());
  }

  @Test
  void an_option_that_the_driver_does_not_know_is_named() {
    IllegalArgumentException failure =
        assertThrows(IllegalArgumentException.class, () -> open("&sokcetTimeout=1"));
    assertTrue(failure.getMessage().contains("the unknown option number 3"), failure::getMessage);
    assertTrue(failure.getMessage().contains("socketTimeout"), failure::getMessage);
  }

  @Test
  void a_wrong_password_is_reported_without_it() {
    String wrong = "wrong-5561";
    SinkException failure =
        assertThrows(
            SinkException.class,
            () -> {
              Sink sink =
                  new JdbcSinkProvider()
                      .create(
                          SinkConfig.parse(
                              server.url() + "?user=" + server.user() + "&password=" + wrong));
              sink.open(SCHEMA);
            });
    StringWriter text = new StringWriter();
    failure.printStackTrace(new PrintWriter(text));
    assertFalse(text.toString().contains(wrong), text::toString);
    assertTrue(failure.isRetryable());
    assertTrue(failure.getMessage().contains("Access denied"), failure::getMessage);
  }
}
