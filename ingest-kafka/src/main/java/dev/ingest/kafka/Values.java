package dev.ingest.kafka;

import dev.ingest.record.Field;
import dev.ingest.record.RecordBatch;
import java.io.ByteArrayOutputStream;
import java.util.List;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;

/** Makes the JSON of records: what came, or an object built from the fields. */
final class Values {
  private static final JsonFactory JSON = JsonFactory.builder().rootValueSeparator("").build();

  private final Format.Value value;
  private final List<Field> fields;
  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
  private final JsonGenerator generator = JSON.createGenerator(ObjectWriteContext.empty(), bytes);

  Values(Format.Value value, List<Field> fields) {
    this.value = value;
    this.fields = fields;
  }

  /** Returns the object of a record, in a new array. */
  byte[] json(RecordBatch batch, int row) {
    return switch (value) {
      case PAYLOAD -> batch.json(row);
      case COLUMNS -> object(batch, row);
    };
  }

  private byte[] object(RecordBatch batch, int row) {
    bytes.reset();
    generator.writeStartObject();
    for (int column = 0; column < fields.size(); column++) {
      if (!batch.isNull(row, column)) {
        generator.writeName(fields.get(column).name());
        write(batch, row, column);
      }
    }
    generator.writeEndObject();
    generator.flush();
    return bytes.toByteArray();
  }

  private void write(RecordBatch batch, int row, int column) {
    switch (fields.get(column).type()) {
      case INTEGER -> generator.writeNumber(batch.getLong(row, column));
      case REAL -> generator.writeNumber(batch.getDouble(row, column));
      case BOOLEAN -> generator.writeBoolean(batch.getBoolean(row, column));
      case JSON -> generator.writeRawValue(batch.getString(row, column));
      case TEXT, TIMESTAMP ->
          generator.writeString(Fields.text(batch, row, column, fields.get(column).type()));
    }
  }
}
