package dev.ingest.internal.json;

import dev.ingest.internal.decode.RejectedException;
import dev.ingest.internal.decode.RowWriter;
import dev.ingest.record.Field;
import dev.ingest.record.FieldType;
import dev.ingest.stats.RejectReason;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;

/** Decodes what devices send for the value of a lenient field, beyond what its type takes. */
final class LenientValues {
  private final NumberText number = new NumberText();
  private final Decimals decimals = new Decimals();

  /** Sets the cell, or leaves it null; returns false if the field takes nothing of the kind. */
  boolean take(JsonParser parser, JsonToken token, Field field, int column, RowWriter rows)
      throws RejectedException {
    if (token == JsonToken.VALUE_NULL) {
      return takeNonNumber((RecordParser) parser, field);
    }
    return switch (field.type()) {
      case INTEGER -> takeInteger(parser, token, field, column, rows);
      case REAL -> takeReal(parser, token, field, column, rows);
      case BOOLEAN -> takeBoolean(parser, token, field, column, rows);
      case TEXT -> takeText(parser, token, column, rows);
      case TIMESTAMP, JSON -> false;
    };
  }

  private static boolean takeNonNumber(RecordParser parser, Field field) throws RejectedException {
    if (!parser.isNonNumber()) {
      return false;
    }
    leaveNull(parser.nonNumber(), field);
    return true;
  }

  /** Takes a {@code nan} or {@code inf} for a null, which a required field rejects. */
  static void leaveNull(String nonNumber, Field field) throws RejectedException {
    if (!field.optional()) {
      boolean number = field.type() != FieldType.TEXT && field.type() != FieldType.BOOLEAN;
      throw new RejectedException(
          RejectReason.NUMBER_OUT_OF_RANGE,
          Rejections.name(field)
              + " is "
              + Rejections.quote(nonNumber)
              + ": expected "
              + (number ? "a finite number" : field.type())
              + ", or make the field optional");
    }
  }

  private boolean takeInteger(
      JsonParser parser, JsonToken token, Field field, int column, RowWriter rows)
      throws RejectedException {
    if (token != JsonToken.VALUE_STRING && token != JsonToken.VALUE_NUMBER_FLOAT) {
      return false;
    }
    if (findNumber(parser, token, field)) {
      if (!decimals.read(parser.getStringCharacters(), number.start(), number.length(), 0)) {
        throw Rejections.outOfRange(parser, field, ValueDecoder.INTEGER);
      }
      if (!decimals.exact()) {
        throw Rejections.wrongType(parser, token, field, "an integer");
      }
      rows.setLong(column, decimals.value());
    }
    return true;
  }

  private boolean takeReal(
      JsonParser parser, JsonToken token, Field field, int column, RowWriter rows)
      throws RejectedException {
    if (token != JsonToken.VALUE_STRING) {
      return false;
    }
    if (findNumber(parser, token, field)) {
      char[] text = parser.getStringCharacters();
      double value = decimals.readDouble(text, number.start(), number.length());
      ValueDecoder.checkFinite(value, parser, field);
      rows.setDouble(column, value);
    }
    return true;
  }

  /** Returns false for a {@code nan} or {@code inf} in an optional field. */
  private boolean findNumber(JsonParser parser, JsonToken token, Field field)
      throws RejectedException {
    char[] text = parser.getStringCharacters();
    NumberText.Kind kind = number.read(text, parser.getStringOffset(), parser.getStringLength());
    if (kind == NumberText.Kind.OTHER) {
      throw Rejections.wrongType(
          parser,
          token,
          field,
          "a number in it, of at most " + RecordParsers.MAX_NUMBER_LENGTH + " digits");
    }
    if (kind == NumberText.Kind.NON_NUMBER) {
      leaveNull(parser.getString(), field);
    }
    return kind == NumberText.Kind.NUMBER;
  }

  private boolean takeBoolean(
      JsonParser parser, JsonToken token, Field field, int column, RowWriter rows)
      throws RejectedException {
    char[] text = parser.getStringCharacters();
    int offset = parser.getStringOffset();
    int length = parser.getStringLength();
    boolean isTrue;
    boolean isFalse;
    if (token == JsonToken.VALUE_STRING) {
      long word = Words.of(text, offset, length);
      isTrue = Words.isTrue(word);
      isFalse = Words.isFalse(word);
    } else if (ValueDecoder.isNumber(token)) {
      boolean integer = decimals.read(text, offset, length, 0) && decimals.exact();
      isTrue = integer && decimals.value() == 1;
      isFalse = integer && decimals.value() == 0;
    } else {
      return false;
    }
    if (!isTrue && !isFalse) {
      throw Rejections.wrongType(
          parser, token, field, "true, false, 1 or 0; in a string also on, off, yes or no");
    }
    rows.setLong(column, isTrue ? 1 : 0);
    return true;
  }

  private static boolean takeText(JsonParser parser, JsonToken token, int column, RowWriter rows) {
    if (!token.isNumeric() && !token.isBoolean()) {
      return false;
    }
    rows.setText(
        column, parser.getStringCharacters(), parser.getStringOffset(), parser.getStringLength());
    return true;
  }
}
