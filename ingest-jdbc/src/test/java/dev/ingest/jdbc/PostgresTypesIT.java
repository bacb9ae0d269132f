package dev.ingest.jdbc;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ingest.IngestServer;
import dev.ingest.cleanup.CleanupRegistry;
import dev.ingest.jdbc.testing.PostgresDatabase;
import dev.ingest.jdbc.testing.PostgresServer;
import dev.ingest.record.Schema;
import dev.ingest.sink.SinkConfig;
import dev.ingest.sink.SinkException;
import dev.ingest.testing.TestBatch;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is read back of each type of field, and what cannot be stored. */
class PostgresTypesIT {
  private static final Schema ALL =
      Schema.builder("t")
          .integer("i")
          .real("r")
          .optional()
          .text("s")
          .optional()
          .bool("b")
          .optional()
          .timestamp("at")
          .optional()
          .json("j")
          .optional()
          .build();

  @TempDir Path directory;
  private PostgresDatabase database;

  @BeforeEach
  void createDatabase() throws Exception {
    database = PostgresServer.shared().newDatabase();
  }

  @AfterEach
  void dropDatabase() throws Exception {
    database.close();
  }

  private void store(Schema schema, String... records) throws Exception {
    WriterThread sink = Writing.sink(database);
    sink.open(schema);
    try {
      sink.write(new TestBatch(schema).of(records));
    } finally {
      sink.close();
    }
  }

  @Test
  void the_table_is_made_with_the_types_of_the_fields() throws Exception {
    store(ALL, "{\"i\":1}");
    assertEquals(
        List.of(
            "i|bigint",
            "r|double precision",
            "s|text",
            "b|boolean",
            "at|timestamp with time zone",
            "j|jsonb"),
        database.rows(
            "SELECT column_name, data_type FROM information_schema.columns WHERE table_name = 't'"
                + " ORDER BY ordinal_position"));
    assertEquals("1|null|null|null|null|null", database.row("SELECT * FROM t"));
  }

  @Test
  void the_extremes_of_numbers_are_read_back_exactly() throws Exception {
    store(
        ALL,
        "{\"i\":" + Long.MIN_VALUE + ",\"r\":" + Double.MAX_VALUE + ",\"b\":true}",
        "{\"i\":" + Long.MAX_VALUE + ",\"r\":" + -Double.MAX_VALUE + ",\"b\":false}",
        "{\"i\":0,\"r\":" + Double.MIN_VALUE + "}",
        "{\"i\":-1,\"r\":0.1}",
        "{\"i\":1,\"r\":" + Double.MIN_NORMAL + "}");
    assertEquals(
        List.of(
            Long.MIN_VALUE + "|-1.7976931348623157e+308|t".replace("-1", "1"),
            "-1|0.1|null",
            "0|5e-324|null",
            "1|2.2250738585072014e-308|null",
            Long.MAX_VALUE + "|-1.7976931348623157e+308|f"),
        database.rows("SELECT i, r, b FROM t ORDER BY i"));
  }

