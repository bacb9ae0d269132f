package dev.ingest.examples;

import dev.ingest.stats.IngestStats;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** Formats the ledger for people. */
final class Account {
  private Account() {}

  static String of(IngestStats stats) {
    return """
        datagrams  %,d received = %,d decoded + %,d rejected%s + %,d ignored%s
        records    %,d decoded + %,d recovered = %,d persisted + %,d dead-lettered + %,d dropped%s + %,d queued + %,d spooled + %,d lost
        kernel     %s%s%s"""
        .formatted(
            stats.messages().received(),
            stats.messages().decoded(),
            stats.messages().rejected(),
            reasons(stats.messages().rejectedByReason()),
            stats.messages().ignored(),
            reasons(stats.messages().ignoredByReason()),
            stats.records().decoded(),
            stats.records().recovered(),
            stats.records().persisted(),
            stats.records().deadLettered(),
            stats.records().dropped(),
            reasons(stats.records().droppedByReason()),
            stats.records().queued(),
            stats.records().spooled(),
            stats.records().lost(),
            stats.kernelDrops().isPresent()
                ? "%,d datagrams dropped".formatted(stats.kernelDrops().getAsLong())
                : "drops unknown on this system",
            stats.notJournaled() + stats.tornLines() == 0
                ? ""
                : "%nspool      %,d records not journaled, %,d torn lines"
                    .formatted(stats.notJournaled(), stats.tornLines()),
            stats.deadLettersRemoved() + stats.deadLettersNotKept() == 0
                ? ""
                : "%nletters    %,d dead letters removed, %,d not kept"
                    .formatted(stats.deadLettersRemoved(), stats.deadLettersNotKept()));
  }

  private static String reasons(Map<? extends Enum<?>, Long> counts) {
    return counts.isEmpty()
        ? ""
        : new TreeMap<>(counts)
            .entrySet().stream()
                .map(e -> "%s %,d".formatted(e.getKey(), e.getValue()))
                .collect(Collectors.joining(", ", " (", ")"));
  }
}
