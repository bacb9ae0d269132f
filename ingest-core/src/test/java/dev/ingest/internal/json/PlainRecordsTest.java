package dev.ingest.internal.json;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ingest.internal.batch.Batch;
import dev.ingest.internal.batch.Rows;
import dev.ingest.internal.decode.RejectedException;
import dev.ingest.record.Field;
import dev.ingest.record.Schema;
import java.net.InetSocketAddress;
import java.time.ZoneId;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Which records are plain, and that each of these is what Jackson's parser makes of it. */
class PlainRecordsTest {
  private static final InetSocketAddress NOBODY = InetSocketAddress.createUnresolved("nobody", 0);

  private static final Schema SCHEMA =
      Schema.builder("things")
          .integer("id")
          .real("x")
          .optional()
          .text("name")
          .optional()
          .timestamp("at")
          .optional()
          .zone(ZoneId.of("Europe/Vienna"))
          .timestamp("millis")
          .optional()
          .epoch(ChronoUnit.MILLIS)
          .bool("on")
          .optional()
          .integer("loose")
          .optional()
          .lenient()
          .text("loose text")
          .optional()
          .lenient()
          .build();

  private static final List<String> NUMBERS =
      List.of(
          "0",
          "-0",
          "-0.0",
          "1",
          "-1",
          "17",
          "01",
          "-01",
          "1.",
          ".5",
          "-",
          "1.5",
          "-1.50",
          "1e3",
          "1E-2",
          "0.1",
          "21.400000000000002",
          "9007199254740993",
          "9007199254740993.0",
          "9223372036854775807",
          "9223372036854775808",
          "-9223372036854775808",
          "18446744073709551615",
          "18446744073709551616",
          "99999999999999999999",
          "1751715061.12",
          "1751715061.1234567891",
          "9223372036.854775807",
          "9223372036.854775808",
          "1751715061123",
          "1751715061123.5",
          "0.000000000000000001",
          "123456789012345678.9",
          "1 2",
          "nan",
          "NaN");

  private static final List<String> STRINGS =
      List.of(
          "",
          "a",
          "plain text of some length, 1234567890",
          "größer",
          "温度",
          "😀",
          "\\n",
          "\\\"",
          "a\\\\b",
          "\\/",
          "\\u00e9",
          "\\u0000",
          "\\ud83d\\ude00",
          "\\uD83D\\uDE00",
          "\\ud83d",
          "\\ude00",
          "\\ud83dx",
          "\\ud83d\\n",
          "\\u12",
          "\\u12g4",
          "\\x",
          "\\",
          "tab\there",
          "17",
          "true",
          "2025-07-05T11:31:01.12Z",
          "2025-07-05 11:31:01",
          "2025-07-05T11:31:01+01:00",
          "2025-13-05T11:31:01Z",
          "now",
          "x\\u0041y\\tz and more behind that, without an end");

  private static final String NOISE = "\"\\{}[]:,0e.- \n\u00e4\0x";

  private final PlainRecords plain = Objects.requireNonNull(PlainRecords.of(SCHEMA));
  private final JsonDecoder jackson = new JsonDecoder(SCHEMA);
  private final Batch batch = new Batch(SCHEMA);
  private final Batch expected = new Batch(SCHEMA);

  private boolean isPlain(String record) {
    batch.clear();
    byte[] bytes = record.getBytes(UTF_8);
    // What an earlier and longer message has left must not matter.
    batch.append("},\"on\":true}}}}\",\"name\":\"left\"}".repeat(40).getBytes(UTF_8), 0, 900);
    batch.rollback();
    int start = batch.append(bytes, 0, bytes.length);
    boolean taken = plain.decode(batch, start, start + bytes.length);
    assertEquals(taken ? 1 : 0, batch.uncommitted(), record);
    if (taken) {
      batch.commit(NOBODY, 0, start + bytes.length);
    }
    return taken;
  }

  /** Returns the values, and the bytes of the record; null if it is rejected. */
  private List<Object> jackson(String record) {
    expected.clear();
    byte[] bytes = record.getBytes(UTF_8);
    int start = expected.append(bytes, 0, bytes.length);
    try {
      jackson.decode(expected, start, bytes.length);
    } catch (RejectedException e) {
      return null;
    }
    expected.commit(NOBODY, 0, start + bytes.length);
    return values(expected.all());
  }

  private static List<Object> values(Rows rows) {
    List<Object> values = new ArrayList<>();
    for (int column = 0; column < SCHEMA.fields().size(); column++) {
      Field field = SCHEMA.fields().get(column);
      values.add(
          rows.isNull(0, column)
              ? "null"
              : switch (field.type()) {
                case INTEGER, TIMESTAMP -> (Object) rows.getLong(0, column);
                case REAL -> Double.doubleToRawLongBits(rows.getDouble(0, column));
                case BOOLEAN -> rows.getBoolean(0, column);
                default -> rows.getString(0, column);
              });
    }
    values.add(new String(rows.json(0), UTF_8));
    return values;
  }

