package dev.ingest.jdbc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ingest.sink.Sink;
import dev.ingest.sink.SinkException;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class H2SinkIT extends GenericSinkTests {
  private final String name = "h2:mem:" + UUID.randomUUID();

  @Override
  String uri() {
    return "jdbc:" + name + "?DB_CLOSE_DELAY=-1&user=sa";
  }

  @Override
  Connection connect() throws SQLException {
    return DriverManager.getConnection("jdbc:" + name + ";DB_CLOSE_DELAY=-1", "sa", "");
  }

  @Override
  String quoted(String name) {
    return '"' + name + '"';
  }

  @Test
  void times_are_kept_to_the_nanosecond() throws Exception {
    open("")
        .write(
            batch(
                "{\"at\":-9223372036.854775808}",
                "{\"at\":9223372036.854775807}",
                "{\"at\":-0.000000001}",
                "{\"at\":1751715061.123456789}"));
    try (Connection connection = connect();
        Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(column("at"))) {
      for (String expected :
          new String[] {
            "1677-09-21T00:12:43.145224192Z",
            "2262-04-11T23:47:16.854775807Z",
            "1969-12-31T23:59:59.999999999Z",
            "2025-07-05T11:31:01.123456789Z"
          }) {
        assertTrue(rows.next());
        assertEquals(Instant.parse(expected), rows.getObject(1, OffsetDateTime.class).toInstant());
      }
    }
  }

  @Test
  void names_that_were_not_quoted_when_the_table_was_made_are_found() throws Exception {
    execute(
        "CREATE TABLE things (i bigint, r real, t varchar, b boolean, at timestamp, j varchar)");
    open("&table=THINGS").write(batch("{\"i\":1,\"at\":0,\"j\":[1]}"));
    assertEquals("1|1970-01-01 00:00:00|[1]", rows("SELECT i, at, j FROM things").get(0));
  }

  @Test
  void a_lock_that_is_held_for_too_long_is_a_failure_that_a_retry_may_help() throws Exception {
    Sink sink = open("&lock_timeout=100");
    sink.write(at("a", 0, 10));
    try (Connection other = connect();
        Statement statement = other.createStatement()) {
      other.setAutoCommit(false);
      statement.execute("DELETE FROM \"ingest_journal\"");
      SinkException failure = failure(sink, at("a", 10, 10));
      assertTrue(failure.isRetryable());
      other.rollback();
    }
    sink.write(at("a", 10, 10));
    assertEquals(20, rows(column("i")).size());
  }
}
