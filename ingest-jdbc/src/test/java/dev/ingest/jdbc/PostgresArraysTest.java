package dev.ingest.jdbc;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.ingest.record.RecordBatch;
import dev.ingest.record.Schema;
import dev.ingest.testing.TestBatch;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class PostgresArraysTest {
  private static final long EPOCH_MICROS = 946_684_800_000_000L;

  @Test
  void times_are_rounded_half_up_at_both_ends_of_their_range_too() {
    for (long nanos : new long[] {0, 499, 500, 501, -1, -499, -500, -501, -1_500, 1_500}) {
      assertRounded(nanos);
    }
    for (int below = 0; below < 2_000; below++) {
      assertRounded(Long.MIN_VALUE + below);
      assertRounded(Long.MAX_VALUE - below);
    }
    new SplittableRandom(1).longs(10_000).forEach(PostgresArraysTest::assertRounded);
  }

  private static void assertRounded(long nanos) {
    BigDecimal half = new BigDecimal("0.5");
    long micros =
        BigDecimal.valueOf(nanos, 3).add(half).setScale(0, RoundingMode.FLOOR).longValueExact();
    assertEquals(micros - EPOCH_MICROS, PostgresArrays.micros(nanos), () -> nanos + " ns");
  }

  @Test
  void values_stand_as_the_server_reads_them() {
    Schema schema =
        Schema.builder("s")
            .integer("i")
            .optional()
            .real("r")
            .bool("b")
            .timestamp("t")
            .text("x")
            .build();
    RecordBatch batch =
        new TestBatch(schema)
            .of(
                "{\"i\":-2,\"r\":0.5,\"b\":true,\"t\":946684800.000001,\"x\":\"ä\"}",
                "{\"r\":-0.0,\"b\":false,\"t\":946684799,\"x\":\"\"}");
    PostgresArrays arrays = new PostgresArrays(schema);
    assertEncoded("1 1 20 2 1", "00000008fffffffffffffffe ffffffff", arrays, batch, 0);
    assertEncoded(
        "1 0 701 2 1", "000000083fe0000000000000 000000088000000000000000", arrays, batch, 1);
    assertEncoded("1 0 16 2 1", "0000000101 0000000100", arrays, batch, 2);
    assertEncoded(
        "1 0 1184 2 1", "000000080000000000000001 00000008fffffffffff0bdc0", arrays, batch, 3);
    assertEncoded("1 0 25 2 1", "00000002c3a4 00000000", arrays, batch, 4);
  }

  @Test
  void the_buffer_grows_with_the_text_and_keeps_nothing_of_a_batch_before() {
    Schema schema = Schema.builder("s").text("x").build();
    PostgresArrays arrays = new PostgresArrays(schema);
    String text = "long ".repeat(10_000);
    TestBatch batches = new TestBatch(schema);
    String json = "{\"x\":\"" + text + "\"}";
    ByteBuffer array = ByteBuffer.wrap(arrays.encode(batches.of(json, json, json), 0));
    array.position(20);
    byte[] value = new byte[text.length()];
    for (int row = 0; row < 3; row++) {
      assertEquals(text.length(), array.getInt());
      array.get(value);
      assertEquals(text, new String(value, StandardCharsets.UTF_8));
    }
    assertEquals(0, array.remaining());
    assertEncoded("1 0 25 1 1", "0000000161", arrays, batches.of("{\"x\":\"a\"}"), 0);
  }

  private static void assertEncoded(
      String header, String values, PostgresArrays arrays, RecordBatch batch, int column) {
    ByteBuffer expected = ByteBuffer.allocate(1_000);
    for (String number : header.split(" ", -1)) {
      expected.putInt(Integer.parseInt(number));
    }
    expected.put(HexFormat.of().parseHex(values.replace(" ", "")));
    byte[] bytes = new byte[expected.position()];
    expected.flip().get(bytes);
    assertArrayEquals(bytes, arrays.encode(batch, column));
  }
}
