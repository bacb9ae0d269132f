package dev.ingest;

import dev.ingest.internal.log.Log;
import dev.ingest.internal.log.RateLimitedLog;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Tells the host's listener of each change of a server's status, in order, on a thread that is
 * there while there is something to tell. Nobody waits for that thread, and the lock is not held
 * while the listener is called: one that blocks holds up nothing but itself.
 *
 * <p>While it blocks, changes wait. Of more than {@link #CAPACITY} those are left out that go there
 * and back; only a sink that fails and recovers makes so many.
 */
final class StatusReporter {
  /** How many changes wait at most, besides those to the end. */
  static final int CAPACITY = 64;

  private static final Logger LOGGER = Log.of("dev.ingest");

  private final @Nullable Consumer<? super StatusChange> listener;
  private final Deque<StatusChange> untold = new ArrayDeque<>(); // this and thread: guarded by this
  private final RateLimitedLog leftOutLog = new RateLimitedLog(LOGGER, Level.WARNING);
  private @Nullable Thread thread;

  /**
   * Makes a reporter that has told nothing.
   *
   * @param listener null if nobody listens
   */
  StatusReporter(@Nullable Consumer<? super StatusChange> listener) {
    this.listener = listener;
  }

  /** Has the listener told of a change, which follows the last one. */
  synchronized void changed(StatusChange change) {
    if (listener == null) {
      return;
    }
    if (untold.size() >= CAPACITY && untold.getLast().isUndoneBy(change)) {
      untold.removeLast();
      leftOutLog.events(2, () -> "changes of the status were left out: the listener blocks");
    } else {
      untold.add(change);
    }
    if (thread == null && !untold.isEmpty()) {
      startThread(listener);
    }
  }

  private void startThread(Consumer<? super StatusChange> told) {
    Thread started = new Thread(null, () -> tell(told), "ingest-status", 0, false);
    started.setDaemon(true);
    try {
      started.start();
      thread = started;
    } catch (OutOfMemoryError e) {
      // The change waits, and the next one tries again.
    }
  }

  private void tell(Consumer<? super StatusChange> told) {
    try {
      for (StatusChange change = next(); change != null; change = next()) {
        tell(told, change);
      }
    } finally {
      ended();
    }
  }

  private synchronized @Nullable StatusChange next() {
    StatusChange change = untold.poll();
    if (change == null) {
      thread = null;
    }
    return change;
  }

  private synchronized void ended() {
    if (thread == Thread.currentThread()) { // it has no memory, say: the next change starts another
      thread = null;
    }
  }

  private static void tell(Consumer<? super StatusChange> told, StatusChange change) {
    try {
      told.accept(change);
    } catch (Throwable t) {
      LOGGER.log(Level.ERROR, "the onStatus listener failed at " + change, t);
    }
    Thread.interrupted(); // left behind by the listener, and not meant for its next call
  }
}
