package dev.ingest.internal.spool;

import java.io.IOException;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/** Syncs to disk what was appended to segments, so often. */
final class SyncThread extends Thread {
  private final long nanos;
  private final BiConsumer<Segment, IOException> failed;
  private final Set<Segment> unsynced = new LinkedHashSet<>(); // guarded by this
  private boolean ended; // guarded by this

  /**
   * Makes a thread that does not run yet.
   *
   * @param failed told on this thread when a sync has failed
   */
  SyncThread(long nanos, BiConsumer<Segment, IOException> failed) {
    super("ingest-journal");
    this.nanos = nanos;
    this.failed = failed;
    setDaemon(true);
  }

  /** Takes note of a segment that was appended to. */
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
    List<Segment> work;
    while ((work = awaitWork()) != null) {
      for (Segment segment : work) {
        try {
          segment.sync();
        } catch (IOException e) {
          failed.accept(segment, e);
        }
      }
    }
  }

  private synchronized @Nullable List<Segment> awaitWork() {
    long end = System.nanoTime() + nanos;
    for (long left = nanos; left > 0 && !ended; left = end - System.nanoTime()) {
      try {
        TimeUnit.NANOSECONDS.timedWait(this, left);
      } catch (InterruptedException e) {
        break; // by whomever: it is synced a little early
      }
    }
    List<Segment> work = List.copyOf(unsynced);
    unsynced.clear();
    return ended ? null : work;
  }
}
