package dev.ingest.stats;

/**
 * Why a message was rejected, or a record by itself: {@link dev.ingest.policy.RejectUnit} tells
 * which.
 */
public enum RejectReason {
  /** It holds no record: no byte, only white space, or an empty array. */
  EMPTY,
  /**
   * It is longer than its source allows; the rest was cut off. Or a record of it is longer than
   * 65,536 bytes.
   */
  OVERSIZED,
  /**
   * It holds more records than a batch may have: than {@code batchSize}, or with a wide schema than
   * fit into a batch's memory; or more than one for each 8 bytes, which then are all but empty. Or
   * with {@link dev.ingest.policy.RejectUnit#RECORD}, more than 64 of its records, and one for each
   * 16 of its bytes, are bad.
   */
  TOO_MANY_RECORDS,
  /** The source's {@link dev.ingest.source.Unwrap} could not take it out of what it came in. */
  UNWRAP_FAILED,
  /** It is not well-formed UTF-8: overlong forms, surrogates and other encodings included. */
  BAD_UTF8,
  /** It is not well-formed JSON, or text in it is not valid Unicode. */
  MALFORMED_JSON,
  /** The name of a field is longer than 256 bytes of UTF-8, and than every name in the schema. */
  NAME_TOO_LONG,
  /**
   * Objects and arrays are nested deeper than 64 levels, also in a field that the schema does not
   * have.
   */
  NESTING_TOO_DEEP,
  /** Something follows the object or the array that is not another object on a line of its own. */
  TRAILING_GARBAGE,
  /** A record is not an object, or a field's value is not of the field's type. */
  WRONG_TYPE,
  /**
   * A required field is not there or is {@code null}, or its path leads through a value that is
   * neither an object nor an array.
   */
  MISSING_FIELD,
  /** A field of the schema, or a member on the path of one, stands twice in a record. */
  DUPLICATE_FIELD,
  /**
   * A number does not fit its field: beyond 64 bits, beyond a finite double, beyond the years of a
   * timestamp; or a {@code nan} or {@code inf} came for a lenient field that is not optional. Or a
   * number has more than 1,000 digits, also in a field that the schema does not have.
   */
  NUMBER_OUT_OF_RANGE,
  /** The server itself failed while it took the message in, for want of memory, say, and closes. */
  SERVER_FAILED
}
