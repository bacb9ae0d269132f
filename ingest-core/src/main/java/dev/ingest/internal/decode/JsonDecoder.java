package dev.ingest.internal.decode;

import dev.ingest.internal.batch.Batch;
import dev.ingest.record.Field;
import dev.ingest.record.FieldType;
import dev.ingest.record.RejectReason;
import dev.ingest.record.Schema;
import java.util.Arrays;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.TokenStreamFactory;
import tools.jackson.core.base.ParserBase;
import tools.jackson.core.exc.InputCoercionException;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.core.util.JsonRecyclerPools;

/**
 * Decodes one datagram of JSON (RFC 8259) after the other into rows of a batch: one object, an
 * array of objects, or objects on lines of their own.
 *
 * <p>All or nothing: when a datagram is rejected its rows are added but not committed, and the
 * caller rolls the batch back. What the schema does not name is skipped, but must be JSON. The
 * bytes are read where they lie in the batch's payload, field names are matched there without a
 * string each.
 *
 * <p>Not thread-safe: each receiver has its own.
 */
public final class JsonDecoder {
  /**
   * The deepest nesting of objects and arrays in a datagram. Records are flat; this is for what is
   * skipped.
   */
  public static final int MAX_NESTING = 64;

  /** The longest number, in digits: those of its fraction and exponent included. */
  public static final int MAX_NUMBER_LENGTH = 1000;

  private final JsonFactory factory;
  private final FieldNames names;
  private final Utf8 utf8 = new Utf8();
  private final Field[] fields;
  private final FieldType[] types;
  private final long[] required;
  private final long[] seen;

  /** Where the objects of the datagram begin; grows to the largest number of them. */
  private int[] starts = new int[64];

  /** Makes a decoder for a schema. */
  public JsonDecoder(Schema schema) {
    fields = schema.fields().toArray(Field[]::new);
    types = schema.fields().stream().map(Field::type).toArray(FieldType[]::new);
    required = new long[(fields.length + Long.SIZE - 1) / Long.SIZE];
    seen = new long[required.length];
    for (int column = 0; column < fields.length; column++) {
      if (!fields[column].optional()) {
        required[column >> 6] |= 1L << column;
      }
    }
    factory =
        JsonFactory.builder()
            .enable(StreamReadFeature.USE_FAST_DOUBLE_PARSER)
            .enable(StreamReadFeature.USE_FAST_BIG_NUMBER_PARSER)
            .disable(TokenStreamFactory.Feature.CHARSET_DETECTION)
            .disable(TokenStreamFactory.Feature.INTERN_PROPERTY_NAMES)
            .streamReadConstraints(
                StreamReadConstraints.builder()
                    .maxNestingDepth(MAX_NESTING)
                    .maxNumberLength(MAX_NUMBER_LENGTH)
                    .maxNameLength(1 << 16)
                    .build())
            .recyclerPool(JsonRecyclerPools.threadLocalPool())
            .build();
    names = new FieldNames(factory, schema);
  }

  /**
   * Adds the rows of a datagram to the batch that holds its bytes. The caller commits them, or
   * rolls them back.
   *
   * @return the number of rows, at least 1
   * @throws RejectedException if the datagram is not decoded
   */
  public int decode(Batch batch, int offset, int length) throws RejectedException {
    byte[] bytes = batch.payload();
    utf8.check(bytes, offset, length);
    try (JsonParser parser =
        factory.createParser(ObjectReadContext.empty(), bytes, offset, length)) {
      return decode(parser, batch, offset, offset + length);
    }
  }

  /**
   * Adds a row for each of several datagrams that follow one another in the batch, with a newline
   * in between, as long as each is one good record and begins with it: one parser for all of them
   * is faster than one for each. Since a record must end before the next datagram, where the next
   * one must begin, none can borrow from its neighbour.
   *
   * @param offsets where each datagram begins
   * @param end where the last one ends
   * @return how many have a row; the one after them is to be decoded by itself
   */
  public int decodeEach(Batch batch, int[] offsets, int count, int end) {
    byte[] bytes = batch.payload();
    int first = offsets[0];
    int good = 0;
    try {
      utf8.check(bytes, first, end - first);
      try (JsonParser parser =
          factory.createParser(ObjectReadContext.empty(), bytes, first, end - first)) {
        JsonToken token = parser.nextToken();
        while (good < count) {
          decodeRecord(parser, token, batch, offsets[good]);
          token = parser.nextToken();
          boolean endsWell =
              good + 1 == count
                  ? token == null
                  : token == JsonToken.START_OBJECT
                      && tokenOffset(parser, first) == offsets[good + 1];
          if (!endsWell) {
            break;
          }
          good++;
        }
      }
    } catch (RejectedException | JacksonException e) {
      // Decoded by itself, it is rejected again, and then what is wrong is told of it alone.
    }
    if (batch.uncommitted() > good) {
      batch.removeRow();
    }
    finish(batch, good < count ? offsets[good] : end);
    return good;
  }

