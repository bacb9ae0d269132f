package dev.ingest.stats;

import java.time.Duration;

/**
 * What the sink's calls came to. Times are those of calls of {@code Sink.write} that returned
 * normally; a call that has not returned shows in {@link QueueStats#oldestAge()}.
 *
 * <p>Immutable. Servers make it; later versions may add methods.
 */
public interface WriteStats {
  /**
   * Returns how many batches were stored: how often {@code Sink.write} returned normally. These
   * calls stored the records that {@link IngestStats.Records#persisted()} counts.
   *
   * @return 0 or more
   */
  long batches();

  /**
   * Returns how long all these calls took together.
   *
   * @return the sum, 0 or more
   */
  Duration time();

  /**
   * Returns how long the longest of these calls took of those that returned in the last minute or
   * two: since the minute before the current one began, by the server's clock.
   *
   * @return zero if there was none
   */
  Duration maxTime();

  /**
   * Returns how many calls of {@code Sink.write} threw something, those included that refused
   * records, and how many attempts to open the sink failed.
   *
   * @return 0 or more
   */
  long failures();

  /**
   * Returns how many of these failures have come since a call last succeeded.
   *
   * @return 0 if the last call succeeded, or none was made
   */
  long consecutiveFailures();
}