  private void check(String record) {
    if (isPlain(record)) {
      assertEquals(jackson(record), values(batch.all()), record);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"id\":17}",
        "{ \"id\" : -17 , \"x\" : 21.400000000000002 } \r\n",
        "{\"id\":1,\"x\":null,\"name\":\"gr\u00f6\u00dfer\",\"on\":false}",
        "{\"id\":1,\"name\":\"\\ud83d\\ude00 \\\"\\u00e9\\n\"}",
        "{\"id\":1,\"at\":\"2025-07-05T11:31:01.12Z\",\"millis\":1751715061123}",
        "{\"id\":1,\"at\":1751715061.12,\"loose\":17,\"loose text\":\"a\"}"
      })
  void what_devices_send_is_plain(String record) {
    assertTrue(isPlain(record));
    assertEquals(jackson(record), values(batch.all()));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{}",
        "{\"x\":1}",
        "{\"x\":1,\"id\":1}",
        "{\"id\":1,\"id\":2}",
        "{\"id\":1,\"other\":2}",
        "{\"i\\u0064\":1}",
        "{\"id\":1.0}",
        "{\"id\":1e3}",
        "{\"id\":1,\"x\":1e3}",
        "{\"id\":1,\"loose\":null}",
        "{\"id\":1,\"loose\":\"17\"}",
        "{\"id\":1,\"on\":1}",
        "{\"id\":1,}",
        "{\"id\":1",
        "{\"id\":1}}",
        "{\"id\":1}{\"id\":2}",
        "{\"id\":1,\"name\":\"open",
        "{\"id\":1,\"name\":\"a\tb\"}",
        "[{\"id\":1}]"
      })
  void what_is_unusual_is_left_to_jackson(String record) {
    assertFalse(isPlain(record));
  }

  @Test
  void all_values_at_all_places_are_what_jackson_makes_of_them() {
    List<String> values = new ArrayList<>(List.of("true", "false", "null", "tru", "{}", "[1]"));
    values.addAll(NUMBERS);
    STRINGS.forEach(text -> values.add('"' + text + '"'));
    int taken = 0;
    for (Field field : SCHEMA.fields()) {
      for (String value : values) {
        boolean isId = field.name().equals("id");
        String record = (isId ? "{\"id\":" : "{\"id\":1, \"" + field.name() + "\": ") + value + "}";
        check(record);
        taken += batch.rows();
      }
    }
    assertTrue(taken > 100, "plain: " + taken);
  }

  @Test
  void random_records_are_what_jackson_makes_of_them() {
    SplittableRandom random = new SplittableRandom(4711);
    int taken = 0;
    for (int i = 0; i < 60_000; i++) {
      StringBuilder record = new StringBuilder("{");
      for (Field field : SCHEMA.fields()) {
        if (field.name().equals("id") || random.nextInt(3) == 0) {
          record.append(record.length() > 1 ? spaced(",", random) : "");
          record.append('"').append(field.name()).append('"').append(spaced(":", random));
          record.append(value(field, random));
        }
      }
      record.append(spaced("}", random));
      if (random.nextInt(4) == 0) {
        int at = random.nextInt(record.length());
        record.setCharAt(at, NOISE.charAt(random.nextInt(NOISE.length())));
      }
      check(record.toString());
      taken += batch.rows();
    }
    assertTrue(taken > 10_000, "plain: " + taken);
  }

  private static String spaced(String token, SplittableRandom random) {
    return random.nextInt(4) == 0 ? " " + token + "\n" : token;
  }

  private static String value(Field field, SplittableRandom random) {
    return switch (field.type()) {
      case INTEGER -> Long.toString(random.nextLong() >> random.nextInt(64));
      case REAL ->
          random.nextBoolean()
              ? Double.toString(random.nextDouble(-1e6, 1e6))
              : (random.nextLong() >> random.nextInt(64)) + "." + random.nextLong(1L << 40);
      case TIMESTAMP -> NUMBERS.get(random.nextInt(NUMBERS.size()));
      case BOOLEAN -> random.nextBoolean() ? "true" : "false";
      default ->
          '"'
              + STRINGS.get(random.nextInt(STRINGS.size()))
              + STRINGS.get(random.nextInt(STRINGS.size()))
              + '"';
    };
  }

  @Test
  void a_schema_without_plain_records_has_no_such_decoder() {
    assertNull(PlainRecords.of(Schema.builder("s").integer("a").from("/b/c").build()));
    assertNull(PlainRecords.of(Schema.builder("s").json("a").build()));
    assertNull(PlainRecords.of(Schema.builder("s").integer("größe").build()));
    assertNull(PlainRecords.of(Schema.builder("s").integer("a\"b").build()));
    assertNull(
        PlainRecords.of(Schema.builder("s").integer("a").from("/x").real("b").from("/x").build()));
    assertNotNull(
        PlainRecords.of(
            Schema.builder("s").integer("a").from("/x").receivedAt("r").sender("s").build()));
  }

  @Test
  void its_bytes_are_those_of_the_object_alone() {
    assertTrue(isPlain("{\"id\":1} \n"));
    assertArrayEquals("{\"id\":1}".getBytes(UTF_8), batch.all().json(0));
  }
}
