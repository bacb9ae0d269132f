package dev.ingest.examples;

import dev.ingest.CloseEvent;
import dev.ingest.record.Schema;
import dev.ingest.stats.IngestStats;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What {@link SensorServer} prints about its state, and at its end. */
final class ServerOutput {
  private static final long UNKNOWN = -1;

  private final String sink;
  private final Schema schema;
  private final StatusLine status;
  private volatile long persistedBeforeDrain = UNKNOWN;
  private @Nullable StoredReadings table;

  /**
   * Makes the output of a server.
   *
   * @param sink the URI of its sink
   * @param status ends with the server
   */
  ServerOutput(String sink, Schema schema, StatusLine status) {
    this.sink = sink;
    this.schema = schema;
    this.status = status;
  }

  /** Opens the table that the sink fills: a shared database in memory stays while it is open. */
  void keepTableOpen() throws Exception {
    if (sink.startsWith("sqlite:")) {
      table = StoredReadings.open(sink, schema.name()).orElse(null);
    }
  }

  /** Returns a line about a server that runs. */
  static String status(IngestStats stats) {
    return "stored %,d  queued %,d  spooled %,d  rejected %,d messages, %,d records"
        .formatted(
            stats.records().persisted(),
            stats.records().queued(),
            stats.records().spooled(),
            stats.messages().rejected(),
            stats.records().rejected());
  }

  /** Notes what was stored before the drain. */
  void drainBegins(IngestStats stats) {
    persistedBeforeDrain = stats.records().persisted();
  }

  /** The account comes first, since nothing may keep it: looking at what is stored can fail. */
  void report(CloseEvent event) {
    status.end();
    IngestStats stats = event.stats();
    if (persistedBeforeDrain != UNKNOWN) { // it is if the server failed by itself
      System.out.printf(
          "stored during shutdown: %,d records%n",
          stats.records().persisted() - persistedBeforeDrain);
    }
    System.out.println(Account.of(stats));
    System.out.flush();
    System.out.println(total());
    System.out.flush();
  }

  /** Says how many records are stored, or why that is unknown. */
  private String total() {
    try {
      Optional<StoredReadings> stored =
          table != null ? Optional.of(table) : StoredReadings.open(sink, schema.name());
      if (stored.isEmpty()) {
        return "how many records are stored is unknown for " + Example.shown(sink);
      }
      try (StoredReadings readings = stored.get()) {
        return "%s holds: %,d records".formatted(readings.place(), readings.total());
      }
    } catch (Exception | LinkageError e) { // of the driver's native library
      return "how many records are stored is unknown: " + e;
    }
  }
}
