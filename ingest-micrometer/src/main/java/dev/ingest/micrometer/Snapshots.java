package dev.ingest.micrometer;

import dev.ingest.IngestServer;
import dev.ingest.ServerStatus;
import dev.ingest.stats.IngestStats;
import java.util.BitSet;
import java.util.Map;
import java.util.WeakHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/**
 * Has all meters of one scrape read one snapshot of the server, so that its laws hold in what is
 * scraped. A registry does not tell when a scrape begins. But it reads every meter once, one after
 * the other on one thread: a thread that reads a meter for the second time has begun another
 * scrape, and gets a new snapshot. A scrape of some meters alone would leave a snapshot to which
 * others are never read; after a second none is used any more.
 */
final class Snapshots {
  private static final long MAX_AGE_NANOS = TimeUnit.SECONDS.toNanos(1);

  private final LongSupplier clock;

  // Guarded by this.
  private @Nullable IngestServer server;
  private final Map<Thread, Snapshot> byThread = new WeakHashMap<>();
  private int meters;

  /** A snapshot, and the numbers of the meters that were read from it. */
  private record Snapshot(IngestStats stats, ServerStatus status, long takenAt, BitSet read) {
    boolean isOld(long now) {
      return now - takenAt > MAX_AGE_NANOS;
    }
  }

  /**
   * Makes the snapshots of a server.
   *
   * @param clock returns nanoseconds as {@link System#nanoTime} does
   */
  Snapshots(IngestServer server, LongSupplier clock) {
    this.server = server;
    this.clock = clock;
  }

  /** Returns a function that a meter reads, and no other. */
  ToDoubleFunction<Snapshots> meter(ToDoubleFunction<IngestStats> value) {
    return reader(snapshot -> value.applyAsDouble(snapshot.stats));
  }

  /** Returns a function like {@link #meter}: 1 while the server has a status, otherwise 0. */
  ToDoubleFunction<Snapshots> meter(ServerStatus status) {
    return reader(snapshot -> snapshot.status == status ? 1 : 0);
  }

  private ToDoubleFunction<Snapshots> reader(ToDoubleFunction<Snapshot> value) {
    int meter = newMeter();
    return snapshots -> {
      Snapshot snapshot = snapshots.read(meter);
      return snapshot == null ? Double.NaN : value.applyAsDouble(snapshot);
    };
  }

  private synchronized int newMeter() {
    return meters++;
  }

  private synchronized @Nullable Snapshot read(int meter) {
    IngestServer current = server;
    if (current == null) {
      return null;
    }
    long now = clock.getAsLong();
    Snapshot snapshot = byThread.get(Thread.currentThread());
    if (snapshot == null || snapshot.read.get(meter) || snapshot.isOld(now)) {
      byThread.values().removeIf(other -> other.isOld(now));
      snapshot = new Snapshot(current.stats(), current.status(), now, new BitSet());
      byThread.put(Thread.currentThread(), snapshot);
    }
    snapshot.read.set(meter);
    return snapshot;
  }

  /** Lets go of the server: from now on every meter reads as not a number. */
  synchronized void close() {
    server = null;
    byThread.clear();
  }
}
