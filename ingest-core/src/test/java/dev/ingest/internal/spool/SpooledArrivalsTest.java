package dev.ingest.internal.spool;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ingest.internal.batch.Batch;
import dev.ingest.internal.batch.Rows;
import dev.ingest.internal.decode.RejectedException;
import dev.ingest.internal.deliver.ReplayedRecords;
import dev.ingest.internal.json.JsonDecoder;
import dev.ingest.internal.ledger.Ledger;
import dev.ingest.policy.JournalSync;
import dev.ingest.policy.Spooling;
import dev.ingest.record.Schema;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Arrivals on the lines of a spool, under the schema that wrote them and under another one. */
class SpooledArrivalsTest {
  private static final Schema WITHOUT = Schema.builder("t").integer("id").build();
  private static final Schema REQUIRED =
      Schema.builder("t").integer("id").receivedAt("at").sender("by").build();
  private static final Schema OPTIONAL =
      Schema.builder("t").integer("id").receivedAt("at").optional().sender("by").optional().build();
  private static final InetSocketAddress SENDER = new InetSocketAddress("192.0.2.7", 40_123);
  private static final String NAME = "0000000007-0123456789abcdef";

  @TempDir Path directory;
  private Spool spool;

  @BeforeEach
  void open() throws IOException {
    spool =
        Spool.open(
            Spooling.in(directory).limit(1 << 20),
            1,
            new Spool.Failures(Assertions::fail, records -> Assertions.fail()));
  }

  @AfterEach
  void close() throws IOException {
    spool.close();
  }

  private void defer(Schema schema, long receivedAt, String message) throws RejectedException {
    Batch batch = new Batch(schema);
    byte[] bytes = message.getBytes(UTF_8);
    int offset = batch.append(bytes, 0, bytes.length);
    new JsonDecoder(schema).decode(batch, offset, bytes.length);
    batch.commit(SENDER, receivedAt, offset + bytes.length);
    assertTrue(spool.defer(batch, 0));
  }

  /** Opens a spool that holds these lines, and nothing else. */
  private void openWith(String... lines) throws IOException {
    spool.close();
    Files.writeString(
        directory.resolve(NAME + ".ndjson"), Lines.of(NAME, 0, List.of(lines)), ISO_8859_1);
    open();
  }

  private List<String> lines() throws IOException {
    List<String> lines = new ArrayList<>();
    try (Stream<Path> files = Files.list(directory)) {
      for (Path file : files.filter(f -> f.toString().endsWith(".ndjson")).sorted().toList()) {
        Files.readAllLines(file).forEach(line -> lines.add(line.stripTrailing()));
      }
    }
    return lines;
  }

  private List<String> replayed(Schema schema) throws IOException {
    List<String> values = new ArrayList<>();
    try (ReplayedRecords replay = new ReplayedRecords(spool, schema, 10, new Ledger())) {
      Batch batch;
      while ((batch = replay.next()) != null) {
        Rows rows = batch.all();
        for (int row = 0; row < rows.size(); row++) {
          values.add(values(rows, row));
        }
        spool.settle(rows);
        replay.advance(rows.size());
      }
    }
    assertEquals(0, spool.unsettled());
    return values;
  }

  private static String values(Rows rows, int row) {
    String values = "" + rows.getLong(row, 0);
    if (rows.schema().fields().size() > 1) {
      values += " " + (rows.isNull(row, 1) ? null : rows.getLong(row, 1));
      values += " " + (rows.isNull(row, 2) ? null : rows.getString(row, 2));
    }
    return values;
  }

  private List<String> letters() throws IOException {
    return Files.readAllLines(directory.resolve("unreadable.ndjson"));
  }

  @Test
  void a_line_is_an_array_of_time_sender_and_record() throws Exception {
    defer(REQUIRED, 1_751_715_061_123_456_789L, "[{\"id\" : 1}, {\"id\":2,\n\"by\":[3]}]");
    defer(REQUIRED, -1, "{\"id\":3}");
    assertEquals(
        List.of(
            "[1751715061123456789,\"192.0.2.7:40123\",{\"id\" : 1}]",
            "[1751715061123456789,\"192.0.2.7:40123\",{\"id\":2, \"by\":[3]}]",
            "[-1,\"192.0.2.7:40123\",{\"id\":3}]"),
        lines());
    assertEquals(
        List.of(
            "1 1751715061123456789 192.0.2.7:40123",
            "2 1751715061123456789 192.0.2.7:40123",
            "3 -1 192.0.2.7:40123"),
        replayed(REQUIRED));
  }

  @Test
  void under_a_schema_without_arrivals_a_line_is_the_record() throws Exception {
    defer(WITHOUT, 17, "[{\"id\" : 1}, {\"id\":2}]");
    assertEquals(List.of("{\"id\" : 1}", "{\"id\":2}"), lines());
  }

