package dev.ingest.internal.json;

import dev.ingest.internal.decode.RejectedException;
import dev.ingest.internal.decode.RowWriter;
import dev.ingest.record.Field;
import dev.ingest.stats.RejectReason;
import java.time.temporal.ChronoUnit;
import java.util.List;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;

/** Decodes the values of a TIMESTAMP, as nanoseconds since 1970-01-01T00:00:00Z. */
final class Timestamps {
  private static final List<ChronoUnit> UNITS =
      List.of(ChronoUnit.SECONDS, ChronoUnit.MILLIS, ChronoUnit.MICROS, ChronoUnit.NANOS);

  private final Field field;
  private final int column;

  /** The power of ten that makes nanoseconds of a number. */
  private final int power;

  private final Decimals decimals = new Decimals();
  private final DateTimes dateTimes;
  private final NumberText number = new NumberText();

  Timestamps(Field field, int column) {
    this.field = field;
    this.column = column;
    power = power(field.epoch());
    dateTimes = new DateTimes(field.zone());
  }

  private static int power(ChronoUnit unit) {
    return 9 - 3 * UNITS.indexOf(unit);
  }

  /** Sets the cell, or leaves it null; returns false if this is neither a number nor a string. */
  boolean take(JsonParser parser, JsonToken token, RowWriter rows) throws RejectedException {
    if (ValueDecoder.isNumber(token)) {
      char[] text = parser.getStringCharacters();
      int offset = parser.getStringOffset();
      rows.setLong(column, fromNumber(text, offset, parser.getStringLength()));
      return true;
    }
    if (token == JsonToken.VALUE_STRING) {
      takeString(parser, rows);
      return true;
    }
    return false;
  }

  /**
   * Sets the cell to the number that was scanned last.
   *
   * @return false if it does not fit, or something would be rounded away
   */
  boolean takeScanned(Decimals number, RowWriter rows) {
    if (!number.takeScanned(power)) {
      return false;
    }
    rows.setLong(column, number.value());
    return true;
  }

  /**
   * Sets the cell to a date and time; returns false if this is none, or may be a number as well.
   */
  boolean takePlain(char[] text, int length, RowWriter rows) {
    if (field.lenient() || dateTimes.read(text, 0, length) != null) {
      return false;
    }
    rows.setLong(column, dateTimes.nanos());
    return true;
  }

  private void takeString(JsonParser parser, RowWriter rows) throws RejectedException {
    char[] text = parser.getStringCharacters();
    int offset = parser.getStringOffset();
    int length = parser.getStringLength();
    NumberText.Kind kind =
        field.lenient() ? number.read(text, offset, length) : NumberText.Kind.OTHER;
    if (kind == NumberText.Kind.NUMBER) {
      rows.setLong(column, fromNumber(text, number.start(), number.length()));
    } else if (kind == NumberText.Kind.NON_NUMBER) {
      LenientValues.leaveNull(parser.getString(), field);
    } else {
      rows.setLong(column, fromDateTime(text, offset, length));
    }
  }

  private long fromNumber(char[] text, int offset, int length) throws RejectedException {
    if (!decimals.read(text, offset, length, power)) {
      throw new RejectedException(
          RejectReason.NUMBER_OUT_OF_RANGE,
          is(text, offset, length)
              + ": expected "
              + name(field.epoch())
              + " from 1677-09-21 to 2262-04-11"
              + otherUnit(text, offset, length));
    }
    return decimals.value();
  }

  private String is(char[] text, int offset, int length) {
    return Rejections.name(field)
        + " is '"
        + Rejections.quote(new String(text, offset, length))
        + "'";
  }

  /** Names the coarsest of the finer units in which the number is in range, if there is one. */
  private String otherUnit(char[] text, int offset, int length) {
    for (ChronoUnit unit : UNITS.subList(UNITS.indexOf(field.epoch()) + 1, UNITS.size())) {
      if (decimals.read(text, offset, length, power(unit))) {
        return "; if these are " + name(unit) + ", set epoch(" + unit.name() + ")";
      }
    }
    return "";
  }

  private static String name(ChronoUnit unit) {
    return switch (unit) {
      case MILLIS -> "milliseconds";
      case MICROS -> "microseconds";
      case NANOS -> "nanoseconds";
      default -> "seconds";
    };
  }

  private long fromDateTime(char[] text, int offset, int length) throws RejectedException {
    DateTimes.Fault fault = dateTimes.read(text, offset, length);
    if (fault != null) {
      throw new RejectedException(
          fault.reason(), is(text, offset, length) + ": " + fault.expected());
    }
    return dateTimes.nanos();
  }
}
