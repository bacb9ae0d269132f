package dev.ingest.internal.json;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ingest.internal.decode.RejectedException;
import dev.ingest.record.Schema;
import dev.ingest.stats.RejectReason;
import java.math.BigDecimal;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class LenientValuesTest {
  private static final OneField INTEGER = new OneField(schema().integer("f").lenient());
  private static final OneField REAL = new OneField(schema().real("f").lenient());
  private static final OneField TEXT = new OneField(schema().text("f").lenient());
  private static final OneField BOOLEAN = new OneField(schema().bool("f").lenient());
  private static final OneField TIMESTAMP = new OneField(schema().timestamp("f").lenient());

  private static Schema.Builder schema() {
    return Schema.builder("t");
  }

  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '`',
      value = {
        "17, 17",
        "17.0, 17",
        "1e3, 1000",
        "1E+3, 1000",
        "1.5e1, 15",
        "-0.0, 0",
        "9223372036854775807.0, 9223372036854775807",
        "-9223372036854775808.000, -9223372036854775808",
        "1234567890123456789, 1234567890123456789",
        "\"17\", 17",
        "\"-17\", -17",
        "\"+17\", 17",
        "\"0017\", 17",
        "\" 17 \", 17",
        "\"\\t17\\r\\n\", 17",
        "\"17.\", 17",
        "\"17.0\", 17",
        "\"1.5e1\", 15",
        "\"\\u0031\\u0037\", 17",
        "\"-9223372036854775808\", -9223372036854775808",
      })
  void an_integer_may_have_a_fraction_or_be_in_a_string(String json, long value) throws Exception {
    assertEquals(value, INTEGER.decode(json));
  }

  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '`',
      delimiter = '|',
      value = {
        "17.5 | WRONG_TYPE | is a number with a fraction or an exponent (17.5): expected an integer",
        "1e-1 | WRONG_TYPE | (1e-1): expected an integer",
        "\"17.5\" | WRONG_TYPE | is a string ('17.5'): expected an integer",
        "9223372036854775808 | NUMBER_OUT_OF_RANGE | expected an integer of 64 bits",
        "9223372036854775808.0 | NUMBER_OUT_OF_RANGE | expected an integer of 64 bits",
        "1e400 | NUMBER_OUT_OF_RANGE | is 1e400: expected an integer of 64 bits",
        "\"1e999999999\" | NUMBER_OUT_OF_RANGE | is 1e999999999: expected an integer of 64 bits",
        "true | WRONG_TYPE | is a truth value: expected INTEGER",
        "[1] | WRONG_TYPE | is an array: expected INTEGER",
        "{\"a\":1} | WRONG_TYPE | is an object: expected INTEGER",
        "null | MISSING_FIELD | is null: expected INTEGER",
      })
  void what_is_no_integer_is_rejected(String json, RejectReason reason, String detail) {
    assertRejected(INTEGER, json, reason, detail);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        " ",
        "+",
        "-",
        ".",
        "-.",
        "e5",
        ".e5",
        "1e",
        "1e+",
        "1.2.3",
        "1,5",
        "1 2",
        "- 1",
        "--1",
        "+-1",
        "0x10",
        "0x1p3",
        "1_000",
        "1d",
        "1f",
        "1L",
        "1.0D",
        "\u0661",
        "\uff11",
        "1\u00a0",
        "\u2003" + "1",
        "1\u0000",
        "nano",
        "infx",
        "nan1",
        "-",
        "infinit",
        "infinityy",
        "in",
        "na",
        "n",
        "naninf",
        "+ nan",
        "NA",
        "none",
        "null",
        "\u0130nf",
        "12 V",
        "ground"
      })
  void a_string_without_a_number_is_rejected_by_every_number(String text) {
    String json = quote(text);
    assertRejected(INTEGER, json, RejectReason.WRONG_TYPE, "expected a number in it");
    assertRejected(REAL, json, RejectReason.WRONG_TYPE, "expected a number in it");
    assertRejected(TIMESTAMP, json, RejectReason.WRONG_TYPE, "expected an ISO 8601 date and time");
  }

  private static String quote(String text) {
    StringBuilder json = new StringBuilder("\"");
    text.chars().forEach(c -> json.append("\\u%04x".formatted(c)));
    return json.append('"').toString();
  }

  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '`',
      value = {
        "\"21.5\", 21.5",
        "\" -21.5\\n\", -21.5",
        "\"+21.5\", 21.5",
        "\".5\", 0.5",
        "\"-.5\", -0.5",
        "\"5.\", 5",
        "\"5.e1\", 50",
        "\"021.50\", 21.5",
        "\"-0\", -0.0",
        "\"-0.0\", -0.0",
        "\"-1e-400\", -0.0",
        "\"4.9e-324\", 4.9e-324",
        "\"1.7976931348623157e308\", 1.7976931348623157e308",
        "21.5, 21.5",
      })
  void a_real_may_be_in_a_string(String json, double value) throws Exception {
    assertEquals(value, REAL.decode(json));
  }

  @Test
  void a_real_in_a_string_is_the_same_to_the_last_bit() throws Exception {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    for (int i = 0; i < 20_000; i++) {
      double value = Double.longBitsToDouble(random.nextLong());
      if (Double.isFinite(value)) {
        // by turns the shortest text, and the longest: halfway to the next double
        String text =
            i % 8 == 0
                ? new BigDecimal(value)
                    .add(new BigDecimal(Math.ulp(value)).divide(new BigDecimal(2)))
                    .toString()
                : Double.toString(value);
        if (text.length() <= RecordParsers.MAX_NUMBER_LENGTH) {
          assertEquals(
              Double.parseDouble(text),
              REAL.decode("\"" + text + "\""),
              () -> text + ", seed " + seed);
        }
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"1e309", "-1.8e308", "1e999999999"})
  void a_real_beyond_all_doubles_is_rejected(String text) {
    assertRejected(
        REAL, "\"" + text + "\"", RejectReason.NUMBER_OUT_OF_RANGE, "is " + text + ": expected a");
  }

  @Test
  void a_number_in_a_string_has_at_most_1000_digits() throws Exception {
    String most = "1." + "0".repeat(999);
    assertEquals(1L, INTEGER.decode("\"" + most + "\""));
    assertEquals(1.0, REAL.decode("\"" + most + "\""));
    assertEquals(1_000_000_000L, TIMESTAMP.decode("\"" + most + "\""));
    assertRejected(INTEGER, "\"" + most + "0\"", RejectReason.WRONG_TYPE, "of at most 1000 digits");
    assertRejected(REAL, "\"" + most + "0\"", RejectReason.WRONG_TYPE, "of at most 1000 digits");
    assertEquals(-1L, INTEGER.decode("-" + most));
  }

  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '`',
      value = {
        "true, true",
        "false, false",
        "1, true",
        "0, false",
        "1.0, true",
        "-0, false",
        "1e0, true",
        "\"true\", true",
        "\"TRUE\", true",
        "\"on\", true",
        "\"On\", true",
        "\"yes\", true",
        "\"1\", true",
        "\"false\", false",
        "\"OFF\", false",
        "\"off\", false",
        "\"No\", false",
        "\"0\", false",
      })
  void a_truth_value_may_be_a_number_or_a_word(String json, boolean value) throws Exception {
    assertEquals(value, BOOLEAN.decode(json));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "2",
        "-1",
        "0.5",
        "1e300",
        "\"\"",
        "\" on\"",
        "\"2\"",
        "\"y\"",
        "\"onn\"",
        "\"nan\"",
        "\"\\u0011\"",
        "\"\\u0000on\"",
        "\"\u212a\"",
        "\"1.0\"",
        "\"truetrue1\""
      })
  void any_other_is_rejected(String json) {
    assertRejected(
        BOOLEAN, json, RejectReason.WRONG_TYPE, "expected true, false, 1 or 0; in a string also");
  }

  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '`',
      value = {
        "17.50, 17.50",
        "1E3, 1E3",
        "-0, -0",
        "9223372036854775808, 9223372036854775808",
        "true, true",
        "false, false",
        "\"nan\", nan",
        "\"on\", on",
        "\"\", ``",
      })
  void a_text_is_a_number_or_a_truth_value_as_it_came(String json, String text) throws Exception {
    assertEquals(text, TEXT.decode(json));
  }

  @ParameterizedTest
  @ValueSource(strings = {"[1]", "{\"a\":1}", "null"})
  void a_text_is_no_more_than_that(String json) {
    assertThrows(RejectedException.class, () -> TEXT.decode(json));
  }

  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '`',
      value = {
        "SECONDS, \"1751715061.12\", 1751715061120000000",
        "SECONDS, \" +1751715061 \", 1751715061000000000",
        "MILLIS, \"1751715061120\", 1751715061120000000",
        "MICROS, \"1751715061120000.5\", 1751715061120000500",
        "NANOS, \"1751715061120000000\", 1751715061120000000",
        "MILLIS, \"2025\", 2025000000",
        "MILLIS, \"2025-07-05T11:31:01.12Z\", 1751715061120000000",
        "MILLIS, \"2025-07-05 11:31:01.12\", 1751715061120000000",
        "MILLIS, 1751715061120, 1751715061120000000",
      })
  void a_timestamp_in_a_string_is_a_number_or_a_date(ChronoUnit unit, String json, long nanos)
      throws Exception {
    OneField timestamp =
        new OneField(schema().timestamp("f").lenient().epoch(unit).zone(ZoneOffset.UTC));
    assertEquals(nanos, timestamp.decode(json));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "nan",
        "NaN",
        "NAN",
        "-nan",
        "+nan",
        "inf",
        "INF",
        "-inf",
        "+inf",
        "Infinity",
        "-Infinity",
        "+Infinity",
        "infinity",
        "-INF"
      })
  void no_number_is_null_in_a_string_and_without_one(String word) throws Exception {
    for (Schema.Builder schema :
        new Schema.Builder[] {schema().integer("f"), schema().real("f"), schema().timestamp("f")}) {
      OneField optional = new OneField(schema.lenient().optional());
      assertNull(optional.decode(word));
      assertNull(optional.decode("\"" + word + "\""));
      assertNull(optional.decode("\" " + word + " \""));
    }
    assertNull(new OneField(schema().bool("f").lenient().optional()).decode(word));
    assertNull(new OneField(schema().text("f").lenient().optional()).decode(word));
  }

  @ParameterizedTest
  @ValueSource(strings = {"nan", "-inf", "\"NaN\""})
  void no_number_is_rejected_by_a_required_field(String json) {
    String detail = "is " + json.replace("\"", "") + ": expected a finite number, or make the";
    assertRejected(INTEGER, json, RejectReason.NUMBER_OUT_OF_RANGE, detail);
    assertRejected(REAL, json, RejectReason.NUMBER_OUT_OF_RANGE, detail);
    assertRejected(TIMESTAMP, json, RejectReason.NUMBER_OUT_OF_RANGE, detail);
  }

  private static void assertRejected(
      OneField field, String json, RejectReason reason, String detail) {
    RejectedException e = assertThrows(RejectedException.class, () -> field.decode(json), json);
    assertEquals(reason, e.reason(), e.detail());
    assertTrue(e.detail().startsWith("field 'f' is "), e.detail());
    assertTrue(e.detail().contains(detail), e.detail());
  }
}
