package dev.ingest.policy;

/**
 * How often the journal is synced to disk. Without a sync the operating system writes to the disk
 * at a time of its own choice, on Linux within about 30 seconds.
 */
public enum JournalSync {
  /**
   * Not until the server is closed. A crash of the process, SIGKILL included, loses nothing that
   * was counted as decoded; a crash of the system or a power loss may.
   */
  NEVER,
  /**
   * Once a second, by a thread of its own: a power loss takes at most what came in a second and the
   * time that the sync took.
   */
  EVERY_SECOND,
  /**
   * Before records are counted as decoded and queued, so that a power loss takes none of them.
   * Receiving waits for the disk each time.
   */
  ALWAYS
}
