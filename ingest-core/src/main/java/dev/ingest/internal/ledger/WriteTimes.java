package dev.ingest.internal.ledger;

import dev.ingest.stats.WriteStats;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * Counts the calls of the sink and their time. The longest time is kept for the current minute and
 * for the one before. Guarded by the ledger's lock.
 */
final class WriteTimes {
  private static final long MINUTE_NANOS = TimeUnit.MINUTES.toNanos(1);

  private final LongSupplier clock;
  private long batches;
  private long totalNanos;
  private long failures;
  private long consecutiveFailures;
  private long maxNanos;
  private long maxNanosBefore;
  private long minuteStart;

  private record Snapshot(
      long batches, Duration time, Duration maxTime, long failures, long consecutiveFailures)
      implements WriteStats {}

  /**
   * Makes a count of nothing.
   *
   * @param clock returns nanoseconds as {@link System#nanoTime} does
   */
  WriteTimes(LongSupplier clock) {
    this.clock = clock;
    this.minuteStart = clock.getAsLong();
  }

  /** Counts a write that stored its batch. */
  void written(long nanos) {
    beginMinute();
    batches++;
    totalNanos += nanos;
    maxNanos = Math.max(maxNanos, nanos);
    succeeded();
  }

  void failed() {
    failures++;
    consecutiveFailures++;
  }

  /** Takes note that a call has not failed. */
  void succeeded() {
    consecutiveFailures = 0;
  }

  private void beginMinute() {
    long minutes = (clock.getAsLong() - minuteStart) / MINUTE_NANOS;
    if (minutes > 0) {
      maxNanosBefore = minutes == 1 ? maxNanos : 0;
      maxNanos = 0;
      minuteStart += minutes * MINUTE_NANOS;
    }
  }

  WriteStats snapshot() {
    beginMinute();
    return new Snapshot(
        batches,
        Duration.ofNanos(totalNanos),
        Duration.ofNanos(Math.max(maxNanos, maxNanosBefore)),
        failures,
        consecutiveFailures);
  }
}
