package dev.ingest.sqlite;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.sqlite.BusyHandler;

/**
 * SQLite's wait for a lock that another connection holds, called back by SQLite on the waiting
 * thread. In place of SQLite's own busy timeout, which does not see an interrupt.
 */
final class LockWait extends BusyHandler {
  private static final long FIRST_NANOS = TimeUnit.MICROSECONDS.toNanos(200);
  private static final long MAX_NANOS = TimeUnit.MILLISECONDS.toNanos(25);

  private final long timeoutNanos;
  private long start;

  LockWait(int timeoutMillis) {
    this.timeoutNanos = TimeUnit.MILLISECONDS.toNanos(timeoutMillis);
  }

  /**
   * Waits a little, longer each time; 0, to give up, once it is too long or the thread is
   * interrupted.
   */
  @Override
  protected int callback(int tries) {
    long now = System.nanoTime();
    if (tries == 0) {
      start = now;
    }
    long left = timeoutNanos - (now - start);
    if (left <= 0 || Thread.currentThread().isInterrupted()) {
      return 0;
    }
    LockSupport.parkNanos(Math.min(left, Math.min(MAX_NANOS, FIRST_NANOS << Math.min(tries, 8))));
    return 1;
  }
}
