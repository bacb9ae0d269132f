package dev.ingest.internal.batch;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ingest.record.Schema;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ArrivalsTest {
  private static final Schema SCHEMA =
      Schema.builder("t")
          .integer("id")
          .text("name")
          .json("raw")
          .optional()
          .receivedAt("at")
          .sender("by")
          .optional()
          .build();
  private static final InetSocketAddress A = new InetSocketAddress("192.0.2.1", 1);
  private static final InetSocketAddress B = new InetSocketAddress("2001:db8::b", 22_222);
  private static final String TEXT_OF_A = "192.0.2.1:1";
  private static final String TEXT_OF_B = "[2001:db8:0:0:0:0:0:b]:22222";

  private final Batch batch = new Batch(SCHEMA);

  /** Appends a message, with rows that have their number as name and as JSON. */
  private int add(int... ids) {
    int end = 0;
    for (int id : ids) {
      byte[] record = ("<" + id + ">").getBytes(UTF_8);
      int offset = batch.append(record, 0, record.length);
      char[] name = ("n" + id).toCharArray();
      batch.addRow();
      batch.setLong(0, id);
      batch.setText(1, name, 0, name.length);
      batch.setJson(2, offset + 1, record.length - 2);
      batch.setPayload(batch.uncommitted() - 1, offset, record.length);
      end = offset + record.length;
    }
    return end;
  }

  private List<String> rows() {
    Rows rows = batch.all();
    return IntStream.range(0, rows.size())
        .mapToObj(
            row ->
                rows.getString(row, 1)
                    + " "
                    + rows.getString(row, 2)
                    + " "
                    + rows.getLong(row, 3)
                    + " "
                    + rows.getString(row, 4))
        .toList();
  }

  private String header(int row) {
    return new String(
        batch.payload(), batch.headerOffset(row), batch.headerLength(row), ISO_8859_1);
  }

  @Test
  void all_rows_of_a_message_have_its_time_and_sender_and_share_a_header() {
    batch.commit(A, 17, add(1, 2, 3));
    batch.commit(B, 18, add(4));
    assertEquals(
        List.of(
            "n1 1 17 " + TEXT_OF_A,
            "n2 2 17 " + TEXT_OF_A,
            "n3 3 17 " + TEXT_OF_A,
            "n4 4 18 " + TEXT_OF_B),
        rows());
    assertEquals("[17,\"192.0.2.1:1\",", header(0));
    assertEquals(batch.headerOffset(0), batch.headerOffset(2));
    assertEquals("[18,\"" + TEXT_OF_B + "\",", header(3));
    assertEquals("<3>", new String(batch.all().json(2), UTF_8), "the record alone");
  }

  @Test
  void each_message_of_a_burst_has_its_own_sender() {
    int end = add(1, 2, 3, 4, 5);
    batch.commitEach(new InetSocketAddress[] {null, A, A, B, A, B}, 1, 17, end);
    assertEquals(
        List.of(
            "n1 1 17 " + TEXT_OF_A,
            "n2 2 17 " + TEXT_OF_A,
            "n3 3 17 " + TEXT_OF_B,
            "n4 4 17 " + TEXT_OF_A,
            "n5 5 17 " + TEXT_OF_B),
        rows());
    assertEquals(batch.headerOffset(0), batch.headerOffset(1));
    assertEquals(TEXT_OF_B, batch.all().slice(2, 4).source(0));
    assertEquals(OptionalLong.of(17), batch.all().slice(2, 4).receivedAt(1));
  }

  @Test
  void messages_of_one_sender_and_time_share_a_header_and_no_others_do() {
    batch.commit(A, 17, add(1));
    batch.commit(A, 17, add(2));
    batch.commit(A, 18, add(3));
    assertEquals(batch.headerOffset(0), batch.headerOffset(1));
    assertEquals("[18,\"192.0.2.1:1\",", header(2));
  }

  @Test
  void what_is_rolled_back_leaves_nothing_and_changes_nothing() {
    batch.commit(A, 17, add(1));
    add(2, 3);
    batch.rollback();
    batch.commit(A, 17, add(4));
    batch.commit(B, 17, add(5));
    assertEquals(
        List.of("n1 1 17 " + TEXT_OF_A, "n4 4 17 " + TEXT_OF_A, "n5 5 17 " + TEXT_OF_B), rows());
  }

  @Test
  void the_rest_of_a_burst_is_overwritten_by_the_header_and_comes_again() {
    int endOfFirst = add(1);
    byte[] undecoded = "<2>".getBytes(UTF_8);
    batch.append(undecoded, 0, undecoded.length);
    batch.commitEach(new InetSocketAddress[] {A, B}, 0, 17, endOfFirst);
    batch.rollback();
    batch.commit(B, 17, add(2));
    assertEquals(List.of("n1 1 17 " + TEXT_OF_A, "n2 2 17 " + TEXT_OF_B), rows());
  }

  @Test
  void a_batch_that_is_used_again_has_headers_of_its_own() {
    batch.commit(A, 17, add(1));
    batch.clear();
    int end = add(123_456_789); // where the header was
    assertEquals(0, batch.rows());
    batch.commit(A, 17, end);
    assertEquals(List.of("n123456789 123456789 17 " + TEXT_OF_A), rows());
    batch.clear();
    batch.commit(B, 17, add(3));
    assertEquals(List.of("n3 3 17 " + TEXT_OF_B), rows());
  }

  @Test
  void arrays_grow_with_what_they_hold() {
    for (int i = 0; i < 3_000; i++) {
      batch.commit(i % 2 == 0 ? A : B, i, add(i));
    }
    List<String> rows = rows();
    for (int i = 0; i < 3_000; i++) {
      String sender = i % 2 == 0 ? TEXT_OF_A : TEXT_OF_B;
      assertEquals("n" + i + " " + i + " " + i + " " + sender, rows.get(i));
    }
  }

  @Test
  void what_was_read_back_has_the_header_of_its_line_or_none() {
    byte[] line = "[-5,\"some where\",<7>]".getBytes(UTF_8);
    batch.commit(A, 1, add(1));
    int offset = batch.append(line, 0, line.length);
    batch.addRow();
    batch.setPayload(0, offset + 17, 3);
    batch.commitLine(offset, 17, offset + line.length);
    int end = add(3);
    batch.commit(null, 0, end);
    Rows rows = batch.all();
    assertEquals(-5, rows.getLong(1, 3));
    assertEquals("some where", rows.getString(1, 4));
    assertEquals("some where", rows.source(1));
    assertEquals("<7>", new String(rows.json(1), UTF_8));
    assertEquals(OptionalLong.of(-5), rows.receivedAt(1));
    assertEquals(Optional.of("some where"), rows.sender(1));
    assertTrue(rows.isNull(2, 4));
    assertEquals(Optional.empty(), rows.sender(2));
    assertEquals(0, batch.headerLength(2));
    assertEquals(OptionalLong.empty(), rows.arrival(2));
    assertEquals("spool", rows.source(2));
  }

  @Test
  void a_schema_without_arrivals_has_no_headers() {
    Batch plain = new Batch(Schema.builder("t").integer("id").build());
    byte[] record = {'x'};
    int end = plain.append(record, 0, 1) + 1;
    plain.addRow();
    plain.commit(A, 17, end);
    assertEquals(0, plain.headerLength(0));
    assertEquals(OptionalLong.empty(), plain.all().arrival(0));
    assertEquals(TEXT_OF_A, plain.all().source(0));
    assertEquals(1, plain.append(record, 0, 1), "the next message follows at once");
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 40, 400})
  void headers_count_in_what_a_batch_takes(int burst) {
    InetSocketAddress[] senders = new InetSocketAddress[burst];
    for (int i = 0; i < burst; i++) {
      senders[i] = i % 2 == 0 ? A : B;
    }
    int room;
    while ((room = Math.min(burst, batch.roomFor(burst * 6))) > 0) {
      int end = add(IntStream.range(0, room).toArray());
      batch.commitEach(senders, 0, batch.rows(), end);
    }
    int usedByCells = batch.rows() * (5 * Long.BYTES + 24);
    int used = usedByCells + batch.append(new byte[0], 0, 0) + batch.rows() * 2 * 2;
    assertTrue(used <= BatchMemory.FULL_BYTES + 300, () -> used + " bytes are in the batch");
    assertTrue(batch.rows() == 4_096 || used > BatchMemory.FULL_BYTES * 9 / 10, () -> used + "");
  }
}
