package dev.ingest.jdbc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ingest.record.JournalPosition;
import dev.ingest.record.RecordBatch;
import dev.ingest.record.Schema;
import dev.ingest.sink.Sink;
import dev.ingest.sink.SinkConfig;
import dev.ingest.sink.SinkException;
import dev.ingest.testing.TestBatch;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.StringJoiner;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What is the same in every database that is none of PostgreSQL's. */
abstract class GenericSinkTests {
  static final Schema SCHEMA =
      Schema.builder("things")
          .integer("i")
          .optional()
          .real("r")
          .optional()
          .text("t")
          .optional()
          .bool("b")
          .optional()
          .timestamp("at")
          .optional()
          .json("j")
          .optional()
          .build();

  private final TestBatch batches = new TestBatch(SCHEMA);
  private final List<Sink> opened = new ArrayList<>();

  /** Returns the URI of a sink with a pool of its own, and with an option at its end. */
  abstract String uri();

  abstract Connection connect() throws SQLException;

  /** Returns a name as it stands in SQL. */
  abstract String quoted(String name);

  @AfterEach
  final void closeAll() throws Exception {
    for (Sink sink : opened) {
      sink.close();
    }
  }

  final Sink open(String options) throws Exception {
    Sink sink = new JdbcSinkProvider().create(SinkConfig.parse(uri() + options));
    opened.add(sink);
    sink.open(SCHEMA);
    return sink;
  }

  final RecordBatch batch(String... records) {
    return batches.of(records);
  }

  final RecordBatch at(String segment, int line, int count) {
    return batches.at(
        new JournalPosition(segment, line),
        IntStream.range(line, line + count)
            .mapToObj(i -> "{\"i\":" + i + "}")
            .toArray(String[]::new));
  }

