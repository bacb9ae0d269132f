package dev.ingest.kafka;

import dev.ingest.record.Field;
import dev.ingest.record.FieldType;
import dev.ingest.record.RecordBatch;
import dev.ingest.record.Schema;
import dev.ingest.sink.SinkException;
import java.time.Instant;
import java.util.List;

/** The values of fields as text, for keys and headers. */
final class Fields {
  private static final long NANOS_PER_SECOND = 1_000_000_000;

  private Fields() {}

  /**
   * Returns the column of a field.
   *
   * @throws SinkException if the schema does not have it
   */
  static int column(Schema schema, String field, String option) throws SinkException {
    List<String> names = schema.fields().stream().map(Field::name).toList();
    int column = names.indexOf(field);
    if (column < 0) {
      throw SinkException.permanent(
          "the option "
              + option
              + " names the field '"
              + field
              + "', which the schema '"
              + schema.name()
              + "' does not have: expected one of "
              + names);
    }
    return column;
  }

  /**
   * Checks that a field can be a key: the same value must always be the same text, or its messages
   * would go to more than one partition.
   *
   * @throws SinkException if it is a number with a fraction, or JSON
   */
  static void checkKey(Field field) throws SinkException {
    if (field.type() == FieldType.REAL || field.type() == FieldType.JSON) {
      throw SinkException.permanent(
          "the key '"
              + field.name()
              + "' is a field of the type "
              + field.type()
              + ", of which one value can be written in several ways: expected INTEGER, TEXT,"
              + " BOOLEAN or TIMESTAMP");
    }
  }

  /** Returns a value as text; it is there. */
  static String text(RecordBatch batch, int row, int column, FieldType type) {
    return switch (type) {
      case INTEGER -> Long.toString(batch.getLong(row, column));
      case REAL -> Double.toString(batch.getDouble(row, column));
      case BOOLEAN -> Boolean.toString(batch.getBoolean(row, column));
      case TIMESTAMP -> instant(batch.getLong(row, column)).toString();
      case TEXT, JSON -> batch.getString(row, column);
    };
  }

  private static Instant instant(long nanos) {
    return Instant.ofEpochSecond(
        Math.floorDiv(nanos, NANOS_PER_SECOND), Math.floorMod(nanos, NANOS_PER_SECOND));
  }
}
