package dev.ingest.internal.json;

import dev.ingest.internal.decode.Decoder;
import dev.ingest.internal.decode.RejectedException;
import dev.ingest.internal.decode.RowWriter;
import dev.ingest.internal.json.RecordSplitter.Piece;
import dev.ingest.record.Schema;
import dev.ingest.stats.RejectReason;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;

/**
 * Decodes messages of JSON (RFC 8259): one object, an array of objects, or objects on lines of
 * their own. A byte order mark before them is skipped, as are NULs behind them. The bytes are read
 * where they lie in the batch's payload.
 */
public final class JsonDecoder implements Decoder {
  /**
   * No record with a field in it has fewer bytes in an array or on a line. To store an empty one
   * costs as much, so a message of them would cost many times what its bytes are worth.
   */
  private static final int MIN_RECORD_BYTES = 8;

  /**
   * So many records of any message may be rejected by themselves, and one more for each {@link
   * #MIN_BAD_BYTES}: each costs a sentence on what was wrong, and a dead letter.
   */
  private static final int MANY_BAD = 64;

  private static final int MIN_BAD_BYTES = 16;

  private final RecordParsers parsers;
  private final RecordDecoder records;
  private final @Nullable PlainRecords plainRecords;
  private final Utf8 utf8 = new Utf8();

  /** The most records of the message. */
  private int limit;

  /** Makes a decoder for a schema. */
  public JsonDecoder(Schema schema) {
    parsers = RecordParsers.of(schema);
    records = new RecordDecoder(parsers, schema);
    plainRecords = PlainRecords.of(schema);
  }

  @Override
  public boolean canBeginRecord(byte first) {
    return first == '{';
  }

  @Override
  public int decode(RowWriter rows, int offset, int length) throws RejectedException {
    byte[] bytes = rows.payload();
    int start = WhiteSpace.skipMark(bytes, offset, offset + length);
    int end = WhiteSpace.trimMessage(bytes, start, offset + length);
    limit = Math.min(rows.maxRows(), 1 + (end - start) / MIN_RECORD_BYTES);
    try {
      utf8.check(bytes, offset, length);
      if (takePlain(rows, start, end)) {
        return 1;
      }
      RejectedException noJson = Rejections.atFirstSight(bytes, start, end);
      if (noJson != null) {
        throw noJson;
      }
      try (RecordParser parser = parsers.parser(bytes, start, end - start)) {
        decode(parser, rows);
      }
    } catch (RejectedException e) {
      throw Rejections.withFormat(e, bytes, offset, length);
    }
    return rows.uncommitted();
  }

  private void decode(RecordParser parser, RowWriter rows) throws RejectedException {
    JsonToken token = nextToken(parser, RejectReason.MALFORMED_JSON);
    if (token == null) {
      throw new RejectedException(RejectReason.EMPTY, "no JSON in it: expected an object");
    }
    if (token == JsonToken.START_ARRAY) {
      decodeArray(parser, rows);
      return;
    }
    decodeRecord(parser, token, rows);
    while ((token = nextToken(parser, RejectReason.TRAILING_GARBAGE)) != null) {
      if (!WhiteSpace.hasNewLineBefore(rows.payload(), parser.valueStart())) {
        throw afterRecord();
      }
      decodeRecord(parser, token, rows);
    }
  }

  private void decodeArray(RecordParser parser, RowWriter rows) throws RejectedException {
    JsonToken token;
    while ((token = nextToken(parser, RejectReason.MALFORMED_JSON)) != JsonToken.END_ARRAY) {
      decodeRecord(parser, token, rows);
    }
    if (nextToken(parser, RejectReason.TRAILING_GARBAGE) != null) {
      throw RecordSplitter.afterArray();
    }
    if (rows.uncommitted() == 0) {
      throw new RejectedException(
          RejectReason.EMPTY, "an array of nothing: expected objects in it");
    }
  }

