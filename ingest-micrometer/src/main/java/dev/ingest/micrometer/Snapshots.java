package dev.ingest.micrometer;

import dev.ingest.IngestServer;
import dev.ingest.ServerStatus;
import dev.ingest.stats.IngestStats;
import java.util.BitSet;
import java.util.Map;
import java.util.OptionalInt;
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
    boolean hasRead(OptionalInt meter) {
      return meter.isPresent() && read.get(meter.getAsInt());
    }

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

  /** Returns a function that a meter reads, and no other, once in a scrape. */
  ToDoubleFunction<Snapshots> meter(ToDoubleFunction<IngestStats> value) {
    return reader(snapshot -> value.applyAsDouble(snapshot.stats));
  }

  /** Returns a function like {@link #meter}: 1 while the server has a status, otherwise 0. */
  ToDoubleFunction<Snapshots> meter(ServerStatus status) {
    return reader(snapshot -> snapshot.status == status ? 1 : 0);
  }

  /**
   * Returns a function that may be read several times in a scrape, as those of a timer are by some
   * registries. Such a reading begins no scrape: it gets the snapshot that is there.
   */
  ToDoubleFunction<Snapshots> timer(ToDoubleFunction<IngestStats> value) {
    return reader(snapshot -> value.applyAsDouble(snapshot.stats), OptionalInt.empty());
  }

  private ToDoubleFunction<Snapshots> reader(ToDoubleFunction<Snapshot> value) {
    return reader(value, OptionalInt.of(newMeter()));
  }

  /** The function holds this object: registries hold what a meter reads weakly, but functions. */
  private ToDoubleFunction<Snapshots> reader(ToDoubleFunction<Snapshot> value, OptionalInt meter) {
    return itself -> {
      Snapshot snapshot = read(meter);
      return snapshot == null ? Double.NaN : value.applyAsDouble(snapshot);
    };
  }

  private synchronized int newMeter() {
    return meters++;
  }

  private synchronized @Nullable Snapshot read(OptionalInt meter) {
    IngestServer current = server;
    if (current == null) {
      return null;
    }
    long now = clock.getAsLong();
    Snapshot snapshot = byThread.get(Thread.currentThread());
    if (snapshot == null || snapshot.hasRead(meter) || snapshot.isOld(now)) {
      byThread.values().removeIf(other -> other.isOld(now));
      snapshot = new Snapshot(current.stats(), current.status(), now, new BitSet());
      byThread.put(Thread.currentThread(), snapshot);
    }
    meter.ifPresent(snapshot.read::set);
    return snapshot;
  }

  /**
   * Refuses what comes too late.
   *
   * @throws IllegalStateException after {@link #close}
   */
  synchronized void requireOpen() {
    if (server == null) {
      throw new IllegalStateException(
          "the IngestMetrics are closed and have no server any more: make others");
    }
  }

  /** Lets go of the server: from now on every meter reads as not a number. */
  synchronized void close() {
    server = null;
    byThread.clear();
  }
}
