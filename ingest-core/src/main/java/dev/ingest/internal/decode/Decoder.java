package dev.ingest.internal.decode;

/**
 * Decodes messages of one format into rows.
 *
 * <p>When a message is rejected, its rows are added but not committed, and the caller rolls the
 * batch back.
 *
 * <p>The bytes that a row came as are a record of the format by themselves, at most {@link
 * #MAX_RECORD_BYTES}; in them a newline means the same as a space, and the first one is not '['. So
 * they can stand on a line of the spool, and be decoded again.
 *
 * <p>Not thread-safe: each thread that decodes has its own.
 */
public interface Decoder {
  /** The longest record. */
  int MAX_RECORD_BYTES = 1 << 16;

  /** Gets the records that are rejected by themselves. */
  @FunctionalInterface
  interface RejectedRecords {
    /** Tells why a record is rejected, and which bytes of the payload it is. */
    void add(RejectedException why, int offset, int length);
  }

  /**
   * Adds the rows of a message to the batch that holds its bytes.
   *
   * @param offset where the message begins in {@link RowWriter#payload}
   * @return the number of rows, at least 1
   * @throws RejectedException if the message is not decoded
   */
  int decode(RowWriter rows, int offset, int length) throws RejectedException;

  /**
   * Adds the rows of a message like {@link #decode}, but rejects what is no good record by itself.
   *
   * @return the number of rows; if it is 0, at least one record was rejected
   * @throws RejectedException if the message is rejected as a whole; no record of it was rejected
   *     by itself then
   */
  int decodeRecords(RowWriter rows, int offset, int length, RejectedRecords rejected)
      throws RejectedException;

  /**
   * Adds a row for each of several messages that follow one another in the batch, as long as each
   * is one good record: one parser for all of them is faster than one for each. None can borrow
   * from its neighbour.
   *
   * @param offsets where each message begins
   * @param count how many there are
   * @param end where the last one ends
   * @return how many have a row; the one after them is to be decoded by itself
   */
  int decodeEach(RowWriter rows, int[] offsets, int count, int end);

  /** Tells whether a message that begins with this byte may be one record and nothing else. */
  boolean canBeginRecord(byte first);
}
