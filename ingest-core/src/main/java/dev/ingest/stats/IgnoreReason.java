package dev.ingest.stats;

/**
 * Why a message was ignored: who sent it may not, or not so much. Ignored messages are counted and
 * never dead-lettered, or anybody could fill the disk.
 */
public enum IgnoreReason {
  /** The source's filter did not accept the sender. */
  FILTERED,
  /**
   * Signatures are required, and it has none that could be checked: it is too short for one, names
   * a key that the server does not have, or is too long and was cut off.
   */
  UNSIGNED,
  /** Its signature is wrong: it was made without the key, or changed on the way. */
  FORGED,
  /**
   * Its signature is right, but its counter was accepted before or is too old, or its time is more
   * than 60 seconds from the server's.
   */
  REPLAYED,
  /** Its sender sends more than the source's rate allows. */
  THROTTLED
}