  final void execute(String sql) throws SQLException {
    try (Connection connection = connect();
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  final List<String> rows(String sql) throws SQLException {
    List<String> rows = new ArrayList<>();
    try (Connection connection = connect();
        Statement statement = connection.createStatement();
        ResultSet result = statement.executeQuery(sql)) {
      while (result.next()) {
        StringJoiner row = new StringJoiner("|");
        for (int column = 1; column <= result.getMetaData().getColumnCount(); column++) {
          row.add(result.getString(column));
        }
        rows.add(row.toString());
      }
    }
    return rows;
  }

  final String column(String name) {
    return "SELECT " + quoted(name) + " FROM " + quoted("things");
  }

  final SinkException failure(Sink sink, RecordBatch batch) {
    return assertThrows(SinkException.class, () -> sink.write(batch));
  }

  @Test
  void numbers_and_texts_are_read_back_as_they_came() throws Exception {
    open("")
        .write(
            batch(
                "{\"i\":9223372036854775807,\"r\":1.7976931348623157e308,\"b\":true,\"t\":\"\"}",
                "{\"i\":-9223372036854775808,\"r\":-4.9e-324,\"b\":false}",
                "{\"i\":0,\"r\":21.400000000000002}",
                "{\"t\":\"a\\u0000'\\\"\\\\%_\\r\\n\\t\uD83D\uDE00\u00e4?\"}",
                "{\"j\":{\"a\":[1,null,\"?'\\\\\"]}}"));
    try (Connection connection = connect();
        Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery("SELECT * FROM " + quoted("things"))) {
      assertTrue(rows.next());
      assertEquals(Long.MAX_VALUE, rows.getLong("i"));
      assertEquals(Double.MAX_VALUE, rows.getDouble("r"));
      assertTrue(rows.getBoolean("b"));
      assertEquals("", rows.getString("t"));
      assertTrue(rows.next());
      assertEquals(Long.MIN_VALUE, rows.getLong("i"));
      assertEquals(-Double.MIN_VALUE, rows.getDouble("r"));
      assertFalse(rows.getBoolean("b") || rows.wasNull());
      assertEquals(null, rows.getString("t"));
      assertTrue(rows.next());
      assertEquals(21.400000000000002, rows.getDouble("r"));
      assertTrue(rows.next());
      assertEquals("a\0'\"\\%_\r\n\t\uD83D\uDE00\u00e4?", rows.getString("t"));
      assertTrue(rows.next());
      assertEquals("{\"a\":[1,null,\"?'\\\\\"]}", rows.getString("j"));
      assertFalse(rows.next());
    }
  }

  @Test
  void a_value_that_does_not_fit_its_column_is_the_records_fault() throws Exception {
    String columns = "i smallint, r double precision, t varchar(3), b boolean, j varchar(9)";
    execute("CREATE TABLE " + quoted("things") + " (" + columns + ", at varchar(40))");
    Sink sink = open("");
    for (String bad : List.of("{\"i\":32768}", "{\"t\":\"four\"}", "{\"j\":[1,2,3,4,5]}")) {
      SinkException failure = failure(sink, batch("{\"i\":1}", bad));
      assertFalse(failure.isRetryable(), failure::getMessage);
    }
    sink.write(batch("{\"i\":32767,\"t\":\"abc\"}"));
    assertEquals(List.of("32767"), rows("SELECT i FROM " + quoted("things")));
  }

  @Test
  void a_table_without_a_column_for_a_field_is_named_and_can_be_put_right() throws Exception {
    execute("CREATE TABLE " + quoted("things") + " (" + quoted("i") + " bigint)");
    SinkException wrong = assertThrows(SinkException.class, () -> open(""));
    assertTrue(wrong.isRetryable());
    assertTrue(wrong.getMessage().contains("has no column [r]"), wrong::getMessage);
    assertTrue(wrong.getMessage().contains("the table 'things'"), wrong::getMessage);
  }

  @Test
  void a_table_that_wants_a_value_that_the_schema_does_not_have_is_refused() throws Exception {
    open("").write(batch("{\"i\":1}"));
    execute("DELETE FROM " + quoted("things"));
    execute("ALTER TABLE " + quoted("things") + " ADD " + quoted("more") + " integer NOT NULL");
    SinkException wrong = assertThrows(SinkException.class, () -> open(""));
    assertTrue(wrong.getMessage().contains("needs a value for [more]"), wrong::getMessage);
  }

  @Test
  void a_table_that_was_dropped_is_made_again() throws Exception {
    Sink sink = open("");
    sink.write(batch("{\"i\":1}"));
    execute("DROP TABLE " + quoted("things"));
    assertTrue(failure(sink, batch("{\"i\":2}")).isRetryable());
    sink.write(batch("{\"i\":2}"));
    assertEquals(List.of("2"), rows(column("i")));
  }

  @Test
  void the_table_of_positions_that_was_dropped_is_made_again() throws Exception {
    Sink sink = open("");
    sink.write(at("a", 0, 10));
    execute("DROP TABLE " + quoted("ingest_journal"));
    assertTrue(failure(sink, at("a", 10, 10)).isRetryable());
    sink.write(at("a", 10, 10));
    assertEquals(20, rows(column("i")).size());
  }

  @Test
  void ranges_that_follow_one_another_are_one_row() throws Exception {
    Sink sink = open("");
    sink.write(at("a", 0, 10));
    sink.write(at("a", 10, 10));
    sink.write(at("a", 30, 5));
    sink.write(at("b", 0, 5));
    sink.write(at("a", 15, 20)); // and here something is missing in the middle
    String journal =
        "SELECT * FROM "
            + quoted("ingest_journal")
            + " WHERE first_line >= 0 ORDER BY segment, first_line";
    assertEquals(List.of("a|0|20", "a|20|10", "a|30|5", "b|0|5"), rows(journal));
    assertEquals(40, rows(column("i")).size());
    sink.forget("a");
    assertEquals(List.of("b|0|5"), rows(journal));
    assertTrue(sink.stored("a").isEmpty());
  }

  @Test
  void a_server_without_a_spool_makes_no_table_for_it() throws Exception {
    Sink sink = open("");
    sink.write(batch("{\"i\":1}"));
    sink.forget("a");
    assertTrue(sink.stored("a").isEmpty());
    assertThrows(SQLException.class, () -> rows("SELECT * FROM " + quoted("ingest_journal")));
  }

  @Test
  void a_batch_of_many_rows_is_stored_as_a_whole_or_not_at_all() throws Exception {
    Sink sink = open("");
    String[] records =
        IntStream.range(0, 4_001).mapToObj(i -> "{\"i\":" + i + "}").toArray(String[]::new);
    sink.write(batch(records));
    assertEquals(List.of("4001|8002000"), rows(sums()));
    execute(
        "ALTER TABLE "
            + quoted("things")
            + " ADD CONSTRAINT refuse CHECK ("
            + quoted("i")
            + " <> 5000)");
    records[4_000] = "{\"i\":5000}";
    assertFalse(failure(sink, batch(records)).isRetryable());
    assertEquals(List.of("4001|8002000"), rows(sums()));
  }

  private String sums() {
    return "SELECT count(*), sum(" + quoted("i") + ") FROM " + quoted("things");
  }

  @Test
  void its_table_is_no_table_for_records() {
    SinkException refused = assertThrows(SinkException.class, () -> open("&table=ingest_journal"));
    assertFalse(refused.isRetryable());
    assertTrue(refused.getMessage().contains("'ingest_journal'"), refused::getMessage);
  }
}
