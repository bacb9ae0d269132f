package dev.ingest.internal.json;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
import java.time.DateTimeException;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads the texts of timestamps with nothing but the JDK. What {@link DateTimes} must do. */
final class PlainTimes {
  private static final Pattern TEXT =
      Pattern.compile(
          "(\\d{4}-\\d\\d-\\d\\d)[Tt ](\\d\\d:\\d\\d(?::\\d\\d)?)"
              + "((?<=:\\d\\d:\\d\\d)[.,]\\d*)?([Zz]|[+-]\\d\\d(?::?\\d\\d|:\\d\\d:\\d\\d)?)?");

  private PlainTimes() {}

  /**
   * Returns nanoseconds since 1970.
   *
   * @throws DateTimeException if this is no date and time, or there is neither an offset nor a zone
   * @throws ArithmeticException if a long cannot hold them
   */
  static long nanos(String text, Optional<ZoneId> zone) {
    Matcher parts = TEXT.matcher(text);
    if (!parts.matches()) {
      throw new DateTimeException("no date and time");
    }
    LocalDateTime local =
        LocalDateTime.of(LocalDate.parse(parts.group(1)), LocalTime.parse(parts.group(2)));
    String offset = parts.group(4);
    if (offset == null && zone.isEmpty()) {
      throw new DateTimeException("no offset");
    }
    ZoneId at = offset == null ? zone.get() : ZoneOffset.of(offset.replace('z', 'Z'));
    String fraction = parts.group(3) == null ? "0" : "0." + parts.group(3).substring(1) + "0";
    BigInteger nanos =
        new BigDecimal(fraction).movePointRight(9).setScale(0, RoundingMode.HALF_UP).toBigInteger();
    return BigInteger.valueOf(ZonedDateTime.ofLocal(local, at, null).toEpochSecond())
        .multiply(BigInteger.valueOf(1_000_000_000))
        .add(nanos)
        .longValueExact();
  }
}
