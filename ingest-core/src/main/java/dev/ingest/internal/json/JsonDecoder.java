package dev.ingest.internal.json;

import dev.ingest.internal.decode.Decoder;
import dev.ingest.internal.decode.RejectedException;
import dev.ingest.internal.decode.RowWriter;
import dev.ingest.record.Schema;
import dev.ingest.stats.RejectReason;
import java.util.Arrays;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.base.ParserBase;

/**
 * Decodes messages of JSON (RFC 8259): one object, an array of objects, or objects on lines of
 * their own. The bytes are read where they lie in the batch's payload.
 */
public final class JsonDecoder implements Decoder {
  /**
   * No record with a field in it has fewer bytes in an array or on a line. To store an empty one
   * costs as much, so a message of them would cost many times what its bytes are worth.
   */
  private static final int MIN_RECORD_BYTES = 8;

  private final RecordParsers parsers;
  private final RecordDecoder records;
  private final Utf8 utf8 = new Utf8();

  /** The most records of the message. */
  private int limit;

  /** Where the objects of the message begin; grows to the largest number of them. */
  private int[] starts = new int[64];

  /** Makes a decoder for a schema. */
  public JsonDecoder(Schema schema) {
    parsers = RecordParsers.of(schema);
    records = new RecordDecoder(parsers, schema);
  }

  @Override
  public boolean canBeginRecord(byte first) {
    return first == '{';
  }

  @Override
  public int decode(RowWriter rows, int offset, int length) throws RejectedException {
    byte[] bytes = rows.payload();
    limit = Math.min(rows.maxRows(), 1 + length / MIN_RECORD_BYTES);
    try {
      utf8.check(bytes, offset, length);
      try (JsonParser parser = parser(bytes, offset, length)) {
        return decode(parser, rows, offset, offset + length);
      }
    } catch (RejectedException e) {
      throw Rejections.withFormat(e, bytes, offset, length);
    }
  }

  @Override
  public int decodeRecords(RowWriter rows, int offset, int length, RejectedRecords rejected)
      throws RejectedException {
    try {
      return decode(rows, offset, length);
    } catch (RejectedException e) {
      rows.removeRows();
      rejected.add(e, offset, length);
      return 0;
    }
  }

  private JsonParser parser(byte[] bytes, int offset, int length) {
    return parsers.createParser(ObjectReadContext.empty(), bytes, offset, length);
  }

  /**
   * {@inheritDoc}
   *
   * <p>Since a record must end before the next message, where the next one must begin, none can
   * borrow from its neighbour.
   */
  @Override
  public int decodeEach(RowWriter rows, int[] offsets, int count, int end) {
    byte[] bytes = rows.payload();
    limit = rows.maxRows();
    int first = offsets[0];
    int good = 0;
    try {
      utf8.check(bytes, first, end - first);
      try (JsonParser parser = parser(bytes, first, end - first)) {
        JsonToken token = parser.nextToken();
        while (good < count) {
          decodeRecord(parser, token, rows, offsets[good]);
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
      // Decoded by itself, the message is rejected again, and then with a detail of its own.
    }
    if (rows.uncommitted() > good) {
      rows.removeRow();
    }
    setPayloads(rows, good < count ? offsets[good] : end);
    return good;
  }

  private int decode(JsonParser parser, RowWriter rows, int offset, int end)
      throws RejectedException {
    JsonToken token = nextToken(parser, RejectReason.MALFORMED_JSON);
    if (token == null) {
      throw new RejectedException(RejectReason.EMPTY, "no JSON in it: expected an object");
    }
    if (token == JsonToken.START_ARRAY) {
      return decodeArray(parser, rows, offset, end);
    }
    byte[] bytes = rows.payload();
    decodeRecord(parser, token, rows, skipSpace(bytes, offset));
    while ((token = nextToken(parser, RejectReason.TRAILING_GARBAGE)) != null) {
      int start = tokenOffset(parser, offset);
      if (!isNewLineBefore(bytes, start)) {
        throw new RejectedException(
            RejectReason.TRAILING_GARBAGE,
            "something follows the object on its line: expected nothing, or a newline and another object");
      }
      decodeRecord(parser, token, rows, start);
    }
    return setPayloads(rows, end);
  }

  private int decodeArray(JsonParser parser, RowWriter rows, int offset, int end)
      throws RejectedException {
    JsonToken token;
    while ((token = nextToken(parser, RejectReason.MALFORMED_JSON)) != JsonToken.END_ARRAY) {
      decodeRecord(parser, token, rows, tokenOffset(parser, offset));
    }
    if (rows.uncommitted() == 0) {
      throw new RejectedException(
          RejectReason.EMPTY, "an array of nothing: expected objects in it");
    }
    int arrayEnd = tokenOffset(parser, offset);
    if (nextToken(parser, RejectReason.TRAILING_GARBAGE) != null) {
      throw new RejectedException(
          RejectReason.TRAILING_GARBAGE, "something follows the array: expected nothing");
    }
    return setPayloads(rows, Math.min(arrayEnd, end));
  }

  private void decodeRecord(JsonParser parser, JsonToken token, RowWriter rows, int start)
      throws RejectedException {
    int record = rows.uncommitted();
    if (record >= limit) {
      throw tooMany(record, rows.maxRows());
    }
    if (record == starts.length) {
      starts = Arrays.copyOf(starts, record * 2);
    }
    starts[record] = start;
    records.decode(parser, token, rows);
  }

  private static RejectedException tooMany(int records, int maxRows) {
    return new RejectedException(
        RejectReason.TOO_MANY_RECORDS,
        records < maxRows
            ? "more than one record for each "
                + MIN_RECORD_BYTES
                + " bytes: expected records with at least one field"
            : "more than "
                + maxRows
                + " records, which a batch of this schema holds: send fewer at once");
  }

  /**
   * Sets for each row which bytes were its own: from its start back from where the next one begins.
   */
  private int setPayloads(RowWriter rows, int end) {
    int count = rows.uncommitted();
    byte[] bytes = rows.payload();
    for (int i = 0; i < count; i++) {
      int limit = i + 1 < count ? starts[i + 1] : end;
      while (bytes[limit - 1] != '}') {
        limit--;
      }
      rows.setPayload(i, starts[i], limit - starts[i]);
    }
    return count;
  }

  /** Moves on; what is no JSON is rejected for the given reason. */
  private static JsonToken nextToken(JsonParser parser, RejectReason otherwise)
      throws RejectedException {
    try {
      return parser.nextToken();
    } catch (JacksonException e) {
      throw Rejections.malformed(parser, e, otherwise);
    }
  }

  /**
   * Returns where the current token begins. The parser's own currentTokenLocation() makes an object
   * each time; its counter counts from 1.
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
