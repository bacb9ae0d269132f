package dev.ingest.internal.json;

import dev.ingest.internal.decode.RejectedException;
import dev.ingest.stats.RejectReason;
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

  private static final int NANO_DIGITS = 9;

  /** More than the digits of a number can make up for. */
  private static final int MAX_EXPONENT = 10_000;

  /** No date and time that can be read is longer, however many digits its year has. */
  private static final int MAX_ISO_LENGTH = 48;

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
      return fromUnusualSeconds(text, offset, length);
    }
    long sum = seconds * NANOS_PER_SECOND + nanos;
    return negative ? -sum : sum;
  }

  private static boolean isDigit(char c) {
    return c >= '0' && c <= '9';
  }

  /**
   * A number with an exponent, or one near the ends of the range or beyond them. Digit by digit, so
   * that neither the number of digits nor the exponent costs more than reading them.
   */
  private static long fromUnusualSeconds(char[] text, int offset, int length)
      throws RejectedException {
    int end = offset + length;
    int exponentAt = offset;
    while (exponentAt < end && (text[exponentAt] | ' ') != 'e') {
      exponentAt++;
    }
    int point = offset;
    while (point < exponentAt && text[point] != '.') {
      point++;
    }
    boolean negative = text[offset] == '-';
    int i = negative ? offset + 1 : offset;
    // The power of ten, in nanoseconds, that the first digit counts.
    int power = point - i - 1 + NANO_DIGITS + exponent(text, exponentAt + 1, end);
    long nanos = 0; // negative, since there is one more of these
    for (; i < exponentAt && power >= 0; i++) {
      if (text[i] != '.') {
        nanos = append(nanos, text[i] - '0', text, offset, length);
        power--;
      }
    }
    for (; power >= 0 && nanos != 0; power--) {
      nanos = append(nanos, 0, text, offset, length);
    }
    if (i < exponentAt && text[i] == '.') {
      i++;
    }
    if (power == -1 && i < exponentAt && text[i] >= '5') {
      nanos--; // half up: only the next digit decides
    }
    if (nanos > 0 || (nanos == Long.MIN_VALUE && !negative)) {
      throw outOfRange(new String(text, offset, length));
    }
    return negative ? nanos : -nanos;
  }

  private static long append(long nanos, int digit, char[] text, int offset, int length)
      throws RejectedException {
    if (nanos < (Long.MIN_VALUE + digit) / 10) {
      throw outOfRange(new String(text, offset, length));
    }
    return nanos * 10 - digit;
  }

  /** Reads an exponent; one beyond all ranges as one that is just beyond them. */
  private static int exponent(char[] text, int from, int end) {
    int i = from;
    boolean negative = i < end && text[i] == '-';
    if (negative || (i < end && text[i] == '+')) {
      i++;
    }
    int exponent = 0;
    for (; i < end && exponent < MAX_EXPONENT; i++) {
      exponent = exponent * 10 + (text[i] - '0');
    }
    return negative ? -exponent : exponent;
  }

  /** Reads an ISO 8601 date and time with an offset. */
  static long fromIso(String text) throws RejectedException {
    if (text.length() > MAX_ISO_LENGTH) {
      throw notIso(text);
    }
    Instant instant;
    try {
      instant = OffsetDateTime.parse(text).toInstant();
    } catch (DateTimeException e) {
      throw notIso(text);
    }
    long seconds = instant.getEpochSecond();
    long nanos = instant.getNano();
    if (Math.abs(seconds) > Long.MAX_VALUE / NANOS_PER_SECOND + 1) {
      throw outOfRange(text);
    }
    if (seconds < 0) {
      // Counted back from the next second: the first second of the range begins outside it.
      seconds++;
      nanos -= NANOS_PER_SECOND;
    }
    try { // which fails within a second of the ends only
      return Math.addExact(Math.multiplyExact(seconds, NANOS_PER_SECOND), nanos);
    } catch (ArithmeticException e) {
      throw outOfRange(text);
    }
  }

  private static RejectedException notIso(String text) {
    return new RejectedException(
        RejectReason.WRONG_TYPE,
        "'"
            + Rejections.quote(text)
            + "': expected an ISO 8601 date and time with an offset, such as 2025-07-05T11:31:01.12Z");
  }

  private static RejectedException outOfRange(String text) {
    return new RejectedException(
        RejectReason.NUMBER_OUT_OF_RANGE,
        "'" + Rejections.quote(text) + "': expected an instant from 1677-09-21 to 2262-04-11");
  }
}
