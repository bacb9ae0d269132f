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
   * 2262-04-11. It is read from a JSON number of seconds with any fraction, or from an ISO 8601
   * string with an offset and at most nine digits of a fraction ({@code "2025-07-05T11:31:01.12Z"},
   * {@code "2025-07-05T21:31:01+10:00"}). Digits of a number after the ninth of the fraction are
   * rounded, half away from zero.
   *
   * <p>{@link RecordBatch#getLong} gives the nanoseconds. {@link RecordBatch#getDouble} gives the
   * seconds: for a number of at most nine fraction digits exactly the double that it denotes, so
   * for every double from 1973 on that was sent in its shortest form.
   */
  TIMESTAMP
}
