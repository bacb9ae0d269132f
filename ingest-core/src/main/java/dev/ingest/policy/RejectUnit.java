package dev.ingest.policy;

/**
 * How much is rejected with what cannot be decoded, of the datagrams of a UDP port. On a stream a
 * line is always rejected by itself, and in a line that is an array each element, as with {@link
 * #RECORD}.
 */
public enum RejectUnit {
  /** The whole datagram: all of its records are stored, or none. */
  DATAGRAM,
  /**
   * The record: a line, or an element of an array, by itself. A datagram is rejected only if none
   * of its records is good, or for {@link dev.ingest.stats.RejectReason#TOO_MANY_RECORDS}, which
   * also bounds how many of them may be bad.
   */
  RECORD
}