  private void decodeRecord(RecordParser parser, JsonToken token, RowWriter rows)
      throws RejectedException {
    int record = rows.uncommitted();
    if (record >= limit) {
      throw tooMany(record, rows.maxRows());
    }
    int start = parser.valueStart();
    records.decode(parser, token, rows);
    int length = parser.valueEnd() - start;
    if (length > MAX_RECORD_BYTES) {
      throw oversized(length);
    }
    rows.setPayload(record, start, length);
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

  private static RejectedException tooManyBad() {
    return new RejectedException(
        RejectReason.TOO_MANY_RECORDS,
        "more than "
            + MANY_BAD
            + " records that are bad, and one for each "
            + MIN_BAD_BYTES
            + " bytes: expected good ones");
  }

  private static RejectedException afterRecord() {
    return new RejectedException(
        RejectReason.TRAILING_GARBAGE,
        "something follows the object on its line: expected nothing, or a newline and another object");
  }

  private static RejectedException oversized(int length) {
    return new RejectedException(
        RejectReason.OVERSIZED,
        "a record of " + length + " bytes: expected at most " + MAX_RECORD_BYTES);
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
   * {@inheritDoc}
   *
   * <p>Most messages are good as a whole. Only one that is not is taken apart, and each piece is
   * decoded as if it had come alone.
   */
  @Override
  public int decodeRecords(RowWriter rows, int offset, int length, RejectedRecords rejected)
      throws RejectedException {
    try {
      return decode(rows, offset, length);
    } catch (RejectedException e) {
      if (e.reason() == RejectReason.EMPTY || e.reason() == RejectReason.TOO_MANY_RECORDS) {
        throw e;
      }
      rows.removeRows();
      for (Piece bad : decodeApart(e, rows, offset, length)) {
        rejected.add(Objects.requireNonNull(bad.fault()), bad.start(), bad.length());
      }
      return rows.uncommitted();
    }
  }

  /** Adds the rows of a message that is bad for a reason; returns the records that are bad. */
  private List<Piece> decodeApart(RejectedException why, RowWriter rows, int offset, int length)
      throws RejectedException {
    byte[] bytes = rows.payload();
    int start = WhiteSpace.skipMark(bytes, offset, offset + length);
    int end = WhiteSpace.trimMessage(bytes, start, offset + length);
    List<Piece> pieces =
        KnownFormats.isBinary(bytes, start, end - start)
            ? List.of()
            : RecordSplitter.split(bytes, start, end, limit);
    if (pieces.size() <= 1) {
      return List.of(new Piece(start, end, why));
    }
    if (pieces.size() > limit) {
      throw tooMany(limit, rows.maxRows());
    }
    List<Piece> bad = new ArrayList<>();
    for (Piece piece : pieces) {
      RejectedException fault = decode(piece, rows);
      if (fault != null) {
        bad.add(new Piece(piece.start(), piece.end(), fault));
        if (bad.size() > MANY_BAD + (end - start) / MIN_BAD_BYTES) {
          throw tooManyBad();
        }
      }
    }
    return bad;
  }

  /** Adds the row of a piece, or returns why it is no record. */
  private @Nullable RejectedException decode(Piece piece, RowWriter rows) {
    int record = rows.uncommitted();
    try {
      decodeAlone(piece, rows);
      return null;
    } catch (RejectedException e) {
      if (rows.uncommitted() > record) {
        rows.removeRow();
      }
      return Rejections.withFormat(e, rows.payload(), piece.start(), piece.length());
    }
  }

  private void decodeAlone(Piece piece, RowWriter rows) throws RejectedException {
    byte[] bytes = rows.payload();
    if (piece.fault() != null) {
      throw piece.fault();
    }
    if (piece.length() > MAX_RECORD_BYTES) {
      throw oversized(piece.length());
    }
    utf8.check(bytes, piece.start(), piece.length());
    try (RecordParser parser = parsers.parser(bytes, piece.start(), piece.length())) {
      decodeRecord(parser, nextToken(parser, RejectReason.MALFORMED_JSON), rows);
      if (nextToken(parser, RejectReason.TRAILING_GARBAGE) != null) {
        throw afterRecord();
      }
    }
  }

  /**
   * {@inheritDoc}
   *
   * <p>From the first one on that is not plain Jackson reads all. Since a record must end before
   * the next message, where the next one must begin, none can borrow from its neighbour.
   */
  @Override
  public int decodeEach(RowWriter rows, int[] offsets, int count, int end) {
    byte[] bytes = rows.payload();
    limit = rows.maxRows();
    try {
      utf8.check(bytes, offsets[0], end - offsets[0]);
    } catch (RejectedException e) {
      return 0; // decoded by itself, each that is at fault is rejected
    }
    int plain = decodePlain(rows, offsets, count, end);
    return plain == count ? count : decodeRest(rows, offsets, plain, count, end);
  }

  /** Returns how many messages, from the first on, are plain records. */
  private int decodePlain(RowWriter rows, int[] offsets, int count, int end) {
    int plain = 0;
    while (plain < count
        && takePlain(rows, offsets[plain], plain + 1 < count ? offsets[plain + 1] - 1 : end)) {
      plain++;
    }
    return plain;
  }

  /** Adds the row of a message if it is a plain record. */
  private boolean takePlain(RowWriter rows, int start, int end) {
    return plainRecords != null && plainRecords.decode(rows, start, end);
  }

  /** Has Jackson read the messages from one on; returns how many of all have a row. */
  private int decodeRest(RowWriter rows, int[] offsets, int from, int count, int end) {
    byte[] bytes = rows.payload();
    int first = offsets[from];
    int good = from;
    try (RecordParser parser = parsers.parser(bytes, first, end - first)) {
      JsonToken token = parser.nextToken();
      while (good < count) {
        decodeRecord(parser, token, rows);
        token = parser.nextToken();
        boolean endsWell =
            good + 1 == count
                ? token == null
                : token == JsonToken.START_OBJECT && parser.valueStart() == offsets[good + 1];
        if (!endsWell) {
          break;
        }
        good++;
      }
    } catch (RejectedException | JacksonException e) {
      // Decoded by itself, the message is rejected again, and then with a detail of its own.
    }
    if (rows.uncommitted() > good) {
      rows.removeRow();
    }
    return good;
  }
}
