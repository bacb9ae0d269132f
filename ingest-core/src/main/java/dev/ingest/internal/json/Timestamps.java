package dev.ingest.internal.json;

import dev.ingest.internal.decode.RejectedException;
import dev.ingest.stats.RejectReason;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;

/** Reads timestamps as nanoseconds since 1970-01-01T00:00:00Z. */
final class Timestamps {
  private static final long NANOS_PER_SECOND = 1_000_000_000;

  /**
   * No timestamp has more digits before the point; ten of them, and nine more, still fit a long.
   */
  private static final int MAX_SECONDS_DIGITS = 10;

  private Timestamps() {}

  /** Reads a JSON number of seconds, as it stands in the message. */
  static long fromSeconds(char[] text, int offset, int length) throws RejectedException {
    int i = offset;
    int end = offset + length;
    boolean negative = text[i] == '-';
    if (negative) {
      i++;
    }
    int start = i;
    long seconds = 0;
    while (i < end && isDigit(text[i]) && i - start < MAX_SECONDS_DIGITS) {
      seconds = seconds * 10 + (text[i++] - '0');
    }
    long nanos = 0;
    if (i < end && text[i] == '.') {
      i++;
      long unit = NANOS_PER_SECOND;
      while (i < end && isDigit(text[i]) && unit > 1) {
        unit /= 10;
        nanos += (text[i++] - '0') * unit;
      }
      if (i < end && isDigit(text[i])) {
        nanos += text[i] >= '5' ? 1 : 0;
        do {
          i++;
        } while (i < end && isDigit(text[i]));
      }
    }
    if (i < end || seconds >= Long.MAX_VALUE / NANOS_PER_SECOND) {
      return fromUnusualSeconds(new String(text, offset, length));
    }
    long sum = seconds * NANOS_PER_SECOND + nanos;
    return negative ? -sum : sum;
  }

  private static boolean isDigit(char c) {
    return c >= '0' && c <= '9';
  }

  /** A number with an exponent, or one near the ends of the range or beyond them. */
  private static long fromUnusualSeconds(String text) throws RejectedException {
    double seconds = Double.parseDouble(text);
    // Also keeps exponents away from BigDecimal for which it would need gigabytes.
    if (Math.abs(seconds) > 1e10) {
      throw outOfRange(text);
    }
    if (Math.abs(seconds) < 1e-10) {
      return 0;
    }
    try {
      return new BigDecimal(text)
          .movePointRight(9)
          .setScale(0, RoundingMode.HALF_UP)
          .longValueExact();
    } catch (ArithmeticException e) {
      throw outOfRange(text);
    }
  }

  /** Reads an ISO 8601 date and time with an offset. */
  static long fromIso(String text) throws RejectedException {
    Instant instant;
    try {
      instant = OffsetDateTime.parse(text).toInstant();
    } catch (DateTimeException e) {
      throw new RejectedException(
          RejectReason.WRONG_TYPE,
          "'"
              + Rejections.quote(text)
              + "': expected an ISO 8601 date and time with an offset, such as 2025-07-05T11:31:01.12Z");
    }
    long seconds = instant.getEpochSecond();
    long nanos = instant.getNano();
    if (seconds < 0) {
      // Counted back from the next second: the first second of the range begins outside it.
      seconds++;
      nanos -= NANOS_PER_SECOND;
    }
    try {
      return Math.addExact(Math.multiplyExact(seconds, NANOS_PER_SECOND), nanos);
    } catch (ArithmeticException e) {
      throw outOfRange(text);
    }
  }

  private static RejectedException outOfRange(String text) {
    return new RejectedException(
        RejectReason.NUMBER_OUT_OF_RANGE,
        "'" + Rejections.quote(text) + "': expected an instant from 1677-09-21 to 2262-04-11");
  }
}
