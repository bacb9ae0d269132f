package dev.ingest.examples;

import dev.ingest.stats.IngestStats;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** Formats the ledger for people. */
final class Account {
  private Account() {}

  static String of(IngestStats stats) {
    IngestStats.Messages messages = stats.messages();
    IngestStats.Records records = stats.records();
    return """
        messages   %,d received = %,d decoded + %,d rejected%s + %,d ignored%s
        records    %,d decoded + %,d recovered = %,d persisted + %,d dead-lettered + %,d dropped%s + %,d queued + %,d spooled + %,d lost
        kernel     %s"""
            .formatted(
                messages.received(),
                messages.decoded(),
                messages.rejected(),
                reasons(messages.rejectedByReason()),
                messages.ignored(),
                reasons(messages.ignoredByReason()),
                records.decoded(),
                records.recovered(),
                records.persisted(),
                records.deadLettered(),
                records.dropped(),
                reasons(records.droppedByReason()),
                records.queued(),
                records.spooled(),
                records.lost(),
                stats.kernelDrops().isPresent()
                    ? "%,d datagrams dropped".formatted(stats.kernelDrops().getAsLong())
                    : "drops unknown on this system")
        + rest(stats);
  }

  /** Returns a line for each account in which there is something. */
  private static String rest(IngestStats stats) {
    IngestStats.Records records = stats.records();
    IngestStats.Connections clients = stats.connections();
    return line(
            records.rejected(),
            "rejected   %,d records by themselves%s"
                .formatted(records.rejected(), reasons(records.rejectedByReason())))
        + line(
            clients.accepted(),
            "clients    %,d accepted = %,d open + %,d closed%s"
                .formatted(
                    clients.accepted(),
                    clients.open(),
                    clients.closed(),
                    reasons(clients.closedByReason())))
        + line(
            stats.notJournaled() + stats.tornLines(),
            "spool      %,d records not journaled, %,d torn lines"
                .formatted(stats.notJournaled(), stats.tornLines()))
        + line(
            stats.deadLettersRemoved() + stats.deadLettersNotKept(),
            "letters    %,d dead letters removed, %,d not kept"
                .formatted(stats.deadLettersRemoved(), stats.deadLettersNotKept()));
  }

  private static String line(long count, String line) {
    return count == 0 ? "" : System.lineSeparator() + line;
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
