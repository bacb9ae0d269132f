package dev.ingest;

/** What happens to the next datagram when the queue is full. */
public enum OverflowPolicy {
  /**
   * Write records to the spool, and replay them when the sink has caught up. Needs {@link
   * IngestServerBuilder#spool}, and is the default then. While the spool cannot be written, like
   * {@link #BLOCK}.
   */
  SPOOL,
  /**
   * Stop receiving until the sink has made room. The kernel's buffer takes what arrives meanwhile;
   * what it drops is counted in {@link IngestStats#kernelDrops()}.
   */
  BLOCK,
  /**
   * Drop what arrives, so that the oldest records are kept. Each datagram is still decoded, so that
   * its records are counted.
   */
  DROP_NEWEST,
  /**
   * Drop the oldest batch that the sink does not have yet, so that the newest records are kept.
   * Records are dropped by the batch; see {@link IngestServerBuilder#batchSize}. If the sink has
   * all that the queue may hold, which takes a batch size near the capacity, what arrives is
   * dropped.
   */
  DROP_OLDEST
}
