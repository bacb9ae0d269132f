package dev.ingest.internal.json;

import dev.ingest.stats.RejectReason;
import java.time.ZoneId;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Reads dates and times of ISO 8601 in its extended format, with the offset in either, as
 * nanoseconds since 1970-01-01T00:00:00Z: from where they lie, without objects.
 */
final class DateTimes {
  /** Why a text is no instant. */
  enum Fault {
    NO_DATE_TIME(
        "expected an ISO 8601 date and time with an offset, such as 2025-07-05T11:31:01.12Z"),
    NO_OFFSET(
        "expected an offset at its end, such as Z or +10:00; if all these texts are of one time zone, set zone(...)"),
    NO_SUCH_DATE("expected a month from 01 to 12 and a day that it has"),
    NO_SUCH_TIME("expected a time from 00:00:00 to 23:59:59"),
    NO_SUCH_OFFSET("expected an offset from -18:00 to +18:00"),
    OUT_OF_RANGE("expected an instant from 1677-09-21 to 2262-04-11");

    private final String expected;

    Fault(String expected) {
      this.expected = expected;
    }

    String expected() {
      return expected;
    }

    RejectReason reason() {
      return this == OUT_OF_RANGE ? RejectReason.NUMBER_OUT_OF_RANGE : RejectReason.WRONG_TYPE;
    }
  }

  private static final int NANOS_PER_SECOND = 1_000_000_000;
  private static final int MAX_OFFSET = 18 * 3_600;
  private static final int NO_OFFSET = Integer.MAX_VALUE;

  /** The days from 0000-01-01 to 1970-01-01. */
  private static final int DAYS_TO_1970 = 719_528;

  private final @Nullable ZoneOffsets zone;
  private char[] text = {};
  private int at;
  private int end;
  private long nanos;

  /** Makes a reader of texts; those without an offset are of the zone, if there is one. */
  DateTimes(Optional<ZoneId> zone) {
    this.zone = zone.map(ZoneOffsets::new).orElse(null);
  }

  /** Returns what was read last. */
  long nanos() {
    return nanos;
  }

  /** Reads a text; returns what is wrong with it, or null. */
  @Nullable Fault read(char[] text, int offset, int length) {
    this.text = text;
    at = offset;
    end = offset + length;
    int year = digits(4);
    boolean date = takes('-');
    int month = digits(2);
    date &= takes('-');
    int day = digits(2);
    boolean time = takes('T') || takes('t') || takes(' ');
    int hour = digits(2);
    time &= takes(':');
    int minute = digits(2);
    boolean hasSeconds = takes(':');
    int second = hasSeconds ? digits(2) : 0;
    if (!date || !time || (year | month | day | hour | minute | second) < 0) {
      return Fault.NO_DATE_TIME;
    }
    int fraction = hasSeconds && (takes('.') || takes(',')) ? fraction() : 0;
    boolean local = at == end;
    int offsetThere = local ? 0 : offset();
    if (offsetThere == NO_OFFSET || at < end) {
      return Fault.NO_DATE_TIME;
    }
    if (!isDate(year, month, day)) {
      return Fault.NO_SUCH_DATE;
    }
    if (hour > 23 || minute > 59 || second > 59) {
      return Fault.NO_SUCH_TIME;
    }
    if (Math.abs(offsetThere) > MAX_OFFSET) {
      return Fault.NO_SUCH_OFFSET;
    }
    long seconds = ((epochDay(year, month, day) * 24 + hour) * 60 + minute) * 60 + second;
    if (!local) {
      return setNanos(seconds - offsetThere, fraction);
    }
    return zone == null ? Fault.NO_OFFSET : setNanos(seconds - zone.at(seconds), fraction);
  }

  private @Nullable Fault setNanos(long seconds, int fraction) {
    if (Math.abs(seconds) > Long.MAX_VALUE / NANOS_PER_SECOND + 1) {
      return Fault.OUT_OF_RANGE;
    }
    // Before 1970 counted back from the next second: the first one of the range begins outside it.
    nanos =
        seconds < 0
            ? (seconds + 1) * NANOS_PER_SECOND + (fraction - NANOS_PER_SECOND)
            : seconds * NANOS_PER_SECOND + fraction;
    boolean overflowed = seconds < 0 ? nanos > 0 : nanos < 0;
    return overflowed ? Fault.OUT_OF_RANGE : null;
  }

  private boolean takes(char c) {
    if (at < end && text[at] == c) {
      at++;
      return true;
    }
    return false;
  }

  /** Reads so many digits; returns -1 if there are fewer. */
  private int digits(int count) {
    int number = 0;
    for (int i = 0; i < count; i++) {
      int digit = digit();
      if (digit < 0) {
        return -1;
      }
      number = number * 10 + digit;
    }
    return number;
  }

  private int digit() {
    return at < end && text[at] >= '0' && text[at] <= '9' ? text[at++] - '0' : -1;
  }

  /** Reads any number of digits as a fraction of a second, in nanoseconds rounded half up. */
  private int fraction() {
    int sum = 0;
    int unit = NANOS_PER_SECOND / 10;
    int digit;
    for (; unit > 0 && (digit = digit()) >= 0; unit /= 10) {
      sum += digit * unit;
    }
    sum += unit == 0 && digit() >= 5 ? 1 : 0;
    while (digit() >= 0) {
      // beyond what counts
    }
    return sum;
  }

  /** Reads an offset, in seconds; returns one that is too large if a part of it is. */
  private int offset() {
    if (takes('Z') || takes('z')) {
      return 0;
    }
    boolean minus = takes('-');
    if (!minus && !takes('+')) {
      return NO_OFFSET;
    }
    int hour = digits(2);
    int minute = 0;
    int second = 0;
    if (at < end) {
      boolean colon = takes(':');
      minute = digits(2);
      second = colon && takes(':') ? digits(2) : 0;
    }
    if ((hour | minute | second) < 0) {
      return NO_OFFSET;
    }
    int seconds = minute > 59 || second > 59 ? MAX_OFFSET + 1 : (hour * 60 + minute) * 60 + second;
    return minus ? -seconds : seconds;
  }

  private static boolean isDate(int year, int month, int day) {
    return month >= 1 && month <= 12 && day >= 1 && day <= daysIn(month, year);
  }

  private static int daysIn(int month, int year) {
    if (month == 2) {
      return isLeap(year) ? 29 : 28;
    }
    return month == 4 || month == 6 || month == 9 || month == 11 ? 30 : 31;
  }

  private static boolean isLeap(int year) {
    return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
  }

  private static long epochDay(int year, int month, int day) {
    int leapDays = (year + 3) / 4 - (year + 99) / 100 + (year + 399) / 400; // of the years before
    int daysBefore = (367 * month - 362) / 12; // of the months before, if February had 30
    int february = month <= 2 ? 0 : isLeap(year) ? 1 : 2;
    return 365L * year + leapDays + daysBefore - february + day - 1 - DAYS_TO_1970;
  }
}
