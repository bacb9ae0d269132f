package dev.ingest.internal.json;

import dev.ingest.internal.decode.RejectedException;
import dev.ingest.internal.decode.RowWriter;
import dev.ingest.record.Field;
import dev.ingest.record.FieldType;
import dev.ingest.record.Schema;
import dev.ingest.stats.RejectReason;
import java.util.stream.IntStream;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;

/** Decodes the value of a field into the row added last, or rejects it. */
final class ValueDecoder {
  /** What an INTEGER must be. */
  static final String INTEGER = "an integer of 64 bits";

  /** An integer of no more characters fits a long. */
  private static final int SHORT_INTEGER = 18;

  private final Field[] fields;
  private final FieldType[] types;
  private final Timestamps[] timestamps;
  private final Decimals decimals = new Decimals();
  private final LenientValues lenientValues = new LenientValues();

  ValueDecoder(Schema schema) {
    fields = schema.fields().toArray(Field[]::new);
    types = schema.fields().stream().map(Field::type).toArray(FieldType[]::new);
    timestamps =
        IntStream.range(0, fields.length)
            .mapToObj(column -> new Timestamps(fields[column], column))
            .toArray(Timestamps[]::new);
  }

  /** Decodes the current token of the parser, which stays where it is if this is a scalar. */
  void decode(JsonParser parser, JsonToken token, int column, RowWriter rows)
      throws RejectedException {
    boolean taken =
        switch (types[column]) {
          case REAL -> takeReal(parser, token, column, rows);
          case INTEGER -> takeInteger(parser, token, column, rows);
          case TIMESTAMP -> timestamps[column].take(parser, token, rows);
          case TEXT -> takeText(parser, token, column, rows);
          case BOOLEAN -> takeBoolean(token, column, rows);
          case JSON -> false;
        };
    if (!taken && !takeLenient(parser, token, column, rows)) {
      takeNull(parser, token, column);
    }
  }

  static boolean isNumber(JsonToken token) {
    return token == JsonToken.VALUE_NUMBER_FLOAT || token == JsonToken.VALUE_NUMBER_INT;
  }

  private boolean takeReal(JsonParser parser, JsonToken token, int column, RowWriter rows)
      throws RejectedException {
    if (!isNumber(token)) {
      return false;
    }
    double value =
        decimals.readDouble(
            parser.getStringCharacters(), parser.getStringOffset(), parser.getStringLength());
    checkFinite(value, parser, fields[column]);
    rows.setDouble(column, value);
    return true;
  }

  static void checkFinite(double value, JsonParser parser, Field field) throws RejectedException {
    if (Double.isInfinite(value)) {
      throw Rejections.outOfRange(parser, field, "a finite double");
    }
  }

  private boolean takeInteger(JsonParser parser, JsonToken token, int column, RowWriter rows)
      throws RejectedException {
    if (token != JsonToken.VALUE_NUMBER_INT) {
      return false;
    }
    int length = parser.getStringLength();
    if (length <= SHORT_INTEGER) {
      rows.setLong(column, parser.getLongValue());
      return true;
    }
    char[] text = parser.getStringCharacters();
    if (!decimals.read(text, parser.getStringOffset(), length, 0)) {
      throw Rejections.outOfRange(parser, fields[column], INTEGER);
    }
    rows.setLong(column, decimals.value());
    return true;
  }

  private boolean takeText(JsonParser parser, JsonToken token, int column, RowWriter rows)
      throws RejectedException {
    if (token != JsonToken.VALUE_STRING) {
      return false;
    }
    char[] chars = parser.getStringCharacters();
    int offset = parser.getStringOffset();
    int length = parser.getStringLength();
    checkSurrogates(fields[column], chars, offset, length);
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

  private boolean takeLenient(JsonParser parser, JsonToken token, int column, RowWriter rows)
      throws RejectedException {
    Field field = fields[column];
    return field.lenient() && lenientValues.take(parser, token, field, column, rows);
  }

  private void takeNull(JsonParser parser, JsonToken token, int column) throws RejectedException {
    Field field = fields[column];
    if (token != JsonToken.VALUE_NULL) {
      skip(parser);
      throw Rejections.wrongType(parser, token, field, field.type().name());
    }
    RecordParser records = (RecordParser) parser;
    if (records.isNonNumber()) {
      throw new RejectedException(
          RejectReason.MALFORMED_JSON,
          Rejections.name(field)
              + " is "
              + records.nonNumber()
              + ", which JSON does not have: expected "
              + field.type()
              + ", or make the field lenient");
    }
    if (!field.optional()) {
      throw new RejectedException(
          RejectReason.MISSING_FIELD,
          Rejections.name(field) + " is null: expected " + field.type());
    }
  }

  /**
   * Rejects an unpaired surrogate: an escape such as {@code \}{@code ud800} can stand alone in
   * JSON, but no text in UTF-8 can hold it.
   */
  private static void checkSurrogates(Field field, char[] chars, int offset, int length)
      throws RejectedException {
    for (int i = offset; i < offset + length; i++) {
      if (Character.isSurrogate(chars[i])) {
        if (i + 1 == offset + length || !Character.isSurrogatePair(chars[i], chars[i + 1])) {
          throw new RejectedException(
              RejectReason.MALFORMED_JSON,
              Rejections.name(field)
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
