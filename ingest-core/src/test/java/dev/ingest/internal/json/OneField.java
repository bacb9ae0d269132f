package dev.ingest.internal.json;

import dev.ingest.internal.batch.Batch;
import dev.ingest.internal.batch.Rows;
import dev.ingest.internal.decode.RejectedException;
import dev.ingest.record.Schema;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** Decodes records of a schema and gives back what became of a field's value. */
final class OneField {
  private final Schema schema;
  private final Batch batch;
  private final JsonDecoder decoder;

  OneField(Schema.Builder schema) {
    this.schema = schema.build();
    batch = new Batch(this.schema);
    decoder = new JsonDecoder(this.schema);
  }

  /** Returns the first field of a record whose field {@code f} has this value, in JSON. */
  @Nullable Object decode(String value) throws RejectedException {
    return decodeRecord("{\"f\":" + value + "}");
  }

  /** Returns the first field of a record. */
  @Nullable Object decodeRecord(String record) throws RejectedException {
    batch.clear();
    byte[] bytes = record.getBytes(StandardCharsets.UTF_8);
    int offset = batch.append(bytes, 0, bytes.length);
    try {
      decoder.decode(batch, offset, bytes.length);
    } catch (RejectedException e) {
      batch.rollback();
      throw e;
    }
    batch.commit(null, 0, offset + bytes.length);
    Rows rows = batch.all();
    if (rows.isNull(0, 0)) {
      return null;
    }
    return switch (schema.fields().get(0).type()) {
      case INTEGER, TIMESTAMP -> (Object) rows.getLong(0, 0);
      case REAL -> rows.getDouble(0, 0);
      case TEXT, JSON -> rows.getString(0, 0);
      case BOOLEAN -> rows.getBoolean(0, 0);
    };
  }
}
