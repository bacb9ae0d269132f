package dev.ingest.sqlite;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ingest.internal.batch.Batch;
import dev.ingest.record.Schema;
import dev.ingest.sink.Sink;
import dev.ingest.sink.SinkConfig;
import dev.ingest.sink.SinkException;
import dev.ingest.testing.TestBatch;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.Statement;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is stored, and how. */
class SqliteSinkIT {
  private static final Schema SENSORS =
      Schema.builder("sensor_measurements")
          .integer("sensor_id")
          .real("temperature")
          .real("humidity")
          .timestamp("ingested_at")
          .build();

  @TempDir Path directory;
  private final List<Sink> opened = new ArrayList<>();

  @Test
  void the_table_is_the_one_of_the_original_program() throws Exception {
    Sink sink = open(SENSORS, "");
    try (Database database = database()) {
      assertEquals(
          "CREATE TABLE sensor_measurements (sensor_id integer, temperature decimal, humidity decimal,"
              + " ingested_at timestamp)",
          database.value("SELECT sql FROM sqlite_master").replace("\"", ""));
      sink.write(
          new TestBatch(SENSORS)
              .of(
                  "{\"sensor_id\":17,\"temperature\":21.4,\"humidity\":7.9,\"ingested_at\":1751715061.1234567}"));
      assertEquals(
          "integer|real|real|real|1",
          database.value(
              "SELECT typeof(sensor_id), typeof(temperature), typeof(humidity), typeof(ingested_at),"
                  + " ingested_at = 1751715061.1234567 FROM sensor_measurements"));
      assertEquals("wal", database.value("PRAGMA journal_mode"));
    }
  }

  @Test
  void json_is_stored_as_the_text_that_came() throws Exception {
    Schema schema = Schema.builder("t").json("j").build();
    Batch batch = new Batch(schema);
    for (String json : List.of("17", "1e3", "1.0", "\"x\"", "{\"a\" : [1,\u00e9]}", "null")) {
      byte[] bytes = json.getBytes(StandardCharsets.UTF_8);
      int offset = batch.append(bytes, 0, bytes.length);
      batch.addRow();
      batch.setJson(0, offset, bytes.length);
      batch.setPayload(0, offset, bytes.length);
      batch.commit(null, 0, offset + bytes.length);
    }
    open(schema, "").write(batch.all());
    try (Database database = database()) {
      assertEquals(
          "text 17|text 1e3|text 1.0|text \"x\"|text {\"a\" : [1,\u00e9]}|text null",
          database.value("SELECT group_concat(typeof(j) || ' ' || j, '|') FROM t"));
    }
  }

  @Test
  void what_the_server_sets_is_stored_like_any_timestamp_and_text() throws Exception {
    Schema schema = Schema.builder("t").integer("i").receivedAt("at").sender("by").build();
    TestBatch batches = new TestBatch(schema);
    Sink sink = open(schema, "");
    sink.write(
        batches
            .arriving(
                Instant.parse("2025-07-05T11:31:01.125Z"), new InetSocketAddress("192.0.2.7", 9))
            .of("{\"i\":1}", "{\"i\":2,\"by\":\"me\",\"at\":0}"));
    try (Database database = database()) {
      String value = "real 1751715061.125 192.0.2.7:9";
      assertEquals(
          value + "|" + value,
          database.value(
              "SELECT group_concat(typeof(at) || ' ' || at || ' ' || \"by\", '|') FROM t"));
    }
  }

  @Test
  void values_of_every_type_come_back() throws Exception {
    Schema schema =
        Schema.builder("t")
            .integer("i")
            .real("r")
            .text("s")
            .bool("b")
            .timestamp("at")
            .text("o")
            .optional()
            .build();
    String text = "ä😀 \u0000 'quoted\" \n";
    Sink sink = open(schema, "");
    try (Database database = database();
        Statement statement = database.connection().createStatement()) {
      TestBatch batches = new TestBatch(schema);
      String tail =
          ",\"s\":\"ä😀 \\u0000 'quoted\\\" \\n\",\"b\":true,\"at\":\"1969-12-31T23:59:58.5Z\",\"o\":null}";
      for (String[] pair :
          new String[][] {
            {"9223372036854775807", "1.7976931348623157E308"},
            {"-9223372036854775808", "4.9E-324"},
            {"0", "0.1"},
            {"-1", "-123456.789"}
          }) {
        sink.write(batches.of("{\"i\":" + pair[0] + ",\"r\":" + pair[1] + tail));
        try (ResultSet row =
            statement.executeQuery("SELECT * FROM t ORDER BY rowid DESC LIMIT 1")) {
          assertEquals(Long.parseLong(pair[0]), row.getLong(1));
          assertEquals(Double.parseDouble(pair[1]), row.getDouble(2));
          assertEquals(text, row.getString(3));
          assertEquals(1, row.getInt(4));
          assertEquals(-1.5, row.getDouble(5));
          assertNull(row.getString(6));
        }
      }
    }
  }

  @Test
  void batches_of_every_size_are_stored_whole() throws Exception {
    Schema schema = Schema.builder("t").integer("i").build();
    Sink sink = open(schema, "");
    try (Database database = database()) {
      TestBatch batches = new TestBatch(schema);
      int rows = 0;
      for (int size : new int[] {1, 2, 3, 7, 8, 127, 128, 129, 511, 512, 513, 1024, 4096, 5000}) {
        int first = rows;
        sink.write(
            batches.of(
                IntStream.range(first, first + size)
                    .mapToObj(i -> "{\"i\":" + i + "}")
                    .toArray(String[]::new)));
        rows += size;
      }
      long sum = (long) rows * (rows - 1) / 2;
      assertEquals(
          rows + "|" + sum + "|" + rows,
          database.value("SELECT COUNT(*), SUM(i), COUNT(DISTINCT i) FROM t"));
    }
  }

