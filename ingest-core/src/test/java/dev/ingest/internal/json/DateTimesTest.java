package dev.ingest.internal.json;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;

import com.sun.management.ThreadMXBean;
import dev.ingest.internal.json.DateTimes.Fault;
import java.lang.management.ManagementFactory;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.zone.ZoneOffsetTransition;
import java.time.zone.ZoneRules;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DateTimesTest {
  private static final long SECOND = 1_000_000_000L;

  private final DateTimes dateTimes = new DateTimes(Optional.empty());

  @ParameterizedTest
  @CsvSource({
    "2025-07-05T11:31:01.12Z, 1751715061120000000",
    "2025-07-05t11:31:01.12z, 1751715061120000000",
    "2025-07-05 11:31:01.12Z, 1751715061120000000",
    "'2025-07-05 11:31:01,12Z', 1751715061120000000",
    "2025-07-05T21:31:01.12+10:00, 1751715061120000000",
    "2025-07-05T21:31:01.12+1000, 1751715061120000000",
    "2025-07-05T21:31:01.12+10, 1751715061120000000",
    "2025-07-05T08:01:01.12-03:30, 1751715061120000000",
    "2025-07-05T08:01:01.12-0330, 1751715061120000000",
    "2025-07-05T11:31:11.12+00:00:10, 1751715061120000000",
    "2025-07-05T11:31:01.12+0000, 1751715061120000000",
    "2025-07-05T11:31:01.12-00:00, 1751715061120000000",
    "2025-07-05T11:31Z, 1751715060000000000",
    "2025-07-05T11:31+00, 1751715060000000000",
    "2025-07-05T11:31:01.Z, 1751715061000000000",
    "2025-07-05T11:31:01.120000000000000Z, 1751715061120000000",
    "2025-07-05T11:31:01.0000000005Z, 1751715061000000001",
    "2025-07-05T11:31:01.00000000049999Z, 1751715061000000000",
    "2025-07-05T11:31:01.9999999995Z, 1751715062000000000",
    "1969-12-31T23:59:59.9999999995Z, 0",
    "1969-12-31T23:59:59.9999999994Z, -1",
    "1969-12-31T23:59:58.9999999995Z, -1000000000",
    "1970-01-01T00:00:00-18:00, 64800000000000",
    "1970-01-01T00:00:00+18:00, -64800000000000",
    "2000-02-29T00:00:00Z, 951782400000000000",
    "1900-03-01T00:00:00Z, -2203891200000000000",
    "1677-09-21T00:12:43.145224192Z, -9223372036854775808",
    "1677-09-21T00:12:43.1452241915Z, -9223372036854775808",
    "2262-04-11T23:47:16.854775807Z, 9223372036854775807",
    "2262-04-11T23:47:16.8547758074Z, 9223372036854775807",
  })
  void a_date_and_time_with_an_offset_is_an_instant(String text, long nanos) {
    assertNull(read(dateTimes, text));
    assertEquals(nanos, dateTimes.nanos());
  }

  @ParameterizedTest
  @CsvSource({
    "'', NO_DATE_TIME",
    "yesterday, NO_DATE_TIME",
    "2025, NO_DATE_TIME",
    "2025-07-05, NO_DATE_TIME",
    "2025-07-05T, NO_DATE_TIME",
    "2025-07-05T11, NO_DATE_TIME",
    "2025-07-05Z, NO_DATE_TIME",
    "2025-07-05T11Z, NO_DATE_TIME",
    "2025-07-05T113101Z, NO_DATE_TIME",
    "20250705T113101Z, NO_DATE_TIME",
    "25-07-05T11:31:01Z, NO_DATE_TIME",
    "02025-07-05T11:31:01Z, NO_DATE_TIME",
    "+2025-07-05T11:31:01Z, NO_DATE_TIME",
    "-2025-07-05T11:31:01Z, NO_DATE_TIME",
    "2025-7-5T11:31:01Z, NO_DATE_TIME",
    "2025-07-05  11:31:01Z, NO_DATE_TIME",
    "2025-07-05_11:31:01Z, NO_DATE_TIME",
    "2025-07-05T11:31:01 Z, NO_DATE_TIME",
    "' 2025-07-05T11:31:01Z', NO_DATE_TIME",
    "'2025-07-05T11:31:01Z ', NO_DATE_TIME",
    "2025-07-05T11:31.5Z, NO_DATE_TIME",
    "2025-07-05T11:31:01;5Z, NO_DATE_TIME",
    "2025-07-05T11:31:01+1, NO_DATE_TIME",
    "2025-07-05T11:31:01+10:, NO_DATE_TIME",
    "2025-07-05T11:31:01+100, NO_DATE_TIME",
    "2025-07-05T11:31:01+10:00:, NO_DATE_TIME",
    "2025-07-05T11:31:01+100000, NO_DATE_TIME",
    "2025-07-05T11:31:01+10:00x, NO_DATE_TIME",
    "2025-07-05T11:31:01UTC, NO_DATE_TIME",
    "2025-07-05T11:31:01+10:00[Australia/Sydney], NO_DATE_TIME",
    "2025-07-05T11:31:01, NO_OFFSET",
    "2025-07-05 11:31, NO_OFFSET",
    "2025-07-05T11:31:01.5, NO_OFFSET",
    "2025-02-29T11:31:01Z, NO_SUCH_DATE",
    "1900-02-29T11:31:01Z, NO_SUCH_DATE",
    "2025-04-31T11:31:01Z, NO_SUCH_DATE",
    "2025-00-05T11:31:01Z, NO_SUCH_DATE",
    "2025-13-05T11:31:01Z, NO_SUCH_DATE",
    "2025-07-00T11:31:01Z, NO_SUCH_DATE",
    "2025-07-32T11:31:01Z, NO_SUCH_DATE",
    "2025-07-05T24:00:00Z, NO_SUCH_TIME",
    "2025-07-05T11:60:00Z, NO_SUCH_TIME",
    "2016-12-31T23:59:60Z, NO_SUCH_TIME",
    "2025-07-05T11:31:01+18:00:01, NO_SUCH_OFFSET",
    "2025-07-05T11:31:01-19, NO_SUCH_OFFSET",
    "2025-07-05T11:31:01+1060, NO_SUCH_OFFSET",
    "2025-07-05T11:31:01-00:00:60, NO_SUCH_OFFSET",
    "0001-01-01T00:00:00Z, OUT_OF_RANGE",
    "9999-12-31T23:59:59Z, OUT_OF_RANGE",
    "1677-09-21T00:12:43.145224191Z, OUT_OF_RANGE",
    "1677-09-21T00:12:42.999999999Z, OUT_OF_RANGE",
    "2262-04-11T23:47:16.854775808Z, OUT_OF_RANGE",
    "2262-04-11T23:47:16.8547758075Z, OUT_OF_RANGE",
    "2262-04-11T23:47:17Z, OUT_OF_RANGE",
  })
  void what_is_none_has_a_fault(String text, Fault fault) {
    assertEquals(fault, read(dateTimes, text));
  }

  @Test
  void what_the_jdk_reads_is_read_as_the_same_instant() {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    long first = OffsetDateTime.parse("0001-01-01T00:00:00Z").toEpochSecond();
    long last = OffsetDateTime.parse("9999-12-31T23:59:59Z").toEpochSecond();
    for (int i = 0; i < 50_000; i++) {
      boolean inRange = i % 2 == 0;
      Instant instant =
          inRange
              ? Instant.ofEpochSecond(random.nextLong() / SECOND, random.nextInt(1_000_000_000))
              : Instant.ofEpochSecond(random.nextLong(first + 86_400, last - 86_400));
      ZoneOffset offset = ZoneOffset.ofTotalSeconds(random.nextInt(36 * 3_600 + 1) - 18 * 3_600);
      check(instant.atOffset(offset).toString(), Optional.empty(), seed);
    }
  }

  @Test
  void every_text_is_read_as_the_plain_reader_reads_it() {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    String[] seeds = {
      "2025-07-05T11:31:01.12Z", "2024-02-29 23:59:59,999999999999+0100", "1969-12-31t00:00-08",
      "2025-03-30T02:30:00", "1999-10-31 02:59:59.9999999996", "2025-07-05T11:31:01+05:30:15"
    };
    String pieces = "0123456789-:.,+TtZz ";
    Optional<ZoneId> zone = Optional.of(ZoneId.of("Europe/Berlin"));
    for (int i = 0; i < 200_000; i++) {
      StringBuilder text = new StringBuilder(seeds[random.nextInt(seeds.length)]);
      for (int change = random.nextInt(3); change >= 0; change--) {
        int at = random.nextInt(text.length());
        char c = pieces.charAt(random.nextInt(pieces.length()));
        switch (random.nextInt(4)) {
          case 0 -> text.deleteCharAt(at);
          case 1 -> text.insert(at, c);
          default -> text.setCharAt(at, c);
        }
      }
      check(text.toString(), i % 2 == 0 ? zone : Optional.empty(), seed);
    }
  }

  private static final DateTimes UTC = new DateTimes(Optional.empty());
  private static final DateTimes BERLIN = new DateTimes(Optional.of(ZoneId.of("Europe/Berlin")));

  private static void check(String text, Optional<ZoneId> zone, long seed) {
    DateTimes reader = zone.isPresent() ? BERLIN : UTC;
    Fault fault = read(reader, text);
    try {
      long expected = PlainTimes.nanos(text, zone);
      assertNull(fault, () -> text + ", seed " + seed);
      assertEquals(expected, reader.nanos(), () -> text + ", seed " + seed);
    } catch (ArithmeticException e) {
      assertEquals(Fault.OUT_OF_RANGE, fault, () -> text + ", seed " + seed);
    } catch (DateTimeException e) {
      assertNotNull(fault, () -> text + ", seed " + seed);
    }
    try {
      OffsetDateTime parsed = OffsetDateTime.parse(text);
      if (fault == null) {
        assertEquals(
            parsed.toInstant(),
            Instant.ofEpochSecond(0, reader.nanos()),
            () -> text + ", seed " + seed);
      } else if (parsed.getYear() > 0 && Character.isDigit(text.charAt(0))) { // four, not +02025
        assertEquals(Fault.OUT_OF_RANGE, fault, () -> text + ", seed " + seed);
      }
    } catch (DateTimeException e) {
      // it reads fewer texts
    }
  }

  @ParameterizedTest
  @CsvSource({
    "Europe/Berlin, 2025-01-15T12:00:00, 2025-01-15T11:00:00Z",
    "Europe/Berlin, 2025-07-15 12:00:00, 2025-07-15T10:00:00Z",
    "Europe/Berlin, 2025-07-15 12:00:00+00:00, 2025-07-15T12:00:00Z",
    "Europe/Berlin, 2025-03-30T01:59:59, 2025-03-30T00:59:59Z",
    "Europe/Berlin, 2025-03-30T02:30:00, 2025-03-30T01:30:00Z",
    "Europe/Berlin, 2025-03-30T03:00:00, 2025-03-30T01:00:00Z",
    "Europe/Berlin, 2025-10-26T01:59:59, 2025-10-25T23:59:59Z",
    "Europe/Berlin, 2025-10-26T02:00:00, 2025-10-26T00:00:00Z",
    "Europe/Berlin, 2025-10-26T02:59:59, 2025-10-26T00:59:59Z",
    "Europe/Berlin, 2025-10-26T03:00:00, 2025-10-26T02:00:00Z",
    "Pacific/Apia, 2011-12-30T12:00:00, 2011-12-30T22:00:00Z",
    "Asia/Kathmandu, 2025-07-15T12:00, 2025-07-15T06:15:00Z",
    "+05:30, 2025-07-15T12:00:00.5, 2025-07-15T06:30:00.5Z",
    "UTC, 2262-04-11T23:47:16.854775807, 2262-04-11T23:47:16.854775807Z",
  })
  void a_text_without_an_offset_is_of_the_zone(ZoneId zone, String text, Instant instant) {
    DateTimes local = new DateTimes(Optional.of(zone));
    assertNull(read(local, text));
    assertEquals(instant, Instant.ofEpochSecond(0, local.nanos()));
  }

  @Test
  void every_zone_has_the_offsets_of_the_jdk() {
    long seed = System.nanoTime();
    ZoneId.getAvailableZoneIds().forEach(id -> checkZone(ZoneId.of(id), new Random(seed), seed));
  }

  private static void checkZone(ZoneId zone, Random random, long seed) {
    ZoneOffsets offsets = new ZoneOffsets(zone);
    ZoneRules rules = zone.getRules();
    Instant until = Instant.parse("2040-01-01T00:00:00Z");
    ZoneOffsetTransition next = rules.nextTransition(Instant.parse("1677-09-22T00:00:00Z"));
    for (; next != null && next.getInstant().isBefore(until); ) {
      long before = next.getDateTimeBefore().toEpochSecond(ZoneOffset.UTC);
      long after = next.getDateTimeAfter().toEpochSecond(ZoneOffset.UTC);
      for (long local : new long[] {before, after, (before + after) / 2}) {
        checkOffset(zone, offsets, local - 1, seed);
        checkOffset(zone, offsets, local, seed);
      }
      next = rules.nextTransition(next.getInstant());
    }
    for (int i = 0; i < 200; i++) {
      checkOffset(zone, offsets, random.nextLong() / SECOND, seed);
    }
  }

  private static void checkOffset(ZoneId zone, ZoneOffsets offsets, long local, long seed) {
    LocalDateTime time = LocalDateTime.ofEpochSecond(local, 0, ZoneOffset.UTC);
    assertEquals(
        ZonedDateTime.ofLocal(time, zone, null).toEpochSecond(),
        local - offsets.at(local),
        () -> zone + " at " + time + ", seed " + seed);
  }

  @ParameterizedTest
  @ValueSource(strings = {"2025-07-05T11:31:01.12Z", "2025-07-05 11:31:01.123456789123"})
  void reading_allocates_nothing(String text) {
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    char[] chars = text.toCharArray();
    long least = Long.MAX_VALUE;
    for (int i = 0; i < 100 && least > 0; i++) {
      long before = threads.getCurrentThreadAllocatedBytes();
      for (int j = 0; j < 100; j++) {
        BERLIN.read(chars, 0, chars.length);
      }
      least = Math.min(least, threads.getCurrentThreadAllocatedBytes() - before);
    }
    assertEquals(0, least);
  }

  private static Fault read(DateTimes dateTimes, String text) {
    char[] chars = ("x" + text + "x").toCharArray();
    return dateTimes.read(chars, 1, text.length());
  }
}
