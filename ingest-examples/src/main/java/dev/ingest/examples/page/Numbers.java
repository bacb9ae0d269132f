package dev.ingest.examples.page;

import dev.ingest.stats.IngestStats;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/** The numbers of a snapshot, by the names that the page has for them. */
final class Numbers {
  private Numbers() {}

  /** Returns the numbers without those that are unknown. */
  static Map<String, Long> of(IngestStats stats) {
    Map<String, Long> numbers = new LinkedHashMap<>();
    IngestStats.Messages messages = stats.messages();
    numbers.put("received", messages.received());
    numbers.put("decoded-messages", messages.decoded());
    numbers.put("rejected", messages.rejected());
    numbers.put("ignored", messages.ignored());
    IngestStats.Records records = stats.records();
    numbers.put("decoded", records.decoded());
    numbers.put("recovered", records.recovered());
    numbers.put("persisted", records.persisted());
    numbers.put("dead-lettered", records.deadLettered());
    numbers.put("dropped", records.dropped());
    numbers.put("queued", records.queued());
    numbers.put("spooled", records.spooled());
    numbers.put("lost", records.lost());
    numbers.put("rejected-records", records.rejected());
    stats.kernelDrops().ifPresent(drops -> numbers.put("kernel-drops", drops));
    numbers.put("letters-not-kept", stats.deadLettersNotKept());
    numbers.put("connections", stats.connections().open());
    numbers.put("queue-capacity", stats.queue().capacity());
    numbers.put("oldest-millis", stats.queue().oldestAge().toMillis());
    numbers.put("batches", stats.writes().batches());
    if (stats.writes().batches() > 0) {
      numbers.put(
          "batch-micros", stats.writes().time().toNanos() / stats.writes().batches() / 1_000);
    }
    numbers.put("failures", stats.writes().failures());
    numbers.put("spool-bytes", stats.spoolBytes());
    return numbers;
  }

  /** Returns what was not stored, by what it was and then by reason. */
  static Map<String, Map<String, Long>> reasons(IngestStats stats) {
    Map<String, Map<String, Long>> reasons = new LinkedHashMap<>();
    reasons.put("message rejected", sorted(stats.messages().rejectedByReason()));
    reasons.put("record rejected", sorted(stats.records().rejectedByReason()));
    reasons.put("message ignored", sorted(stats.messages().ignoredByReason()));
    reasons.put("record dropped", sorted(stats.records().droppedByReason()));
    reasons.put("connection closed", sorted(stats.connections().closedByReason()));
    return reasons;
  }

  private static Map<String, Long> sorted(Map<? extends Enum<?>, Long> counts) {
    Map<String, Long> sorted = new TreeMap<>();
    counts.forEach((reason, count) -> sorted.put(reason.name(), count));
    return sorted;
  }

  /** Returns a number for people. */
  static String text(long number) {
    return String.format(Locale.ROOT, "%,d", number);
  }
}
