package dev.ingest.examples;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What waits in a spool, for people. */
final class SpoolSummary {
  static final int SHOWN = 5;
  static final int SHOWN_CHARACTERS = 200;

  private long records;
  private long bytes;
  private @Nullable Instant first;
  private @Nullable Instant last;
  private final List<String> beginning = new ArrayList<>();

  private SpoolSummary() {}

  /** Reads a spool, and describes what is chosen of it. */
  static String of(Path directory, Replay.Choice choice) throws IOException {
    SpoolSummary summary = new SpoolSummary();
    SpoolFiles files = new SpoolFiles(directory);
    files.read(
        waiting -> {
          if (choice.has(waiting.receivedAt())) {
            summary.add(waiting);
          }
        });
    return "%s: %,d records wait to be stored, %,d bytes, in %,d segments"
            .formatted(directory, summary.records, summary.bytes, files.segments())
        + summary.arrivals()
        + (files.damagedLines() == 0
            ? ""
            : "%ndamaged    %,d lines".formatted(files.damagedLines()))
        + unreadable(directory.resolve("unreadable.ndjson"))
        + String.join("", summary.beginning);
  }

  private static String unreadable(Path letters) {
    return Files.exists(letters) ? "%nrefused    see --dead-letters %s".formatted(letters) : "";
  }

  private void add(SpoolFiles.Waiting waiting) {
    records++;
    bytes += waiting.json().getBytes(UTF_8).length;
    @Nullable Instant at = waiting.receivedAt();
    if (at != null) {
      first = first == null || at.isBefore(first) ? at : first;
      last = last == null || at.isAfter(last) ? at : last;
    }
    if (records <= SHOWN) {
      beginning.add(
          "%n           ".formatted()
              + (at == null ? "" : at + " " + Printable.escape(waiting.sender()) + " ")
              + Printable.start(waiting.json(), SHOWN_CHARACTERS));
    }
  }

  private String arrivals() {
    return first == null ? "" : "%narrived    %s to %s".formatted(first, last);
  }
}