  @Test
  void what_was_spooled_without_arrivals_has_null_where_that_may_be() throws Exception {
    openWith("{\"id\":1}", "[5,\"a\",{\"id\":2}]", "{\"id\":3}");
    assertEquals(List.of("1 null null", "2 5 a", "3 null null"), replayed(OPTIONAL));
  }

  @Test
  void what_was_spooled_without_arrivals_is_a_dead_letter_where_they_are_required()
      throws Exception {
    openWith("{\"id\":1}", "[5,\"a\",{\"id\":2}]");
    assertEquals(List.of("2 5 a"), replayed(REQUIRED));
    assertEquals(1, letters().size());
    assertTrue(
        letters()
            .get(0)
            .contains(
                "\"source\":\"spool "
                    + NAME
                    + ":0\",\"reason\":\"MISSING_FIELD\",\"detail\":\"the line has no value for the"
                    + " field 'at'"),
        () -> letter(0));
  }

  private String letter(int index) {
    try {
      return letters().get(index);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void arrivals_are_ignored_under_a_schema_without_them() throws Exception {
    openWith("[5,\"a\",{\"id\":1}]", "{\"id\":2}", "[6,\"b\",{\"id\":3} ]");
    assertEquals(List.of("1", "2", "3"), replayed(WITHOUT));
  }

  @Test
  void a_line_that_is_no_record_is_a_dead_letter_of_its_sender() throws Exception {
    openWith("[1751715061123456789,\"192.0.2.7:40123\",{\"id\":\"x\"}]", "[5,\"a\",{\"id\":2}]");
    assertEquals(List.of("2 5 a"), replayed(OPTIONAL));
    String letter = letter(0);
    assertTrue(
        letter.contains(
            "\"source\":\"192.0.2.7:40123\",\"readFrom\":\"spool "
                + NAME
                + ":0\",\"reason\":\"WRONG_TYPE\",\"receivedAt\":\"2025-07-05T11:31:01.123456789Z\""),
        letter);
    assertTrue(letter.endsWith("\"payload\":\"{\\\"id\\\":\\\"x\\\"}\"}"), letter);
  }

  @Test
  void a_line_that_only_begins_like_one_with_arrivals_is_a_dead_letter() throws Exception {
    String[] bad = {"[5,\"a\",{\"id\":1}", "[05,\"a\",{\"id\":2}]", "[{\"id\":3}]", "["};
    for (Schema schema : new Schema[] {WITHOUT, OPTIONAL, REQUIRED}) {
      Files.deleteIfExists(directory.resolve("unreadable.ndjson"));
      openWith(bad);
      assertEquals(List.of(), replayed(schema));
      assertEquals(4, letters().size());
      for (String letter : letters()) {
        assertTrue(letter.contains("\"source\":\"spool "), letter);
        assertTrue(letter.contains("\"reason\":\"MALFORMED_JSON\""), letter);
      }
      assertTrue(letter(3).endsWith("\"payload\":\"[\"}"), letter(3));
    }
  }

  @Test
  void the_longest_record_has_room_on_a_line_with_arrivals() throws Exception {
    String longest = "{\"id\":1,\"x\":\"" + "y".repeat(65_536 - 15) + "\"}";
    assertEquals(65_536, longest.length());
    defer(REQUIRED, 17, longest);
    defer(REQUIRED, 18, "{\"id\":2}");
    assertEquals(List.of("1 17 192.0.2.7:40123", "2 18 192.0.2.7:40123"), replayed(REQUIRED));
  }

  @Test
  void a_slice_of_a_batch_stands_where_its_lines_are() throws Exception {
    Batch batch = new Batch(REQUIRED);
    JsonDecoder decoder = new JsonDecoder(REQUIRED);
    for (int id = 0; id < 9; id++) {
      byte[] bytes = ("{\"id\":" + id + "}").getBytes(UTF_8);
      int offset = batch.append(bytes, 0, bytes.length);
      decoder.decode(batch, offset, bytes.length);
      batch.commit(SENDER, (long) Math.pow(10, id), offset + bytes.length);
    }
    spool.close();
    spool =
        Spool.open(
            Spooling.in(directory).limit(1 << 20).journal(JournalSync.NEVER),
            1,
            new Spool.Failures(Assertions::fail, records -> Assertions.fail()));
    JournalWrite write = spool.journalWrite(0, batch);
    write.run();
    write.finish();
    spool.settle(batch.all().slice(0, 4));
    assertTrue(spool.defer(batch, 4));
    List<String> rows = replayed(REQUIRED);
    assertEquals(5, rows.size());
    assertEquals("4 10000 192.0.2.7:40123", rows.get(0));
    assertEquals("8 100000000 192.0.2.7:40123", rows.get(4));
  }
}
