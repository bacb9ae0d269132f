package dev.ingest.micrometer;

import dev.ingest.ServerStatus;
import dev.ingest.stats.IngestStats;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.FunctionTimer;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.TimeGauge;
import io.micrometer.core.instrument.binder.BaseUnits;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;

/**
 * The meters of a server in one registry. A registry holds the object that a meter reads weakly,
 * but the function strongly, and the functions hold the snapshots.
 */
final class Meters {
  private final MeterRegistry registry;
  private final Snapshots snapshots;
  private final Tags tags;
  private final List<Meter> others;
  private final List<Meter> registered = new ArrayList<>();

  Meters(MeterRegistry registry, Snapshots snapshots, Tags tags) {
    this.registry = registry;
    this.snapshots = snapshots;
    this.tags = tags;
    this.others = registry.getMeters();
  }

  void counter(String name, String text, ToDoubleFunction<IngestStats> value) {
    counter(name, text, value, Tags.empty());
  }

  void counter(String name, String text, ToDoubleFunction<IngestStats> value, Tags own) {
    add(
        FunctionCounter.builder(name, snapshots, snapshots.meter(value))
            .tags(tags.and(own))
            .description(text)
            .register(registry));
  }

  void gauge(String name, String text, ToDoubleFunction<IngestStats> value) {
    add(
        Gauge.builder(name, snapshots, snapshots.meter(value))
            .tags(tags)
            .description(text)
            .register(registry));
  }

  /** Registers a gauge for each status: 1 for the one that the server has, 0 for the others. */
  void status(String name, String text) {
    for (ServerStatus status : ServerStatus.values()) {
      add(
          Gauge.builder(name, snapshots, snapshots.meter(status))
              .tags(tags.and("status", IngestMetrics.lowerCase(status)))
              .description(text)
              .register(registry));
    }
  }

  void bytes(String name, String text, ToDoubleFunction<IngestStats> value) {
    add(
        Gauge.builder(name, snapshots, snapshots.meter(value))
            .tags(tags)
            .description(text)
            .baseUnit(BaseUnits.BYTES)
            .register(registry));
  }

  void time(String name, String text, Function<IngestStats, Duration> value) {
    ToDoubleFunction<IngestStats> nanos = stats -> value.apply(stats).toNanos();
    add(
        TimeGauge.builder(name, snapshots, TimeUnit.NANOSECONDS, snapshots.meter(nanos))
            .tags(tags)
            .description(text)
            .register(registry));
  }

  /** Registers the timer of the sink's writes. */
  void writes(String name, String text) {
    ToDoubleFunction<Snapshots> batches = snapshots.timer(stats -> stats.writes().batches());
    ToDoubleFunction<Snapshots> nanos = snapshots.timer(stats -> stats.writes().time().toNanos());
    add(
        FunctionTimer.builder(
                name,
                snapshots,
                read -> (long) batches.applyAsDouble(read),
                nanos,
                TimeUnit.NANOSECONDS)
            .tags(tags)
            .description(text)
            .register(registry));
  }

  private void add(Meter meter) {
    if (others.contains(meter)) {
      throw new IllegalStateException(
          "the registry has "
              + meter.getId()
              + " already, of another server or of an earlier bindTo, and would go on showing that:"
              + " give each server tags of its own, such as Tags.of(\"server\", \"sensors\"), or close() the other"
              + " IngestMetrics first");
    }
    registered.add(meter);
  }

  void remove() {
    registered.forEach(registry::remove);
  }
}
