package dev.ingest.internal.json;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import com.sun.management.ThreadMXBean;
import dev.ingest.internal.batch.Batch;
import dev.ingest.internal.batch.Rows;
import dev.ingest.internal.decode.RejectedException;
import dev.ingest.internal.log.Addresses;
import dev.ingest.record.Schema;
import dev.ingest.stats.RejectReason;
import java.lang.management.ManagementFactory;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class JsonDecoderTest {
  private static final InetSocketAddress SOURCE =
      new InetSocketAddress(InetAddress.getLoopbackAddress(), 4711);

  private static final Schema SCHEMA =
      Schema.builder("things")
          .integer("id")
          .real("value")
          .optional()
          .text("name")
          .optional()
          .bool("on")
          .optional()
          .timestamp("at")
          .optional()
          .build();
  private static final int ID = 0;
  private static final int VALUE = 1;
  private static final int NAME = 2;
  private static final int ON = 3;
  private static final int AT = 4;

  private final Batch batch = new Batch(SCHEMA);
  private final JsonDecoder decoder = new JsonDecoder(SCHEMA);

  static Stream<Arguments> badDatagrams() {
    return Stream.of(
        bad("", RejectReason.EMPTY),
        bad(" \t\r\n ", RejectReason.EMPTY),
        bad("[]", RejectReason.EMPTY),
        bad("\u0000", RejectReason.EMPTY),
        bad("\uFEFF", RejectReason.EMPTY),
        bad("\uFEFF \u0000\n\u0000", RejectReason.EMPTY),
        bad("{", RejectReason.MALFORMED_JSON),
        bad("{\"id\":", RejectReason.MALFORMED_JSON),
        bad("{\"id\":1", RejectReason.MALFORMED_JSON),
        bad("{\"id\":1,}", RejectReason.MALFORMED_JSON),
        bad("{\"id\":01}", RejectReason.MALFORMED_JSON),
        bad("{\"id\":+1}", RejectReason.MALFORMED_JSON),
        bad("{\"id\":1,\"value\":.5}", RejectReason.MALFORMED_JSON),
        bad("{\"id\":1,\"value\":NaN}", RejectReason.MALFORMED_JSON),
        bad("{\"id\":1,\"value\":-Infinity}", RejectReason.MALFORMED_JSON),
        bad("{\"id\":1,\"value\":0x10}", RejectReason.MALFORMED_JSON),
        bad("{'id':1}", RejectReason.MALFORMED_JSON),
        bad("{id:1}", RejectReason.MALFORMED_JSON),
        bad("{\"id\":1 /* one */}", RejectReason.MALFORMED_JSON),
        bad("{\"id\":1,\"name\":\"a\nb\"}", RejectReason.MALFORMED_JSON),
        bad("{\"id\":1,\"name\":\"\\q\"}", RejectReason.MALFORMED_JSON),
        bad("{\"id\":1,\"other\":\"\\q\"}", RejectReason.MALFORMED_JSON),
        bad("{\"id\":1,\"name\":\"\\ud800\"}", RejectReason.MALFORMED_JSON),
        bad("{\"id\":1,\"name\":\"\\udc00\\ud800\"}", RejectReason.MALFORMED_JSON),
        bad("[{\"id\":1}", RejectReason.MALFORMED_JSON),
        bad("[{\"id\":1},]", RejectReason.MALFORMED_JSON),
        bad("[{\"id\":1} {\"id\":2}]", RejectReason.MALFORMED_JSON),
        bad("{\"id\":1}\n{\"id\":", RejectReason.MALFORMED_JSON),
        bad("garbage", RejectReason.MALFORMED_JSON),
        bad("\u0000\u0001\u0002", RejectReason.MALFORMED_JSON),
        bad("{\"id\":1}\n\uFEFF{\"id\":2}", RejectReason.TRAILING_GARBAGE),
        bad("\u0000{\"id\":1}", RejectReason.MALFORMED_JSON),
        bad("{\"id\":1}".getBytes(StandardCharsets.UTF_16LE), RejectReason.MALFORMED_JSON),
        bad("{\"id\":1}".getBytes(StandardCharsets.UTF_16), RejectReason.BAD_UTF8),
        bad(bytes("{\"id\":1,\"name\":\"", 0xff, "\"}"), RejectReason.BAD_UTF8),
        bad(bytes("{\"id\":1,\"name\":\"", 0xc3, "\"}"), RejectReason.BAD_UTF8),
        bad(bytes("{\"id\":1,\"name\":\"", 0xc0, 0x80, "\"}"), RejectReason.BAD_UTF8),
        bad(bytes("{\"id\":1,\"name\":\"", 0xed, 0xa0, 0x80, "\"}"), RejectReason.BAD_UTF8),
        bad(bytes("{\"id\":1,\"other\":\"", 0xf5, 0x80, 0x80, 0x80, "\"}"), RejectReason.BAD_UTF8),
        bad(bytes("{\"id\":1,\"", 0xe2, 0x82, "\":1}"), RejectReason.BAD_UTF8),
        bad(bytes("{\"id\":1}", 0x80), RejectReason.BAD_UTF8),
        bad("{\"id\":1}x", RejectReason.TRAILING_GARBAGE),
        bad("{\"id\":1}]", RejectReason.TRAILING_GARBAGE),
        bad("{\"id\":1}\u0000x", RejectReason.TRAILING_GARBAGE),
        bad("{\"id\":1}\u0000\n{\"id\":2}", RejectReason.TRAILING_GARBAGE),
        bad("{\"id\":1}{\"id\":2}", RejectReason.TRAILING_GARBAGE),
        bad("{\"id\":1} {\"id\":2}", RejectReason.TRAILING_GARBAGE),
        bad("{\"id\":1},{\"id\":2}", RejectReason.TRAILING_GARBAGE),
        bad("[{\"id\":1}]\n{\"id\":2}", RejectReason.TRAILING_GARBAGE),
        bad("[{\"id\":1}] oops", RejectReason.TRAILING_GARBAGE),
        bad("1", RejectReason.WRONG_TYPE),
        bad("null", RejectReason.WRONG_TYPE),
        bad("\"{}\"", RejectReason.WRONG_TYPE),
        bad("[1]", RejectReason.WRONG_TYPE),
        bad("[[{\"id\":1}]]", RejectReason.WRONG_TYPE),
        bad("{\"id\":1}\n[{\"id\":2}]", RejectReason.WRONG_TYPE),
        bad("{\"id\":\"1\"}", RejectReason.WRONG_TYPE),
        bad("{\"id\":1.0}", RejectReason.WRONG_TYPE),
        bad("{\"id\":1e2}", RejectReason.WRONG_TYPE),
        bad("{\"id\":true}", RejectReason.WRONG_TYPE),
        bad("{\"id\":{}}", RejectReason.WRONG_TYPE),
        bad("{\"id\":[1]}", RejectReason.WRONG_TYPE),
        bad("{\"id\":1,\"value\":\"2\"}", RejectReason.WRONG_TYPE),
        bad("{\"id\":1,\"value\":\"NaN\"}", RejectReason.WRONG_TYPE),
        bad("{\"id\":1,\"name\":2}", RejectReason.WRONG_TYPE),
        bad("{\"id\":1,\"on\":1}", RejectReason.WRONG_TYPE),
        bad("{\"id\":1,\"on\":\"true\"}", RejectReason.WRONG_TYPE),
        bad("{\"id\":1,\"at\":true}", RejectReason.WRONG_TYPE),
        bad("{\"id\":1,\"at\":\"yesterday\"}", RejectReason.WRONG_TYPE),
        bad("{\"id\":1,\"at\":\"\\n2026 SEVERE \\u001b[31m\"}", RejectReason.WRONG_TYPE),
        bad("{\"id\":1,\"at\":\"\u009b31m\\u0085\"}", RejectReason.WRONG_TYPE),
        bad("{\"id\":1,\"at\":\"2025-07-05T11:31:01\"}", RejectReason.WRONG_TYPE),
        bad("{}", RejectReason.MISSING_FIELD),
        bad("{\"ID\":1}", RejectReason.MISSING_FIELD),
        bad("{\"id\":null}", RejectReason.MISSING_FIELD),
        bad("[{\"id\":1},{\"value\":2}]", RejectReason.MISSING_FIELD),
        bad("{\"id\":1,\"id\":1}", RejectReason.DUPLICATE_FIELD),
        bad("{\"id\":1,\"\\u0069d\":1}", RejectReason.DUPLICATE_FIELD),
        bad("{\"id\":1,\"value\":null,\"value\":1}", RejectReason.DUPLICATE_FIELD),
        bad("{\"id\":9223372036854775808}", RejectReason.NUMBER_OUT_OF_RANGE),
        bad("{\"id\":-9223372036854775809}", RejectReason.NUMBER_OUT_OF_RANGE),
        bad("{\"id\":1" + "0".repeat(998) + "}", RejectReason.NUMBER_OUT_OF_RANGE),
        bad("{\"id\":1" + "0".repeat(1500) + "}", RejectReason.NUMBER_OUT_OF_RANGE),
        bad("{\"id\":1,\"value\":1e309}", RejectReason.NUMBER_OUT_OF_RANGE),
        bad("{\"id\":1,\"value\":-1e999999999}", RejectReason.NUMBER_OUT_OF_RANGE),
        bad("{\"id\":1,\"value\":1" + "0".repeat(400) + "}", RejectReason.NUMBER_OUT_OF_RANGE),
        bad("{\"id\":1,\"at\":9223372036.9}", RejectReason.NUMBER_OUT_OF_RANGE),
        bad("{\"id\":1,\"at\":-1e300}", RejectReason.NUMBER_OUT_OF_RANGE),
        bad("{\"id\":1,\"at\":1e999999999}", RejectReason.NUMBER_OUT_OF_RANGE),
        bad("{\"id\":1,\"at\":\"2400-01-01T00:00:00Z\"}", RejectReason.NUMBER_OUT_OF_RANGE),
        bad(
            "{\"id\":1,\"at\":\"1677-09-21T00:12:43.145224191Z\"}",
            RejectReason.NUMBER_OUT_OF_RANGE),
        bad(
            "{\"id\":1,\"at\":\"2262-04-11T23:47:16.854775808Z\"}",
            RejectReason.NUMBER_OUT_OF_RANGE),
        bad("{\"id\":1,\"other\":" + "[".repeat(10_000) + "}", RejectReason.NESTING_TOO_DEEP),
        bad("{\"id\":1,\"other\":" + "{\"a\":".repeat(10_000) + "}", RejectReason.NESTING_TOO_DEEP),
        bad("[".repeat(10_000), RejectReason.NESTING_TOO_DEEP),
        bad(
            "{\"id\":1,\"other\":" + "[".repeat(63) + "1".repeat(1001) + "]".repeat(63) + "}",
            RejectReason.NUMBER_OUT_OF_RANGE),
        bad("{\"" + "n".repeat(257) + "\":1,\"id\":1}", RejectReason.NAME_TOO_LONG),
        bad("{\"id\":1,\"o\":{\"" + "\u00e4".repeat(129) + "\":1}}", RejectReason.NAME_TOO_LONG),
        bad("{\"id\":1,\"at\":\"2025-" + "0".repeat(7_000) + "\"}", RejectReason.WRONG_TYPE),
        bad("{\"id\":1,\"at\":" + "9".repeat(999) + "}", RejectReason.NUMBER_OUT_OF_RANGE),
        bad("[" + "{\"id\":1},".repeat(4_096) + "{\"id\":1}]", RejectReason.TOO_MANY_RECORDS),
        bad("{\"id\":1}\n".repeat(4_097), RejectReason.TOO_MANY_RECORDS),
        bad("{\"id\":" + "[".repeat(10_000), RejectReason.NESTING_TOO_DEEP));
  }

  @ParameterizedTest
  @MethodSource("badDatagrams")
  void a_bad_datagram_is_rejected_and_does_not_disturb_its_neighbours(
      byte[] datagram, RejectReason reason) throws Exception {
    String before = "{\"id\":1,\"value\":1.5,\"name\":\"before\",\"on\":true,\"at\":1}";
    String after = "{\"id\":2,\"value\":2.5,\"name\":\"after\",\"on\":false,\"at\":2}";
    decode(before);

    RejectedException rejected = assertThrows(RejectedException.class, () -> decode(datagram));

    assertEquals(reason, rejected.reason(), rejected.detail());
    assertTrue(rejected.detail().chars().noneMatch(Character::isISOControl), rejected.detail());
    assertFalse(rejected.detail().contains("Feature"), rejected.detail());
    assertTrue(!rejected.detail().isBlank() && rejected.detail().length() < 300, rejected.detail());
    decode(after);
    Rows rows = batch.all();
    assertEquals(2, rows.size());
    assertEquals(List.of(before, after), List.of(payload(0), payload(1)));
    assertEquals(List.of(1L, 1.5, "before", true, 1_000_000_000L), values(rows, 0));
    assertEquals(List.of(2L, 2.5, "after", false, 2_000_000_000L), values(rows, 1));
  }

  private static List<Object> values(Rows rows, int row) {
    return List.of(
        rows.getLong(row, ID),
        rows.getDouble(row, VALUE),
        rows.getString(row, NAME),
        rows.getBoolean(row, ON),
        rows.getLong(row, AT));
  }

  static Stream<Arguments> goodDatagrams() {
    return Stream.of(
        good("{\"id\":1}", "{\"id\":1}"),
        good(" \r\n\t{\"id\":1} \n ", "{\"id\":1}"),
        good("{\n  \"id\": 1\n}", "{\n  \"id\": 1\n}"),
        good("{\"id\":1}\n{\"id\":2}", "{\"id\":1}", "{\"id\":2}"),
        good("{\"id\":1}\r\n \n\r\n\t{\"id\":2}\n", "{\"id\":1}", "{\"id\":2}"),
        good("{\"id\":1}\r{\"id\":2}", "{\"id\":1}", "{\"id\":2}"),
        good("\uFEFF{\"id\":1}\n{\"id\":2}", "{\"id\":1}", "{\"id\":2}"),
        good("\uFEFF \n{\"id\":1}\u0000", "{\"id\":1}"),
        good("[{\"id\":1}]\u0000\n\u0000 \u0000", "{\"id\":1}"),
        good("[{\"id\":1}]", "{\"id\":1}"),
        good(
            " [ {\"id\":1} , {\"id\":2}\n,{\"id\":3} ] ", "{\"id\":1}", "{\"id\":2}", "{\"id\":3}"),
        good(
            "[{\"id\":1,\"x\":{\"y\":[{}]}},{\"x\":\"}]{\",\"id\":2}]",
            "{\"id\":1,\"x\":{\"y\":[{}]}}",
            "{\"x\":\"}]{\",\"id\":2}"));
  }

  @ParameterizedTest
  @MethodSource("goodDatagrams")
  void each_record_keeps_the_bytes_that_it_came_as(String datagram, List<String> records)
      throws Exception {
    decode("{\"id\":0}");
    assertEquals(records.size(), decode(datagram));
    for (int i = 0; i < records.size(); i++) {
      assertEquals(records.get(i), payload(i + 1));
      assertEquals(i + 1, batch.all().getLong(i + 1, ID));
      assertEquals(Addresses.toText(SOURCE), batch.all().source(i + 1));
    }
  }

  @Test
  void names_match_whatever_their_escapes_and_what_is_unknown_is_skipped() throws Exception {
    decode(
        "{\"a\":[1,{\"id\":7}],\"b\":{\"value\":{}},\"\":null,\"\\u0069\\u0064\":5,"
            + "\"näme\":\"x\",\"name\":\"\\u00e4\\n\\ud83d\\ude00\"}");
    assertEquals(5, batch.all().getLong(0, ID));
    assertEquals("ä\n😀", batch.all().getString(0, NAME));
  }

  @Test
  void a_name_may_be_as_long_as_256_bytes_or_the_longest_of_the_schema() throws Exception {
    decode("{\"" + "n".repeat(256) + "\":1,\"" + "\u00e4".repeat(128) + "\":2,\"id\":3}");
    assertEquals(3, batch.all().getLong(0, ID));
    String longName = "l".repeat(1_000);
    Schema schema = Schema.builder("t").integer(longName).build();
    Batch long1000 = new Batch(schema);
    byte[] bytes = ("{\"" + "m".repeat(1_000) + "\":1,\"" + longName + "\":2}").getBytes(UTF_8);
    int offset = long1000.append(ByteBuffer.wrap(bytes));
    assertEquals(1, new JsonDecoder(schema).decode(long1000, offset, bytes.length));
  }

  @Test
  void a_wide_schema_allows_fewer_records_in_a_datagram() throws Exception {
    Schema.Builder schema = Schema.builder("wide");
    for (int i = 0; i < 200; i++) {
      schema.integer("f" + i).optional();
    }
    Batch wide = new Batch(schema.build());
    JsonDecoder wideDecoder = new JsonDecoder(schema.build());
    byte[] most = ("[" + "{     },".repeat(wide.maxRows() - 1) + "{}     ]").getBytes(UTF_8);
    byte[] more = ("[" + "{     },".repeat(wide.maxRows()) + "{}]").getBytes(UTF_8);
    assertEquals(
        wide.maxRows(), wideDecoder.decode(wide, wide.append(most, 0, most.length), most.length));
    wide.rollback();
    int offset = wide.append(more, 0, more.length);
    RejectedException e =
        assertThrows(RejectedException.class, () -> wideDecoder.decode(wide, offset, more.length));
    assertEquals(RejectReason.TOO_MANY_RECORDS, e.reason());
    assertTrue(e.detail().contains("more than " + wide.maxRows()), e.detail());
  }

  @Test
  void records_with_nothing_in_them_are_not_taken_by_the_thousand() throws Exception {
    Schema schema = Schema.builder("t").integer("a").optional().build();
    Batch rows = new Batch(schema);
    JsonDecoder emptyDecoder = new JsonDecoder(schema);
    byte[] smallest = "[{\"a\":1},{\"a\":2},{\"a\":3}]".getBytes(UTF_8);
    int offset = rows.append(smallest, 0, smallest.length);
    assertEquals(3, emptyDecoder.decode(rows, offset, smallest.length));
    rows.rollback();
    byte[] empty = "{}".getBytes(UTF_8);
    offset = rows.append(empty, 0, empty.length);
    assertEquals(1, emptyDecoder.decode(rows, offset, empty.length));
    rows.rollback();
    byte[] many = "[{},{},{},{}]".getBytes(UTF_8);
    int start = rows.append(many, 0, many.length);
    RejectedException e =
        assertThrows(RejectedException.class, () -> emptyDecoder.decode(rows, start, many.length));
    assertEquals(RejectReason.TOO_MANY_RECORDS, e.reason());
    assertTrue(e.detail().contains("one record for each 8 bytes"), e.detail());
  }

  @ParameterizedTest
  @CsvSource({
    "1f8b0800, Unwrap.gzip(...)",
    "789c4b04, Unwrap.zlib(...)",
    "78014b04, zlib",
    "1e0f0102, GELF",
    "fffe7b00, UTF-16",
    "feff007b, UTF-16",
    "3c31333e4a616e, Unwrap.syslog()",
    "3c3134313e31207b, syslog",
  })
  void a_message_of_another_format_is_told_which_it_seems_to_be(String hex, String format) {
    byte[] message = HexFormat.of().parseHex(hex);
    RejectedException e = assertThrows(RejectedException.class, () -> decode(message));
    assertTrue(e.detail().contains(format), e.detail());
  }

  @ParameterizedTest
  @ValueSource(strings = {"x", "xy", "<", "<13", "<1234>", "<a>", "\u001e", "\u001f"})
  void a_message_that_only_looks_a_little_like_another_format_is_not(String message) {
    RejectedException e = assertThrows(RejectedException.class, () -> decode(message));
    assertFalse(e.detail().contains("it begins"), e.detail());
  }

  @Test
  void a_rejection_shows_only_the_beginning_of_what_came() {
    String text = "\u202e" + "x".repeat(7_000);
    RejectedException e =
        assertThrows(RejectedException.class, () -> decode("{\"id\":1,\"at\":\"" + text + "\"}"));
    assertTrue(e.detail().startsWith("field 'at' is '\\u202exxx"), e.detail());
    assertTrue(e.detail().length() < 300, e.detail());
  }

  @Test
  void optional_fields_may_be_missing_or_null() throws Exception {
    decode(
        "{\"id\":1}\n{\"id\":2,\"value\":null,\"name\":null,\"on\":null,\"at\":null}\n{\"id\":3,\"value\":0}");
    for (int column : new int[] {VALUE, NAME, ON, AT}) {
      assertTrue(batch.all().isNull(0, column));
      assertTrue(batch.all().isNull(1, column));
    }
    assertEquals(0.0, batch.all().getDouble(2, VALUE));
  }

  @Test
  void a_datagram_may_hold_a_batch_of_records_and_a_schema_hundreds_of_fields() throws Exception {
    Schema.Builder wide = Schema.builder("wide");
    StringBuilder record = new StringBuilder("{\"f0\":0");
    for (int i = 0; i < 200; i++) {
      wide.integer("f" + i);
      record.append(i == 0 ? "" : ",\"f" + i + "\":" + i);
    }
    record.append('}');
    Batch wideBatch = new Batch(wide.build());
    JsonDecoder wideDecoder = new JsonDecoder(wide.build());
    int records = wideBatch.maxRows();
    String datagram = "[" + (record + ",").repeat(records - 1) + record + "]";
    byte[] bytes = datagram.getBytes(StandardCharsets.UTF_8);
    int offset = wideBatch.append(ByteBuffer.wrap(bytes));
    assertEquals(records, wideDecoder.decode(wideBatch, offset, bytes.length));
    wideBatch.commit(SOURCE, 0, offset + bytes.length);
    for (int column = 0; column < 200; column++) {
      assertEquals(column, wideBatch.all().getLong(records - 1, column));
    }
    RejectedException missing =
        assertThrows(
            RejectedException.class,
            () -> {
              byte[] without =
                  record.toString().replace("\"f130\"", "\"g\"").getBytes(StandardCharsets.UTF_8);
              wideDecoder.decode(
                  wideBatch, wideBatch.append(ByteBuffer.wrap(without)), without.length);
            });
    assertTrue(missing.detail().contains("'f130'"), missing.detail());
  }

  @Test
  void numbers_come_through_bit_for_bit() throws Exception {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    for (int i = 0; i < 20_000; i++) {
      double value = Double.longBitsToDouble(random.nextLong());
      long id = random.nextLong() >> random.nextInt(64);
      if (Double.isFinite(value)) {
        batch.clear();
        decode("{\"id\":" + id + ",\"value\":" + value + "}");
        assertEquals(id, batch.all().getLong(0, ID), "seed " + seed);
        assertEquals(
            Double.doubleToRawLongBits(value),
            Double.doubleToRawLongBits(batch.all().getDouble(0, VALUE)),
            () -> value + ", seed " + seed);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"-0", "-0.0", "-0e5", "-1e-999"})
  void a_zero_keeps_its_sign(String zero) throws Exception {
    decode("{\"id\":1,\"value\":" + zero + "}");
    assertEquals(-0.0, batch.all().getDouble(0, VALUE));
  }

  @Test
  void a_timestamp_gives_back_the_double_that_its_number_denotes() throws Exception {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    for (int i = 0; i < 50_000; i++) {
      // By turns from 1973 on in the shortest form, as Python prints time.time(), and any time in
      // nanoseconds.
      String text =
          i % 2 == 0
              ? BigDecimal.valueOf(1e8 + random.nextDouble() * 9e9).toPlainString()
              : BigDecimal.valueOf(random.nextLong() >> random.nextInt(64), 9).toPlainString();
      batch.clear();
      decode("{\"id\":1,\"at\":" + text + "}");
      long nanos =
          new BigDecimal(text).movePointRight(9).setScale(0, RoundingMode.HALF_UP).longValueExact();
      assertEquals(nanos, batch.all().getLong(0, AT), () -> text + ", seed " + seed);
      assertEquals(
          Double.parseDouble(text), batch.all().getDouble(0, AT), () -> text + ", seed " + seed);
    }
  }

  @Test
  void a_timestamp_with_an_exponent_is_what_its_number_denotes() throws Exception {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    for (int i = 0; i < 10_000; i++) {
      long nanos = random.nextLong() >> random.nextInt(64);
      int shift = random.nextInt(40) - 20;
      String text = BigDecimal.valueOf(nanos, 9).movePointRight(shift).toPlainString() + "e";
      batch.clear();
      decode("{\"id\":1,\"at\":" + text + -shift + "}");
      assertEquals(nanos, batch.all().getLong(0, AT), () -> text + -shift + ", seed " + seed);
    }
  }

  @Test
  void the_digits_of_a_timestamp_beyond_a_nanosecond_round_it() throws Exception {
    decode("{\"id\":1,\"at\":0." + "0".repeat(900) + "15e901}");
    assertEquals(2_000_000_000 - 500_000_000, batch.all().getLong(0, AT));
    batch.clear();
    decode("{\"id\":1,\"at\":1.0000000004" + "9".repeat(900) + "e0}");
    assertEquals(1_000_000_000, batch.all().getLong(0, AT));
  }

  @ParameterizedTest
  @CsvSource({
    "0, 0",
    "-0.0, 0",
    "1751715061, 1751715061000000000",
    "-1.5, -1500000000",
    "0.0000000004, 0",
    "0.0000000005, 1",
    "-0.0000000005, -1",
    "1.9999999999, 2000000000",
    "1.75171506112E9, 1751715061120000000",
    "175171506112e-2, 1751715061120000000",
    "1e-999999999, 0",
    "0e999999999, 0",
    "0.00001e5, 1000000000",
    "123.456e-1, 12345600000",
    "92233720368547758.07e-7, 9223372036854775807",
    "-92233720368547758.08e-7, -9223372036854775808",
    "5e-10, 1",
    "49e-11, 0",
    "9223372036.854775807, 9223372036854775807",
    "-9223372036.854775808, -9223372036854775808",
    "'\"1970-01-01T00:00:01Z\"', 1000000000",
    "'\"2025-07-05T21:31:01.12+10:00\"', 1751715061120000000",
    "'\"1969-12-31T23:59:59.999999999Z\"', -1",
    "'\"1969-12-31T23:59:59Z\"', -1000000000",
    "'\"1677-09-21T00:12:43.145224192Z\"', -9223372036854775808",
    "'\"2262-04-11T23:47:16.854775807Z\"', 9223372036854775807"
  })
  void timestamps_are_kept_in_nanoseconds(String json, long nanos) throws Exception {
    decode("{\"id\":1,\"at\":" + json + "}");
    assertEquals(nanos, batch.all().getLong(0, AT));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"id\": 17, \"value\": 21.4, \"name\": \"kitchen\", \"on\": true, \"at\": 1751715061.12}",
        "[{\"id\":1,\"name\":\"ä😀\\u00e4\"},{\"id\":2,\"x\":{\"y\":[1,2,{}]}}]",
        "{\"id\":1}\n{\"id\":2,\"at\":\"2025-07-05T11:31:01.12Z\"}\n"
      })
  void whatever_is_done_to_a_datagram_it_is_decoded_or_rejected(String datagram) throws Exception {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    byte[] good = datagram.getBytes(StandardCharsets.UTF_8);
    byte[] pieces = "{}[]\",:\\0123456789.eE+-ntfu \n\u0000".getBytes(StandardCharsets.UTF_8);
    decode("{\"id\":4711,\"name\":\"first\"}");
    for (int i = 0; i < 15_000; i++) {
      byte[] mutant = Arrays.copyOf(good, 1 + random.nextInt(good.length + 2));
      for (int change = random.nextInt(4); change >= 0; change--) {
        mutant[random.nextInt(mutant.length)] =
            random.nextBoolean()
                ? pieces[random.nextInt(pieces.length)]
                : (byte) random.nextInt(256);
      }
      try {
        int before = batch.rows();
        assertEquals(before + decode(mutant), batch.rows());
      } catch (RejectedException e) {
        continue;
      } catch (RuntimeException e) {
        fail("seed " + seed + ", datagram " + Arrays.toString(mutant), e);
      }
      if (batch.rows() > 1000) {
        assertEquals("first", batch.all().getString(0, NAME));
        batch.clear();
        decode("{\"id\":4711,\"name\":\"first\"}");
      }
    }
    assertEquals(4711, batch.all().getLong(0, ID));
  }

  private int decode(String datagram) throws RejectedException {
    return decode(datagram.getBytes(StandardCharsets.UTF_8));
  }

  /** As the receiver does it. */
  private int decode(byte[] datagram) throws RejectedException {
    int offset = batch.append(ByteBuffer.wrap(datagram));
    try {
      int rows = decoder.decode(batch, offset, datagram.length);
      batch.commit(SOURCE, 0, offset + datagram.length);
      return rows;
    } catch (RejectedException e) {
      batch.rollback();
      throw e;
    }
  }

  private String payload(int row) {
    byte[] bytes = batch.all().json(row);
    String text = new String(bytes, StandardCharsets.UTF_8);
    assertArrayEquals(bytes, text.getBytes(StandardCharsets.UTF_8));
    return text;
  }

  private static Arguments good(String datagram, String... records) {
    return Arguments.of(datagram, List.of(records));
  }

  private static Arguments bad(String datagram, RejectReason reason) {
    return bad(datagram.getBytes(StandardCharsets.UTF_8), reason);
  }

  private static Arguments bad(byte[] datagram, RejectReason reason) {
    return Arguments.of(datagram, reason);
  }

  private static byte[] bytes(Object... parts) {
    ByteBuffer all = ByteBuffer.allocate(100);
    for (Object part : parts) {
      if (part instanceof Integer b) {
        all.put(b.byteValue());
      } else {
        all.put(((String) part).getBytes(StandardCharsets.UTF_8));
      }
    }
    return Arrays.copyOf(all.array(), all.position());
  }

  private final int[] offsets = new int[64];
  private final InetSocketAddress[] sources = new InetSocketAddress[64];
  private final byte[] datagram =
      "{\"id\": 17, \"value\": 21.400000000000002, \"name\": \"x\", \"on\": true, \"at\": 1.12}"
          .getBytes(StandardCharsets.UTF_8);

  @Test
  void more_datagrams_together_allocate_no_more() {
    // The first rounds also load classes. What all others allocate is no matter of what the JVM has
    // compiled by then: nothing is allocated that it would have to find superfluous.
    long few = Long.MAX_VALUE;
    long many = Long.MAX_VALUE;
    for (int round = 0; round < 20; round++) {
      few = Math.min(few, allocated(2));
      many = Math.min(many, allocated(64));
    }
    assertEquals(few, many);
  }

  private void decodeTogether(int count) {
    batch.clear();
    for (int i = 0; i < count; i++) {
      offsets[i] = batch.append(datagram, 0, datagram.length);
    }
    int end = offsets[count - 1] + datagram.length;
    assertEquals(count, decoder.decodeEach(batch, offsets, count, end));
    batch.commitEach(sources, 0, 0, end);
  }

  private long allocated(int count) {
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long before = threads.getCurrentThreadAllocatedBytes();
    decodeTogether(count);
    return threads.getCurrentThreadAllocatedBytes() - before;
  }
}
