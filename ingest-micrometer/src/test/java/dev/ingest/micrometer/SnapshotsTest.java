package dev.ingest.micrometer;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.ingest.IngestServer;
import dev.ingest.record.Schema;
import dev.ingest.stats.IngestStats;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.lang.ref.WeakReference;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.ToDoubleFunction;
import org.junit.jupiter.api.Test;

class SnapshotsTest {
  private final IngestServer server =
      IngestServer.builder()
          .schema(Schema.builder("events").integer("id").build())
          .bind("127.0.0.1", 0)
          .sink(batch -> {})
          .build();
  private final AtomicReference<IngestStats> read = new AtomicReference<>();
  private long now = Long.MAX_VALUE - 1; // the clock may overflow
  private final Snapshots snapshots = new Snapshots(server, () -> now);
  private final ToDoubleFunction<Snapshots> a = meter();
  private final ToDoubleFunction<Snapshots> b = meter();
  private final ToDoubleFunction<Snapshots> c = meter();

  private ToDoubleFunction<Snapshots> meter() {
    return snapshots.meter(
        stats -> {
          read.set(stats);
          return 1;
        });
  }

  private IngestStats read(ToDoubleFunction<Snapshots> meter) {
    assertEquals(1, meter.applyAsDouble(snapshots));
    return read.get();
  }

  @Test
  void all_meters_of_a_scrape_read_one_snapshot_and_those_of_the_next_a_new_one() {
    IngestStats first = read(a);
    assertSame(first, read(b));
    assertSame(first, read(c));
    IngestStats second = read(a);
    assertNotSame(first, second);
    assertSame(second, read(b));
  }

  @Test
  void a_scrape_of_some_meters_is_not_mixed_with_a_later_one() {
    IngestStats some = read(a);
    now += Duration.ofSeconds(1).toNanos() + 1;
    IngestStats all = read(b);
    assertNotSame(some, all);
    assertSame(all, read(a));
  }

  @Test
  void two_threads_that_scrape_at_the_same_time_do_not_disturb_each_other() {
    IngestStats here = read(a);
    IngestStats there =
        CompletableFuture.supplyAsync(() -> read(a), task -> new Thread(task).start()).join();
    assertNotSame(here, there);
    assertSame(here, read(b));
  }

  @Test
  void a_timer_that_is_read_twice_begins_no_scrape() {
    ToDoubleFunction<Snapshots> timer =
        snapshots.timer(
            stats -> {
              read.set(stats);
              return 1;
            });
    IngestStats first = read(a);
    assertSame(first, read(timer));
    assertSame(first, read(timer));
    assertSame(first, read(b));
  }

  @Test
  void nothing_is_read_and_nothing_bound_after_the_close() {
    read(a);
    snapshots.requireOpen();
    snapshots.close();
    assertEquals(Double.NaN, b.applyAsDouble(snapshots));
    assertThrows(IllegalStateException.class, snapshots::requireOpen);
  }

  @Test
  void meters_go_on_though_nobody_holds_what_has_bound_them() {
    SimpleMeterRegistry registry = new SimpleMeterRegistry();
    WeakReference<Object> collected = new WeakReference<>(new Object());
    new IngestMetrics(server).bindTo(registry);
    await()
        .until(
            () -> {
              System.gc();
              return collected.get() == null;
            });
    assertEquals(0, registry.get("ingest.records.queued").gauge().value());
  }
}
