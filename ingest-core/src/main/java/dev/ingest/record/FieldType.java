package dev.ingest.record;

/**
 * The type of a {@link Field}: what JSON it is read from and how a {@link RecordBatch} keeps it.
 */
public enum FieldType {
  /**
   * A 64-bit signed integer, from a JSON number without fraction or exponent; read with {@link
   * RecordBatch#getLong}. A number that does not fit is rejected, never wrapped.
   */
  INTEGER,
  /**
   * An IEEE 754 double, from any JSON number; read with {@link RecordBatch#getDouble}. A number too
   * large for a finite double is rejected.
   */
  REAL,
  /**
   * Text, from a JSON string; read with {@link RecordBatch#getString}. A string that is not valid
   * Unicode (an unpaired surrogate) is rejected.
   */
  TEXT,
  /**
   * A truth value, from JSON {@code true} or {@code false}; read with {@link
   * RecordBatch#getBoolean}.
   */
  BOOLEAN,
  /**
   * An instant, kept as nanoseconds since 1970-01-01T00:00:00Z in a long, so from 1677-09-21 to
   * 2262-04-11. It is read from a JSON number of seconds, or of the {@linkplain
   * Schema.Builder#epoch unit} that is set, with any fraction; or from an ISO 8601 string of date,
   * time and offset: {@code "2025-07-05T11:31:01.12Z"}, {@code "2025-07-05 21:31:01,12+10:00"}. The
   * date and the time are separated by {@code T}, {@code t} or a space; the seconds may be left
   * out, or have a fraction after a point or a comma; the offset is {@code Z}, {@code z}, {@code
   * +10:00}, {@code +1000} or {@code +10}, and may be left out if a {@linkplain Schema.Builder#zone
   * zone} is set. What is beyond nanoseconds is rounded, half away from zero in a number, half up
   * in a string.
   *
   * <p>{@link RecordBatch#getLong} gives the nanoseconds. {@link RecordBatch#getDouble} gives the
   * seconds: for a number of at most nine fraction digits exactly the double that it denotes, so
   * for every double from 1973 on that was sent in its shortest form.
   */
  TIMESTAMP,
  /**
   * Any JSON value but {@code null}, kept as the text that came; read with {@link
   * RecordBatch#getString}. A newline between its tokens may become a space if the record is
   * replayed after a crash, which means the same.
   */
  JSON
}
