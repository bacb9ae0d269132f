package dev.ingest.internal.receive.stream;

import java.util.concurrent.TimeUnit;

/**
 * The time by which connections are timed out: it stands still while the receiver does not read,
 * because the queue is full, say. Otherwise clients would be blamed for that.
 */
final class WaitingTime {
  /** So much of the time between two waits counts: to read from many connections takes less. */
  private static final long MOST_BETWEEN_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

  private long now;
  private long mark = System.nanoTime();

  /** Returns the time in nanoseconds, from any origin. */
  long now() {
    return now;
  }

  void beginWait() {
    long nanos = System.nanoTime();
    now += Math.min(nanos - mark, MOST_BETWEEN_NANOS);
    mark = nanos;
  }

  void endWait() {
    long nanos = System.nanoTime();
    now += nanos - mark;
    mark = nanos;
  }
}