  /** Nanoseconds in a long reach from 1677 to 2262; PostgreSQL has microseconds. */
  @ParameterizedTest
  @CsvSource({
    "1677-09-21T00:12:43.145224193Z, 1677-09-21 00:12:43.145224+00",
    "1677-09-21T00:12:44Z, 1677-09-21 00:12:44+00",
    "1969-12-31T23:59:59.9999995Z, 1970-01-01 00:00:00+00",
    "1969-12-31T23:59:59.999999499Z, 1969-12-31 23:59:59.999999+00",
    "1970-01-01T00:00:00Z, 1970-01-01 00:00:00+00",
    "1970-01-01T00:00:00.000000499Z, 1970-01-01 00:00:00+00",
    "1970-01-01T00:00:00.0000005Z, 1970-01-01 00:00:00.000001+00",
    "2000-02-29T12:00:00.123456789+14:00, 2000-02-28 22:00:00.123457+00",
    "2025-07-05T11:31:01.123456Z, 2025-07-05 11:31:01.123456+00",
    "2262-04-11T23:47:16.854775807Z, 2262-04-11 23:47:16.854776+00"
  })
  void a_time_is_stored_to_the_microsecond_rounded_half_up(String sent, String stored)
      throws Exception {
    store(ALL, "{\"i\":1,\"at\":\"" + sent + "\"}");
    database.execute(
        "ALTER DATABASE " + database.row("SELECT current_database()") + " SET timezone = 'UTC'");
    assertEquals(stored, database.row("SELECT at FROM t"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        " ",
        "NULL",
        "null",
        "{}",
        "{a,b}",
        "\\\\",
        "\\\\N",
        "it''s \\\"quoted\\\" and \\\\escaped\\\\",
        "line\\nline\\r\\n\\ttab",
        "$1 ? :x %s",
        "\\u0001\\u001f\\u007f",
        "ä€𝄞",
        "\\ud834\\udd1e"
      })
  void text_is_read_back_as_it_came(String text) throws Exception {
    store(ALL, "{\"i\":1,\"s\":\"" + text + "\"}");
    String expected =
        text.replace("\\n", "\n").replace("\\r", "\r").replace("\\t", "\t").replace("\\\"", "\"");
    if (!text.contains("\\u")) {
      assertEquals(expected.replace("\\\\", "\\"), database.row("SELECT s FROM t"));
    } else {
      assertEquals(
          text, // JSON again
          database
              .row("SELECT trim(both '\"' from to_json(s)::text) FROM t")
              .replace("\u007f", "\\u007f")
              .replace("𝄞", "\\ud834\\udd1e"));
    }
  }

  @Test
  void long_text_is_read_back_as_it_came() throws Exception {
    String text = "0123456789abcdef".repeat(4_000);
    store(ALL, "{\"i\":1,\"s\":\"" + text + "\"}");
    assertEquals(text, database.row("SELECT s FROM t"));
  }

  @Test
  void json_is_stored_as_jsonb_normalizes_it() throws Exception {
    store(
        ALL,
        "{\"i\":1,\"j\":{\"b\": [1, 2.50, 1e2], \"a\":\"x\", \"a\":\"y\"}}",
        "{\"i\":2,\"j\":\"text\"}",
        "{\"i\":3,\"j\":123456789012345678901234567890.123}",
        "{\"i\":4,\"j\":false}");
    assertEquals(
        List.of(
            "{\"a\": \"y\", \"b\": [1, 2.50, 100]}",
            "\"text\"",
            "123456789012345678901234567890.123",
            "false"),
        database.rows("SELECT j FROM t ORDER BY i"));
  }

  @Test
  void a_nul_in_text_or_json_and_a_number_beyond_jsonb_are_one_dead_letter_each() throws Exception {
    List<String> bad =
        List.of(
            "{\"i\":-1,\"s\":\"a\\u0000b\"}",
            "{\"i\":-2,\"j\":{\"k\":\"a\\u0000b\"}}",
            "{\"i\":-3,\"j\":{\"\\u0000\":1}}",
            "{\"i\":-4,\"j\":[1e200000]}");
    StringBuilder records = new StringBuilder("[");
    for (int i = 0; i < 100; i++) {
      records.append("{\"i\":").append(i).append("},");
      if (i % 25 == 13) {
        records.append(bad.get(i / 25)).append(',');
      }
    }
    records.append("{\"i\":100}]");
    Path letters = directory.resolve("dead.ndjson");
    IngestServer server =
        IngestServer.builder()
            .schema(ALL)
            .sink(database.sinkUri("t"))
            .deadLetters(letters)
            .cleanupRegistry(CleanupRegistry.create())
            .build();
    try (server;
        DatagramSocket socket = new DatagramSocket()) {
      server.start();
      byte[] bytes = records.toString().getBytes(UTF_8);
      socket.send(new DatagramPacket(bytes, bytes.length, server.localAddress()));
      await().atMost(Writing.SOON).until(() -> server.stats().records().deadLettered() == 4);
    }
    assertEquals("101|5050", database.row("SELECT count(*), sum(i) FROM t"));
    assertEquals(4, Files.readAllLines(letters).size());
    assertEquals(4, server.stats().records().deadLettered());
  }

  /** A table that was there before: its columns take the values, or the record is refused. */
  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "i smallint; {\"i\":32767}; 32767; {\"i\":32768}",
        "i integer; {\"i\":-2147483648}; -2147483648; {\"i\":2147483648}",
        "i numeric; {\"i\":9223372036854775807}; 9223372036854775807; ",
        "i numeric(3); {\"i\":-999}; -999; {\"i\":1000}",
        "i bigint, r real; {\"i\":1,\"r\":0.5}; 1|0.5; {\"i\":1,\"r\":1e39}",
        "i bigint, r numeric; {\"i\":1,\"r\":0.1234567890123456}; 1|0.1234567890123456; ",
        "i bigint, s varchar(3); {\"i\":1,\"s\":\"abc\"}; 1|abc; {\"i\":1,\"s\":\"abcd\"}",
        "i bigint, s uuid; {\"i\":1,\"s\":\"c0ffee00-0000-0000-0000-000000000000\"};"
            + " 1|c0ffee00-0000-0000-0000-000000000000; {\"i\":1,\"s\":\"x\"}",
        "i bigint, s inet; {\"i\":1,\"s\":\"::1\"}; 1|::1; {\"i\":1,\"s\":\"x\"}",
        "i bigint, at timestamp; {\"i\":1,\"at\":0}; 1|1970-01-01 00:00:00; ",
        "i bigint, j json; {\"i\":1,\"j\":{\"a\": 1}}; 1|{\"a\": 1}; ",
        "i bigint, j text; {\"i\":1,\"j\":{\"a\": 1}}; 1|{\"a\": 1}; ",
        "i bigint CHECK (i < 10); {\"i\":9}; 9; {\"i\":10}",
        "i bigint UNIQUE; {\"i\":9}; 9; [{\"i\":1},{\"i\":1}]",
        "i bigint, s text NOT NULL; {\"i\":1,\"s\":\"\"}; 1|; {\"i\":1}"
      })
  void a_table_may_have_other_types_and_its_rules_refuse_records_for_good(
      String columns, String good, String stored, String bad) throws Exception {
    database.execute("CREATE TABLE t (" + columns + ")");
    Schema schema = schema(columns);
    store(schema, good);
    assertEquals(stored, database.row("SELECT * FROM t").replace("|null", ""));
    if (bad != null) {
      SinkException refused = assertThrows(SinkException.class, () -> store(schema, bad));
      assertFalse(refused.isRetryable(), refused::getMessage);
      assertEquals("1", database.row("SELECT count(*) FROM t"));
    }
  }

  private static Schema schema(String columns) {
    Schema.Builder schema = Schema.builder("t").integer("i");
    if (columns.contains(", r ")) {
      schema.real("r");
    } else if (columns.contains(", s ")) {
      schema.text("s").optional();
    } else if (columns.contains(", at ")) {
      schema.timestamp("at");
    } else if (columns.contains(", j ")) {
      schema.json("j");
    }
    return schema.build();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "i text",
        "i boolean",
        "i double precision",
        "x bigint",
        "i bigint, must integer NOT NULL",
        "i bigint GENERATED ALWAYS AS IDENTITY"
      })
  void an_open_fails_for_a_table_that_does_not_take_the_values_and_names_it(String columns)
      throws Exception {
    database.execute("CREATE TABLE t (" + columns + ")");
    WriterThread sink = Writing.sink(database);
    SinkException wrong = assertThrows(SinkException.class, () -> sink.open(Writing.SCHEMA));
    assertTrue(wrong.getMessage().contains("'t'"), wrong.getMessage());
    await().atMost(Writing.SOON).until(() -> database.backends("true").isEmpty());
  }

  @Test
  void names_are_taken_as_they_are() throws Exception {
    Schema odd = Schema.builder("Odd").integer("select").integer("Select").build();
    WriterThread sink =
        new WriterThread(
            new JdbcSinkProvider()
                .create(SinkConfig.parse(database.sinkUri("My%20%22table%22%20'x'%3B--"))));
    sink.open(odd);
    sink.write(new TestBatch(odd).of("{\"select\":1,\"Select\":2}"));
    sink.close();
    assertEquals(
        "1|2", database.row("SELECT \"select\", \"Select\" FROM \"My \"\"table\"\" 'x';--\""));
  }
}
