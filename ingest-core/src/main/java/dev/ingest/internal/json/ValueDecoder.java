package dev.ingest.internal.json;

import dev.ingest.internal.decode.RejectedException;
import dev.ingest.internal.decode.RowWriter;
import dev.ingest.record.Field;
import dev.ingest.record.FieldType;
import dev.ingest.record.Schema;
import dev.ingest.stats.RejectReason;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;

/** Decodes the value of a field into the row added last, or rejects it. */
final class ValueDecoder {
  /** What the least 64-bit integer has, with its sign. */
  private static final int MAX_LONG_LENGTH = 20;

  private final Field[] fields;
  private final FieldType[] types;

  ValueDecoder(Schema schema) {
    fields = schema.fields().toArray(Field[]::new);
    types = schema.fields().stream().map(Field::type).toArray(FieldType[]::new);
  }

  void decode(JsonParser parser, JsonToken token, int column, RowWriter rows)
      throws RejectedException {
    boolean taken =
        switch (types[column]) {
          case REAL -> takeReal(parser, token, column, rows);
          case INTEGER -> takeInteger(parser, token, column, rows);
          case TIMESTAMP -> takeTimestamp(parser, token, column, rows);
          case TEXT -> takeText(parser, token, column, rows);
          case BOOLEAN -> takeBoolean(token, column, rows);
          case JSON -> false;
        };
    if (!taken) {
      takeNull(parser, token, column);
    }
  }

  private static boolean isNumber(JsonToken token) {
    return token == JsonToken.VALUE_NUMBER_FLOAT || token == JsonToken.VALUE_NUMBER_INT;
  }

  private static boolean takeReal(JsonParser parser, JsonToken token, int column, RowWriter rows)
      throws RejectedException {
    if (!isNumber(token)) {
      return false;
    }
    double value = parser.getDoubleValue();
    if (Double.isInfinite(value)) {
      throw new RejectedException(
          RejectReason.NUMBER_OUT_OF_RANGE,
          Rejections.name(parser)
              + " is "
              + Rejections.quote(parser.getString())
              + ": expected a finite double");
    }
    boolean minusZero = value == 0 && parser.getStringCharacters()[parser.getStringOffset()] == '-';
    rows.setDouble(column, minusZero ? -0.0 : value);
    return true;
  }

  private static boolean takeInteger(JsonParser parser, JsonToken token, int column, RowWriter rows)
      throws RejectedException {
    if (token != JsonToken.VALUE_NUMBER_INT) {
      return false;
    }
    if (parser.getStringLength() > MAX_LONG_LENGTH) {
      throw notLong(parser);
    }
    rows.setLong(column, parser.getLongValue());
    return true;
  }

  /** Returns the rejection of an integer that a long cannot hold. */
  static RejectedException notLong(JsonParser parser) {
    return new RejectedException(
        RejectReason.NUMBER_OUT_OF_RANGE,
        Rejections.name(parser)
            + " is "
            + Rejections.quote(parser.getString())
            + ": expected an integer of 64 bits");
  }

  private static boolean takeTimestamp(
      JsonParser parser, JsonToken token, int column, RowWriter rows) throws RejectedException {
    if (isNumber(token)) {
      rows.setLong(
          column,
          Timestamps.fromSeconds(
              parser.getStringCharacters(), parser.getStringOffset(), parser.getStringLength()));
      return true;
    }
    if (token == JsonToken.VALUE_STRING) {
      rows.setLong(column, Timestamps.fromIso(parser.getString()));
      return true;
    }
    return false;
  }

  private static boolean takeText(JsonParser parser, JsonToken token, int column, RowWriter rows)
      throws RejectedException {
    if (token != JsonToken.VALUE_STRING) {
      return false;
    }
    char[] chars = parser.getStringCharacters();
    int offset = parser.getStringOffset();
    int length = parser.getStringLength();
    checkSurrogates(parser, chars, offset, length);
    rows.setText(column, chars, offset, length);
    return true;
  }

  private static boolean takeBoolean(JsonToken token, int column, RowWriter rows) {
    if (token != JsonToken.VALUE_TRUE && token != JsonToken.VALUE_FALSE) {
      return false;
    }
    rows.setLong(column, token == JsonToken.VALUE_TRUE ? 1 : 0);
    return true;
  }

  private void takeNull(JsonParser parser, JsonToken token, int column) throws RejectedException {
    if (token != JsonToken.VALUE_NULL) {
      skip(parser);
      throw new RejectedException(
          RejectReason.WRONG_TYPE,
          Rejections.name(parser)
              + " is "
              + Rejections.describe(token)
              + ": expected "
              + types[column]);
    }
    if (!fields[column].optional()) {
      throw new RejectedException(
          RejectReason.MISSING_FIELD,
          Rejections.name(parser) + " is null: expected " + types[column]);
    }
  }

  /**
   * Rejects an unpaired surrogate: an escape such as {@code \}{@code ud800} can stand alone in
   * JSON, but no text in UTF-8 can hold it.
   */
  private static void checkSurrogates(JsonParser parser, char[] chars, int offset, int length)
      throws RejectedException {
    for (int i = offset; i < offset + length; i++) {
      if (Character.isSurrogate(chars[i])) {
        if (i + 1 == offset + length || !Character.isSurrogatePair(chars[i], chars[i + 1])) {
          throw new RejectedException(
              RejectReason.MALFORMED_JSON,
              Rejections.name(parser)
                  + " has the unpaired surrogate "
                  + (int) chars[i]
                  + ": expected valid Unicode");
        }
        i++;
      }
    }
  }

  /**
   * Reads an unexpected value to its end, so that faults of JSON itself are named before others.
   */
  static void skip(JsonParser parser) throws RejectedException {
    try {
      parser.skipChildren();
    } catch (JacksonException e) {
      throw Rejections.malformed(parser, e, RejectReason.MALFORMED_JSON);
    }
  }
}
