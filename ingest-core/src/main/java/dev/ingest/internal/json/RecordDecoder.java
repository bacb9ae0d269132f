package dev.ingest.internal.json;

import dev.ingest.internal.decode.RejectedException;
import dev.ingest.internal.decode.RowWriter;
import dev.ingest.record.Field;
import dev.ingest.record.Schema;
import dev.ingest.stats.RejectReason;
import java.util.Arrays;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.TokenStreamFactory;
import tools.jackson.core.exc.InputCoercionException;

/**
 * Decodes one object into one row. Members that the schema does not name are skipped, but must be
 * JSON. Names are matched where their bytes lie, without a string each.
 */
final class RecordDecoder {
  private final FieldNames names;
  private final ValueDecoder values;
  private final Field[] fields;
  private final long[] required;
  private final long[] seen;

  RecordDecoder(TokenStreamFactory factory, Schema schema) {
    names = new FieldNames(factory, schema);
    values = new ValueDecoder(schema);
    fields = schema.fields().toArray(Field[]::new);
    required = new long[(fields.length + Long.SIZE - 1) / Long.SIZE];
    seen = new long[required.length];
    for (int column = 0; column < fields.length; column++) {
      if (!fields[column].optional() && fields[column].origin() == Field.Origin.RECORD) {
        required[column >> 6] |= 1L << column;
      }
    }
  }

  /** Adds the row of the object that the parser has come to. */
  void decode(JsonParser parser, JsonToken token, RowWriter rows) throws RejectedException {
    if (token != JsonToken.START_OBJECT) {
      ValueDecoder.skip(parser);
      throw new RejectedException(
          RejectReason.WRONG_TYPE,
          "a record is " + Rejections.describe(token) + ": expected an object");
    }
    rows.addRow();
    Arrays.fill(seen, 0);
    try {
      decodeFields(parser, rows);
    } catch (InputCoercionException e) {
      throw ValueDecoder.notLong(parser);
    } catch (JacksonException e) {
      throw Rejections.malformed(parser, e, RejectReason.MALFORMED_JSON);
    }
    checkRequired();
  }

  private void decodeFields(JsonParser parser, RowWriter rows) throws RejectedException {
    for (int column = names.next(parser); column != FieldNames.END; column = names.next(parser)) {
      if (column >= 0 && fields[column].origin() == Field.Origin.RECORD) {
        long bit = 1L << column;
        if ((seen[column >> 6] & bit) != 0) {
          throw new RejectedException(
              RejectReason.DUPLICATE_FIELD,
              "field '" + fields[column].name() + "' is there twice: expected it once");
        }
        seen[column >> 6] |= bit;
        values.decode(parser, parser.nextToken(), column, rows);
      } else {
        parser.nextToken();
        parser.skipChildren();
      }
    }
  }

  private void checkRequired() throws RejectedException {
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
}
