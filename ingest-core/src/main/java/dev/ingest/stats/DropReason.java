package dev.ingest.stats;

/** Why a record that was decoded is neither stored nor in the dead letters. */
public enum DropReason {
  /** The queue was full, and the overflow policy was to drop this record. */
  OVERFLOW,
  /** The sink refused it for good, and no dead-letter file was set. */
  REFUSED,
  /** The sink refused it for good, and it could not be written to the dead-letter file either. */
  DEAD_LETTER_FAILED,
  /**
   * The sink refused it for good, and its letter was removed from the dead-letter file, with the
   * oldest ones, when the file had reached its limit.
   */
  DEAD_LETTER_REMOVED,
  /** It was in the spool, and cannot be read back: somebody else removed or cut the file. */
  SPOOL_FILE_GONE,
  /**
   * It was in the spool, and the file was damaged so that nothing is left of the record that could
   * become a dead letter of its own.
   */
  SPOOL_FILE_DAMAGED
}