  private int decode(JsonParser parser, Batch batch, int offset, int end) throws RejectedException {
    JsonToken token = nextToken(parser);
    if (token == null) {
      throw new RejectedException(RejectReason.EMPTY, "no JSON in it: expected an object");
    }
    if (token == JsonToken.START_ARRAY) {
      return decodeArray(parser, batch, offset, end);
    }
    byte[] bytes = batch.payload();
    int first = skipSpace(bytes, offset);
    decodeRecord(parser, token, batch, first);
    while ((token = tokenAfterRecord(parser)) != null) {
      int start = tokenOffset(parser, offset);
      if (!isNewLineBefore(bytes, start)) {
        throw new RejectedException(
            RejectReason.TRAILING_GARBAGE,
            "something follows the object on its line: expected nothing, or a newline and another object");
      }
      decodeRecord(parser, token, batch, start);
    }
    return finish(batch, end);
  }

  private int decodeArray(JsonParser parser, Batch batch, int offset, int end)
      throws RejectedException {
    JsonToken token;
    while ((token = nextToken(parser)) != JsonToken.END_ARRAY) {
      decodeRecord(parser, token, batch, tokenOffset(parser, offset));
    }
    if (batch.uncommitted() == 0) {
      throw new RejectedException(
          RejectReason.EMPTY, "an array of nothing: expected objects in it");
    }
    int arrayEnd = tokenOffset(parser, offset);
    if (tokenAfterRecord(parser) != null) {
      throw new RejectedException(
          RejectReason.TRAILING_GARBAGE, "something follows the array: expected nothing");
    }
    return finish(batch, Math.min(arrayEnd, end));
  }

  /**
   * Tells each row which bytes were its own: from its start back from where the next one begins.
   */
  private int finish(Batch batch, int end) {
    int rows = batch.uncommitted();
    byte[] bytes = batch.payload();
    for (int i = 0; i < rows; i++) {
      int limit = i + 1 < rows ? starts[i + 1] : end;
      while (bytes[limit - 1] != '}') {
        limit--;
      }
      batch.setPayload(i, starts[i], limit - starts[i]);
    }
    return rows;
  }

  private void decodeRecord(JsonParser parser, JsonToken token, Batch batch, int start)
      throws RejectedException {
    if (token != JsonToken.START_OBJECT) {
      skipValue(parser);
      throw new RejectedException(
          RejectReason.WRONG_TYPE,
          "a record is " + Rejections.describe(token) + ": expected an object");
    }
    int record = batch.uncommitted();
    if (record == starts.length) {
      starts = Arrays.copyOf(starts, record * 2);
    }
    starts[record] = start;
    batch.addRow();
    Arrays.fill(seen, 0);
    try {
      decodeFields(parser, batch);
    } catch (InputCoercionException e) {
      throw new RejectedException(
          RejectReason.NUMBER_OUT_OF_RANGE,
          Rejections.name(parser)
              + " is "
              + Rejections.quote(parser.getString())
              + ": expected an integer of 64 bits");
    } catch (JacksonException e) {
      throw Rejections.malformed(parser, e, RejectReason.MALFORMED_JSON);
    }
    for (int i = 0; i < required.length; i++) {
      long missing = required[i] & ~seen[i];
      if (missing != 0) {
        Field field = fields[(i << 6) + Long.numberOfTrailingZeros(missing)];
        throw new RejectedException(
            RejectReason.MISSING_FIELD,
            "field '" + field.name() + "' is not there: expected " + field.type());
      }
    }
  }

