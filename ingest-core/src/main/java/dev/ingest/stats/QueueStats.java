package dev.ingest.stats;

import java.time.Duration;

/**
 * The queue: the records that wait in memory, or are being written.
 *
 * <p>Immutable. Servers make it; later versions may add methods.
 */
public interface QueueStats {
  /**
   * Returns the most records that may be in the queue, as the builder's {@code queueCapacity} sets
   * it.
   *
   * @return 1 or more
   */
  long capacity();

  /**
   * Returns the age of the oldest record in the queue, since it was decoded or, if it was in the
   * spool, since it was read back. Tells how far the sink is behind, also while a call of the sink
   * does not return.
   *
   * @return zero if no record is queued, or if those that are have been decoded in the last few
   *     milliseconds and are still being gathered to a batch
   */
  Duration oldestAge();
}
