package dev.ingest.internal.json;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.ingest.internal.decode.RejectedException;
import dev.ingest.record.Schema;
import dev.ingest.stats.RejectReason;
import java.time.ZoneId;
import java.time.temporal.ChronoUnit;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TimestampsTest {
  @ParameterizedTest
  @CsvSource({
    "SECONDS, 1751715061.12, 1751715061120000000",
    "MILLIS, 1751715061120, 1751715061120000000",
    "MILLIS, 1751715061120.5, 1751715061120500000",
    "MILLIS, 0.0000005, 1",
    "MILLIS, 1.75171506112e12, 1751715061120000000",
    "MILLIS, -1, -1000000",
    "MILLIS, 9223372036854.775807, 9223372036854775807",
    "MILLIS, -9223372036854.775808, -9223372036854775808",
    "MICROS, 1751715061120000, 1751715061120000000",
    "MICROS, 1751715061120000.0005, 1751715061120000001",
    "MICROS, -0.0005, -1",
    "NANOS, 1751715061120000000, 1751715061120000000",
    "NANOS, 1751715061120000000.5, 1751715061120000001",
    "NANOS, 9223372036854775807, 9223372036854775807",
    "NANOS, -9223372036854775808, -9223372036854775808",
  })
  void a_number_counts_the_unit_that_is_set(ChronoUnit unit, String number, long nanos)
      throws Exception {
    assertEquals(nanos, field(unit).decode(number));
  }

  @ParameterizedTest
  @CsvSource({
    "SECONDS, 1751715061123, seconds, '; if these are milliseconds, set epoch(MILLIS)'",
    "SECONDS, 1751715061123.5, seconds, '; if these are milliseconds, set epoch(MILLIS)'",
    "SECONDS, 1751715061123456, seconds, '; if these are microseconds, set epoch(MICROS)'",
    "SECONDS, 1.75e18, seconds, '; if these are nanoseconds, set epoch(NANOS)'",
    "SECONDS, -1e300, seconds, ''",
    "MILLIS, 1751715061123456, milliseconds, '; if these are microseconds, set epoch(MICROS)'",
    "MILLIS, 1751715061123456789, milliseconds, '; if these are nanoseconds, set epoch(NANOS)'",
    "MICROS, 1751715061123456789, microseconds, '; if these are nanoseconds, set epoch(NANOS)'",
    "NANOS, 9223372036854775808, nanoseconds, ''",
  })
  void a_number_out_of_range_is_told_the_unit_that_fits(
      ChronoUnit unit, String number, String name, String advice) {
    RejectedException e = assertThrows(RejectedException.class, () -> field(unit).decode(number));
    assertEquals(RejectReason.NUMBER_OUT_OF_RANGE, e.reason());
    assertEquals(
        "field 'f' is '%s': expected %s from 1677-09-21 to 2262-04-11%s"
            .formatted(number, name, advice),
        e.detail());
  }

  @ParameterizedTest
  @CsvSource({
    "2025-07-05T11:31:01, WRONG_TYPE, 'expected an offset at its end, such as Z or +10:00; if all these texts are of one time zone, set zone(...)'",
    "2025-02-30T11:31:01Z, WRONG_TYPE, expected a month from 01 to 12 and a day that it has",
    "1600-01-01T00:00:00Z, NUMBER_OUT_OF_RANGE, expected an instant from 1677-09-21 to 2262-04-11",
    "1751715061, WRONG_TYPE, 'expected an ISO 8601 date and time with an offset, such as 2025-07-05T11:31:01.12Z'",
  })
  void a_text_that_is_rejected_is_told_why(String text, RejectReason reason, String expected) {
    RejectedException e =
        assertThrows(
            RejectedException.class, () -> field(ChronoUnit.SECONDS).decode("\"" + text + "\""));
    assertEquals(reason, e.reason());
    assertEquals("field 'f' is '" + text + "': " + expected, e.detail());
  }

  @ParameterizedTest
  @CsvSource({
    "2025-07-05 11:31:01.12, 1751707861120000000",
    "2025-07-05T11:31:01.12Z, 1751715061120000000",
  })
  void a_zone_is_for_texts_without_an_offset(String text, long nanos) throws Exception {
    OneField local =
        new OneField(Schema.builder("t").timestamp("f").zone(ZoneId.of("Europe/Berlin")));
    assertEquals(nanos, local.decode("\"" + text + "\""));
  }

  private static OneField field(ChronoUnit unit) {
    return new OneField(Schema.builder("t").timestamp("f").epoch(unit));
  }
}