  private void decodeFields(JsonParser parser, Batch batch) throws RejectedException {
    for (int column = names.next(parser); column != FieldNames.END; column = names.next(parser)) {
      if (column >= 0) {
        long bit = 1L << column;
        if ((seen[column >> 6] & bit) != 0) {
          throw new RejectedException(
              RejectReason.DUPLICATE_FIELD,
              "field '" + fields[column].name() + "' is there twice: expected it once");
        }
        seen[column >> 6] |= bit;
        decodeValue(parser, parser.nextToken(), column, batch);
      } else {
        parser.nextToken();
        parser.skipChildren();
      }
    }
  }

  private void decodeValue(JsonParser parser, JsonToken token, int column, Batch batch)
      throws RejectedException {
    switch (types[column]) {
      case REAL -> {
        if (token == JsonToken.VALUE_NUMBER_FLOAT || token == JsonToken.VALUE_NUMBER_INT) {
          double value = parser.getDoubleValue();
          if (Double.isInfinite(value)) {
            throw new RejectedException(
                RejectReason.NUMBER_OUT_OF_RANGE,
                Rejections.name(parser)
                    + " is "
                    + Rejections.quote(parser.getString())
                    + ": expected a finite double");
          }
          boolean minusZero =
              value == 0 && parser.getStringCharacters()[parser.getStringOffset()] == '-';
          batch.setDouble(column, minusZero ? -0.0 : value);
          return;
        }
      }
      case INTEGER -> {
        if (token == JsonToken.VALUE_NUMBER_INT) {
          batch.setLong(column, parser.getLongValue());
          return;
        }
      }
      case TIMESTAMP -> {
        if (token == JsonToken.VALUE_NUMBER_FLOAT || token == JsonToken.VALUE_NUMBER_INT) {
          batch.setLong(
              column,
              Timestamps.fromSeconds(
                  parser.getStringCharacters(),
                  parser.getStringOffset(),
                  parser.getStringLength()));
          return;
        }
        if (token == JsonToken.VALUE_STRING) {
          batch.setLong(column, Timestamps.fromIso(parser.getString()));
          return;
        }
      }
      case TEXT -> {
        if (token == JsonToken.VALUE_STRING) {
          char[] chars = parser.getStringCharacters();
          int offset = parser.getStringOffset();
          int length = parser.getStringLength();
          checkSurrogates(parser, chars, offset, length);
          batch.setText(column, chars, offset, length);
          return;
        }
      }
      case BOOLEAN -> {
        if (token == JsonToken.VALUE_TRUE || token == JsonToken.VALUE_FALSE) {
          batch.setLong(column, token == JsonToken.VALUE_TRUE ? 1 : 0);
          return;
        }
      }
    }
    if (token != JsonToken.VALUE_NULL) {
      skipValue(parser);
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
   * An escape such as {@code \}{@code ud800} can stand alone in JSON, but no text in UTF-8 can hold
   * it.
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

  private JsonToken nextToken(JsonParser parser) throws RejectedException {
    return nextToken(parser, RejectReason.MALFORMED_JSON);
  }

  private JsonToken tokenAfterRecord(JsonParser parser) throws RejectedException {
    return nextToken(parser, RejectReason.TRAILING_GARBAGE);
  }

  private static JsonToken nextToken(JsonParser parser, RejectReason otherwise)
      throws RejectedException {
    try {
      return parser.nextToken();
    } catch (JacksonException e) {
      throw Rejections.malformed(parser, e, otherwise);
    }
  }

  /**
   * Reads an unexpected value to its end, so that faults of JSON itself are named before others.
   */
  private static void skipValue(JsonParser parser) throws RejectedException {
    try {
      parser.skipChildren();
    } catch (JacksonException e) {
      throw Rejections.malformed(parser, e, RejectReason.MALFORMED_JSON);
    }
  }

  /**
   * Where the current token begins. What the parser counts from 1, its currentTokenLocation() tells
   * from 0, but by an object each time.
   */
  private static int tokenOffset(JsonParser parser, int offset) {
    return offset + (int) ((ParserBase) parser).getTokenCharacterOffset() - 1;
  }

  private static int skipSpace(byte[] bytes, int offset) {
    int i = offset;
    while (bytes[i] == ' ' || bytes[i] == '\t' || bytes[i] == '\n' || bytes[i] == '\r') {
      i++;
    }
    return i;
  }

  private static boolean isNewLineBefore(byte[] bytes, int start) {
    int i = start - 1;
    while (bytes[i] == ' ' || bytes[i] == '\t') {
      i--;
    }
    return bytes[i] == '\n' || bytes[i] == '\r';
  }
}
