package dev.ingest.record;

import dev.ingest.record.Field.Origin;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Records of one {@link Schema} in columns: read by row, from 0 to {@link #size()}, and column, the
 * field's index in {@link Schema#fields()}.
 *
 * <p>A batch is never empty and belongs to the server: it is valid only during the {@code write}
 * that it was given to, on that thread, and is filled again afterwards. So is every {@linkplain
 * #slice slice} of it.
 *
 * <p>Each getter throws {@link IndexOutOfBoundsException} for a row or column that is not there,
 * and {@link IllegalStateException} for a field of another type or for a value that is absent.
 */
public interface RecordBatch {
  /**
   * Returns the schema of the records.
   *
   * @return the schema that the sink was opened with
   */
  Schema schema();

  /**
   * Returns the number of records.
   *
   * @return at least 1
   */
  int size();

  /**
   * Tells whether an optional field has no value. A required field always has one.
   *
   * @param row the record
   * @param column the field
   * @return true if the record left the field out or gave {@code null} for it
   */
  boolean isNull(int row, int column);

  /**
   * Returns an {@link FieldType#INTEGER}, or a {@link FieldType#TIMESTAMP} in nanoseconds since
   * 1970-01-01T00:00:00Z.
   *
   * @param row the record
   * @param column the field
   * @return the value
   */
  long getLong(int row, int column);

  /**
   * Returns a {@link FieldType#REAL}, or a {@link FieldType#TIMESTAMP} in seconds since
   * 1970-01-01T00:00:00Z.
   *
   * @param row the record
   * @param column the field
   * @return the value, always finite
   */
  double getDouble(int row, int column);

  /**
   * Returns a {@link FieldType#TEXT}, or the text of a {@link FieldType#JSON}.
   *
   * @param row the record
   * @param column the field
   * @return a new string
   */
  String getString(int row, int column);

  /**
   * Returns what {@link #getString} returns, in UTF-8, as the server has it. For a sink that sends
   * or stores bytes it saves a conversion there and one back.
   *
   * @param row the record
   * @param column the field
   * @return a new array
   */
  default byte[] getUtf8(int row, int column) {
    return getString(row, column).getBytes(StandardCharsets.UTF_8);
  }

  /**
   * Returns a {@link FieldType#BOOLEAN}.
   *
   * @param row the record
   * @param column the field
   * @return the value
   */
  boolean getBoolean(int row, int column);

  /**
   * Returns a record as it came: one JSON object, without what stood around it in its message. A
   * newline between its tokens may have become a space if it was replayed from the spool.
   *
   * @param row the record
   * @return the bytes of the object, which are valid UTF-8, in a new array
   */
  byte[] json(int row);

  /**
   * Returns who sent a record: the field that {@link Schema.Builder#sender} adds, whatever its
   * name. Only with such a field does the server keep who sent a record until it is stored, also in
   * the spool.
   *
   * @param row the record
   * @return address and port; empty if the record was spooled under a schema without that field
   * @throws IllegalStateException if the schema has no such field
   */
  default Optional<String> sender(int row) {
    int column = columnOf(Origin.SENDER, "sender");
    return isNull(row, column) ? Optional.empty() : Optional.of(getString(row, column));
  }

  /**
   * Returns when a record arrived: the field that {@link Schema.Builder#receivedAt} adds, whatever
   * its name. Only with such a field does the server keep that until the record is stored, also in
   * the spool.
   *
   * @param row the record
   * @return nanoseconds since 1970-01-01T00:00:00Z; empty if the record was spooled under a schema
   *     without that field
   * @throws IllegalStateException if the schema has no such field
   */
  default OptionalLong receivedAt(int row) {
    int column = columnOf(Origin.RECEIVED_AT, "receivedAt");
    return isNull(row, column) ? OptionalLong.empty() : OptionalLong.of(getLong(row, column));
  }

  private int columnOf(Origin origin, String method) {
    int column = 0;
    for (Field field : schema().fields()) {
      if (field.origin() == origin) {
        return column;
      }
      column++;
    }
    throw new IllegalStateException(
        "schema '%s' has no field for %s(): add one with %2$s(name)"
            .formatted(schema().name(), method));
  }

  /**
   * Returns the records of a range, without copying them.
   *
   * @param from the first row
   * @param to the row after the last; greater than {@code from}
   * @return a batch valid as long as this one
   * @throws IndexOutOfBoundsException if the range is empty or reaches outside this batch
   */
  RecordBatch slice(int from, int to);

  /**
   * Returns where the records stand in the server's spool. A sink that stores each record exactly
   * once across crashes stores the position together with the records, and knows it after a crash:
   * see {@link dev.ingest.sink.Sink#stored}.
   *
   * @return the position of the first record, which the others follow line by line; empty if the
   *     server has no spool, or has not written all of these records to it
   */
  Optional<JournalPosition> position();
}
