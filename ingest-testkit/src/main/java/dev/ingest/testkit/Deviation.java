package dev.ingest.testkit;

/**
 * What a store may change of a value, or refuse, if the author of its sink declares so by {@link
 * SinkContract#deviations}. Nothing else is allowed for, and what is declared stands in the report.
 */
public enum Deviation {
  /** The store has one zero: -0.0 is stored as 0.0. */
  ZERO_HAS_NO_SIGN,

  /** A time is stored as the nearest microsecond, or as the one before. */
  TIMESTAMP_IN_MICROSECONDS,

  /**
   * A time is stored as a number of seconds, exactly what {@link
   * dev.ingest.record.RecordBatch#getDouble} returns. {@link SinkContract#storedRows} returns it as
   * a {@link Double}.
   */
  TIMESTAMP_IN_DOUBLE_SECONDS,

  /**
   * JSON is stored as a value and not as its text: white space and the order of members may differ,
   * and a number or a string may be written in another way.
   */
  JSON_IS_NORMALIZED,

  /** The store refuses text with a NUL, for good: such a record is a dead letter. */
  NUL_IS_REFUSED
}
