package dev.ingest.internal.spool;

import java.io.IOException;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import java.util.function.Consumer;

/** Syncs to disk what was appended to segments, once a second. */
final class SyncThread extends Thread {
  private static final long INTERVAL_NANOS = TimeUnit.SECONDS.toNanos(1);

  private final BiConsumer<Segment, IOException> syncFailed;
  private final Set<Segment> unsynced = new LinkedHashSet<>(); // guarded by this
  private boolean ended; // guarded by this

  /**
   * Makes a thread that does not run yet.
   *
   * @param syncFailed called on this thread when a sync has failed
   * @param failed called when the thread has died of what it could not handle
   */
  SyncThread(BiConsumer<Segment, IOException> syncFailed, Consumer<Throwable> failed) {
    super("ingest-journal");
    this.syncFailed = syncFailed;
    setDaemon(true);
    setUncaughtExceptionHandler((thread, failure) -> failed.accept(failure));
  }

  /** Has a segment that was appended to synced at the next turn. */
  synchronized void add(Segment segment) {
    unsynced.add(segment);
  }

  /** Ends the thread, soon. */
  synchronized void end() {
    ended = true;
    notifyAll();
  }

  @Override
  public void run() {
    while (awaitTurn()) {
      turn();
    }
  }

  /** Waits until it is time to sync; false at the end. */
  private synchronized boolean awaitTurn() {
    long end = System.nanoTime() + INTERVAL_NANOS;
    for (long left = INTERVAL_NANOS; left > 0 && !ended; left = end - System.nanoTime()) {
      try {
        TimeUnit.NANOSECONDS.timedWait(this, left);
      } catch (InterruptedException e) {
        break; // whoever that was: the sync comes a little early
      }
    }
    return !ended;
  }

  /** Syncs what was appended since the last turn. */
  void turn() {
    for (Segment segment : takeUnsynced()) {
      try {
        segment.sync();
      } catch (IOException e) {
        syncFailed.accept(segment, e);
      }
    }
  }

  /** Returns the segments that were appended to since the last call. */
  synchronized List<Segment> takeUnsynced() {
    List<Segment> segments = List.copyOf(unsynced);
    unsynced.clear();
    return segments;
  }
}
