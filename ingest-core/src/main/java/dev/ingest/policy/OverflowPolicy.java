package dev.ingest.policy;

/** What happens to the next message when the queue is full. */
public enum OverflowPolicy {
  /**
   * Writes records to the spool, and replays them when the sink has caught up. Needs {@link
   * Spooling}, and is the default then. While the spool cannot be written, this is like {@link
   * #BLOCK}.
   */
  SPOOL,
  /**
   * Stops receiving until the sink has made room. The kernel's buffer takes what arrives meanwhile;
   * what the kernel drops is counted in {@link dev.ingest.stats.IngestStats#kernelDrops()}.
   */
  BLOCK,
  /**
   * Drops what arrives, so that the oldest records are kept. Each message is still decoded, so that
   * its records are counted.
   */
  DROP_NEWEST,
  /**
   * Drops the oldest batch that the sink does not have yet, so that the newest records are kept.
   * Records are dropped by the batch; see the batch size in the server's builder. If the sink has
   * all that the queue may hold, which takes a batch size near the capacity, what arrives is
   * dropped.
   */
  DROP_OLDEST
}
