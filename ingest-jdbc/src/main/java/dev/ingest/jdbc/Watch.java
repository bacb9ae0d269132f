package dev.ingest.jdbc;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Ends what runs on a connection for too long, or after an interrupt of the writer thread: no
 * driver heeds one. A thread looks every 100 ms, every 2 ms at a use that it has seen before, and
 * sleeps after a second without any. It asks the database to cancel; after a second more the
 * connection is aborted, which frees the writer. Both may block, so they have threads of their own.
 *
 * <p>A use that is stopped is never given back to the pool, since the cancellation may reach the
 * database only after the statement: it must not meet the next one.
 */
final class Watch {
  private static final long LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(100);
  private static final long CLOSE_LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(2);
  private static final long GRACE_NANOS = TimeUnit.SECONDS.toNanos(1);

  /** Looks without a use after which the thread sleeps. */
  private static final int MAX_IDLE_LOOKS = 10;

  /** What ends a statement; may block. */
  interface Canceller {
    void cancel(Connection connection) throws SQLException;
  }

  private final Thread writer;
  private final long limitNanos;
  private final Canceller canceller;
  private final Thread thread;
  private volatile @Nullable Use current;
  private volatile boolean asleep;
  private volatile boolean closed;

  /** Watches what the calling thread does. */
  Watch(Duration limit, Canceller canceller) {
    this.writer = Thread.currentThread();
    this.limitNanos = limit.toNanos();
    this.canceller = canceller;
    this.thread = daemon("ingest-jdbc-watch", this::run);
  }

  /** Begins to watch the use of a connection. */
  Use begin(Connection connection) {
    Use use = new Use(connection);
    current = use;
    if (asleep) {
      LockSupport.unpark(thread);
    }
    return use;
  }

  /** Ends the thread. */
  void close() {
    closed = true;
    LockSupport.unpark(thread);
  }

  private void run() {
    Use seen = null;
    int idle = 0;
    while (!closed) {
      Use use = current;
      idle = use == null ? idle + 1 : 0;
      if (idle > MAX_IDLE_LOOKS) {
        sleep();
      } else if (use == null || use != seen) {
        LockSupport.parkNanos(LOOK_NANOS);
      } else {
        use.check();
        LockSupport.parkNanos(CLOSE_LOOK_NANOS);
      }
      seen = use;
    }
  }

  /** Waits for the next use. Either that sees that this thread sleeps, or this thread sees it. */
  private void sleep() {
    asleep = true;
    if (current == null && !closed) {
      LockSupport.park(this);
    }
    asleep = false;
  }

  private static Thread daemon(String name, Runnable task) {
    Thread thread = new Thread(task, name);
    thread.setDaemon(true);
    thread.start();
    return thread;
  }

  /** Starts a thread; false if there is none to be had, so that the next look tries again. */
  private static boolean isStarted(String name, Runnable task) {
    try {
      daemon(name, task);
      return true;
    } catch (OutOfMemoryError e) {
      return false;
    }
  }

  /** One use of a connection. */
  final class Use {
    private final Connection connection;
    private final long start = System.nanoTime();
    private boolean ended;
    private boolean stopped;
    private boolean aborted;
    private long stop;

    Use(Connection connection) {
      this.connection = connection;
    }

    /**
     * Ends the watch of this use.
     *
     * @return true if it was stopped, so that the connection is fit for nothing more
     */
    synchronized boolean end() {
      current = null;
      ended = true;
      return stopped;
    }

    private synchronized void check() {
      long now = System.nanoTime();
      if (ended || aborted) {
        return;
      }
      if (!stopped && (writer.isInterrupted() || now - start > limitNanos)) {
        stop = now;
        stopped = isStarted("ingest-jdbc-cancel", this::cancel);
      } else if (stopped && now - stop > GRACE_NANOS) {
        aborted = isStarted("ingest-jdbc-abort", this::abort);
      }
    }

    private void cancel() {
      try {
        canceller.cancel(connection);
      } catch (SQLException | RuntimeException e) {
        // The connection is aborted if nothing has come of it.
      }
    }

    private void abort() {
      try {
        connection.abort(Runnable::run);
      } catch (SQLException | RuntimeException e) {
        // Then it is closed or broken already, or the driver cannot.
      }
    }
  }
}