  @Test
  void a_schema_may_be_wider_than_a_statement_of_many_rows() throws Exception {
    Schema.Builder wide = Schema.builder("wide");
    StringBuilder json = new StringBuilder("{");
    for (int i = 0; i < 600; i++) {
      wide.integer("f" + i);
      json.append(i == 0 ? "" : ",").append("\"f").append(i).append("\":").append(i);
    }
    Schema schema = wide.build();
    Sink sink = open(schema, "");
    try (Database database = database()) {
      sink.write(new TestBatch(schema).of(json + "}", json + "}"));
      assertEquals("2|599", database.value("SELECT COUNT(*), MAX(f599) FROM wide"));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"UTF-8", "UTF-16le"})
  void texts_are_stored_as_they_are_whatever_the_encoding_of_the_database(String encoding)
      throws Exception {
    Schema schema = Schema.builder("t").text("s").json("j").from("/s").build();
    List<String> texts =
        List.of("", "17", "x".repeat(5_000), "gr\u00f6\u00dfer \u6e29\ud83d\ude00", "it's \n\\");
    try (Database database = database()) {
      database.execute("PRAGMA encoding = '" + encoding + "'");
      database.execute("CREATE TABLE t (s text, j text, n integer DEFAULT 7)");
      Sink sink = open(schema, "");
      for (String text : texts) {
        String json = "\"" + text.replace("\\", "\\\\").replace("\n", "\\n") + "\"";
        sink.write(new TestBatch(schema).of("{\"s\":" + json + "}"));
        assertEquals(
            List.of("text|text|" + text + "|" + json),
            database.rows(
                "SELECT typeof(s), typeof(j), s, j FROM t WHERE rowid ="
                    + " (SELECT max(rowid) FROM t)"));
      }
      assertEquals(encoding, database.value("PRAGMA encoding"));
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"select", "two words", "quo\"te", "_x", "x_", "a_b", "semi;colon", "ümlaut"})
  void any_name_can_be_a_table_or_a_column(String name) throws Exception {
    Schema schema = Schema.builder(name).integer(name).build();
    open(schema, "").write(new TestBatch(schema).of("{\"" + name.replace("\"", "\\\"") + "\":1}"));
    try (Database database = database();
        PreparedStatement statement =
            database.connection().prepareStatement("SELECT name FROM pragma_table_info(?)")) {
      statement.setString(1, name);
      try (ResultSet columns = statement.executeQuery()) {
        assertTrue(columns.next());
        assertEquals(name, columns.getString(1));
      }
    }
  }

  @Test
  void the_table_can_be_named_and_may_have_more_columns_in_another_order() throws Exception {
    try (Database database = database()) {
      database.execute(
          "CREATE TABLE mine (id INTEGER PRIMARY KEY, HUMIDITY real, note text DEFAULT 'none' NOT NULL,"
              + " ingested_at real, temperature real, sensor_id integer)");
      open(SENSORS, "?table=mine")
          .write(
              new TestBatch(SENSORS)
                  .of("{\"sensor_id\":1,\"temperature\":2,\"humidity\":3,\"ingested_at\":4}"));
      assertEquals("1|3.0|none|4.0|2.0|1", database.value("SELECT * FROM mine"));
    }
  }

  @Test
  void a_shared_database_in_memory_is_seen_by_other_connections() throws Exception {
    String name = "file:memdb" + System.nanoTime() + "?mode=memory&cache=shared";
    Schema schema = Schema.builder("t").integer("i").build();
    openUri(schema, "sqlite:" + name).write(new TestBatch(schema).of("{\"i\":1}"));
    try (Database database = new Database(name)) {
      assertEquals("1", database.value("SELECT COUNT(*) FROM t"));
    }
  }

  @Test
  void a_database_in_memory_keeps_its_rows_when_a_write_fails() throws Exception {
    String name = "file:memdb" + System.nanoTime() + "?mode=memory&cache=shared";
    Schema schema = Schema.builder("t").integer("i").build();
    Sink sink = openUri(schema, "sqlite:" + name);
    TestBatch batches = new TestBatch(schema);
    sink.write(batches.of("{\"i\":1}"));
    try (Database database = new Database(name)) {
      database.execute("CREATE UNIQUE INDEX once ON t (i)");
      SinkException failure =
          assertThrows(SinkException.class, () -> sink.write(batches.of("{\"i\":2}", "{\"i\":1}")));
      assertFalse(failure.isRetryable());
      sink.write(batches.of("{\"i\":3}"));
      assertEquals(List.of("1", "3"), database.rows("SELECT i FROM t ORDER BY i"));
    }
  }

  @AfterEach
  void closeSinks() throws Exception {
    for (Sink sink : opened) {
      sink.close();
    }
  }

  private Database database() throws Exception {
    return new Database(directory.resolve("test.db"));
  }

  private Sink open(Schema schema, String options) throws Exception {
    return openUri(schema, "sqlite:" + directory.resolve("test.db") + options);
  }

  private Sink openUri(Schema schema, String uri) throws Exception {
    Sink sink = new SqliteSinkProvider().create(SinkConfig.parse(uri));
    sink.open(schema);
    opened.add(sink);
    return sink;
  }
}
