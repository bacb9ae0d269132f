package dev.ingest.examples;

import dev.ingest.CloseEvent;
import dev.ingest.CloseReason;
import dev.ingest.IngestServer;
import dev.ingest.IngestServerBuilder;
import dev.ingest.cleanup.CleanupRegistry;
import dev.ingest.policy.JournalSync;
import dev.ingest.policy.OverflowPolicy;
import dev.ingest.policy.Spooling;
import dev.ingest.record.Schema;
import dev.ingest.stats.IngestStats;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * Stores what sensors send until it is stopped, then drains and prints the account. {@code --help}
 * shows the options.
 */
@Command(
    name = "SensorServer",
    description = "Stores what sensors send, until it is stopped by Ctrl-C or SIGTERM.",
    showDefaultValues = true)
public final class SensorServer implements Callable<Integer> {
  private static final long STATUS_SECONDS = 3;

  @Mixin private final SourceOptions sources = new SourceOptions();

  @Option(
      names = "--schema",
      paramLabel = "FILE",
      description =
          "What the records look like: a JSON file of the words of Schema.Builder, such as"
              + " {\"name\": \"power\", \"fields\": [{\"real\": \"watts\", \"from\": \"/a/b\"}]}. The"
              + " readings of SensorClient if left out.")
  private @Nullable Path schemaFile;

  @Option(
      names = "--sink",
      paramLabel = "URI",
      defaultValue = "sqlite:sensors.db",
      description =
          "Where to store, such as sqlite:FILE?synchronous=full,"
              + " jdbc:postgresql://HOST/DATABASE?user=NAME&password=file:FILE or"
              + " kafka:HOST:PORT/TOPIC.")
  private String sink = "";

  @Option(
      names = "--dead-letters",
      paramLabel = "FILE",
      description = "Where to put what cannot be stored, with the reason.")
  private @Nullable Path deadLetters;

  @Option(
      names = "--dead-letter-limit",
      paramLabel = "BYTES",
      description =
          "How long that file, and the one before it, may get; "
              + IngestServerBuilder.DEFAULT_DEAD_LETTER_LIMIT
              + " if left out.")
  private @Nullable Long deadLetterLimit;

  @Option(
      names = "--spool",
      paramLabel = "DIR",
      description = "Where to keep on disk what would be lost otherwise.")
  private @Nullable Path spool;

  @Option(
      names = "--spool-limit",
      paramLabel = "BYTES",
      description = "How much the spool may hold; " + Spooling.DEFAULT_LIMIT + " if left out.")
  private @Nullable Long spoolLimit;

  @Option(
      names = "--journal",
      description = "Write everything to the spool first, against kill -9.")
  private boolean journal;

  @Option(
      names = "--journal-sync",
      paramLabel = "WHEN",
      arity = "0..1",
      fallbackValue = "ALWAYS",
      description =
          "Like --journal, and also say how often it is synced to disk, against power loss:"
              + " ${COMPLETION-CANDIDATES}; ${FALLBACK-VALUE} if WHEN is left out. NEVER is the same"
              + " as --journal.")
  private @Nullable JournalSync journalSync;

  @Option(
      names = "--start-without-sink",
      description = "Receive before the sink could be opened; needs --spool to lose nothing.")
  private boolean startWithoutSink;

  @Option(
      names = "--queue-capacity",
      paramLabel = "RECORDS",
      defaultValue = "65536",
      description = "How many records may wait in memory.")
  private int queueCapacity;

  @Option(
      names = "--overflow",
      paramLabel = "POLICY",
      description =
          "What happens to records that find no room in memory: ${COMPLETION-CANDIDATES}; SPOOL"
              + " with --spool, else BLOCK, if it is left out.")
  private @Nullable OverflowPolicy overflow;

  @Option(
      names = "--drain-timeout",
      paramLabel = "SECONDS",
      defaultValue = "8",
      description = "How long storing the rest may take at the end.")
  private double drainTimeout;

  private Schema schema = SensorReading.SCHEMA;
  private volatile long persistedBeforeDrain;
  private @Nullable StoredReadings table;

  private SensorServer() {}

  /**
   * Runs the server.
   *
   * @param args the options, see {@code --help}
   */
  public static void main(String[] args) {
    PatientOutput.install();
    Example.run(new SensorServer(), args);
  }

  @Override
  public Integer call() throws Exception {
    if (schemaFile != null) {
      schema = SchemaFile.read(schemaFile);
    }
    IngestServerBuilder builder =
        IngestServer.builder()
            .schema(schema)
            .sink(sink)
            .queueCapacity(queueCapacity)
            .startWithoutSink(startWithoutSink)
            .drainTimeout(Duration.ofNanos((long) (drainTimeout * 1e9)))
            .onClose(this::report);
    sources.addTo(builder);
    setDeadLetters(builder);
    spooling().ifPresent(builder::spool);
    if (overflow != null) {
      builder.overflowPolicy(overflow);
    }
    IngestServer server = builder.build().start();
    // Registered last, so it runs first at exit, before the server's drain.
    CleanupRegistry.global()
        .register(() -> persistedBeforeDrain = server.stats().records().persisted());
    if (sink.startsWith("sqlite:") && !startWithoutSink) {
      // As long as it is open, a shared database in memory stays.
      table = StoredReadings.open(sink, schema.name()).orElse(null);
    }
    System.out.println(
        "listening on "
            + sources.toText(server.localAddresses())
            + ", storing to "
            + Example.shown(sink));
    if (Ansi.AUTO.enabled()) {
      startStatusLine(server);
    }
    return server.awaitClose() == CloseReason.FAILED ? 1 : 0;
  }

  private void setDeadLetters(IngestServerBuilder builder) {
    if (deadLetters != null) {
      builder.deadLetters(deadLetters);
    }
    if (deadLetterLimit != null) {
      if (deadLetters == null && spool == null) {
        throw new IllegalArgumentException(
            "--dead-letter-limit needs dead letters: add --dead-letters FILE");
      }
      builder.deadLetterLimit(deadLetterLimit);
    }
  }

  private Optional<Spooling> spooling() {
    JournalSync sync = journalSync != null ? journalSync : journal ? JournalSync.NEVER : null;
    if (spool == null) {
      if (sync != null) {
        throw needsSpool(journalSync != null ? "--journal-sync" : "--journal");
      }
      if (overflow == OverflowPolicy.SPOOL) {
        throw needsSpool("--overflow SPOOL");
      }
      if (spoolLimit != null) {
        throw needsSpool("--spool-limit");
      }
      return Optional.empty();
    }
    Spooling spooling = Spooling.in(spool);
    if (spoolLimit != null) {
      spooling = spooling.limit(spoolLimit);
    }
    return Optional.of(sync == null ? spooling : spooling.journal(sync));
  }

  private static IllegalArgumentException needsSpool(String option) {
    return new IllegalArgumentException(option + " needs a spool: add --spool DIR");
  }

  private static void startStatusLine(IngestServer server) {
    CountDownLatch never = new CountDownLatch(1);
    Thread thread =
        new Thread(
            () -> {
              try {
                while (!never.await(STATUS_SECONDS, TimeUnit.SECONDS)) {
                  IngestStats stats = server.stats();
                  System.out.printf(
                      "\r%,d records stored, %,d queued, %,d spooled, %,d messages and %,d records rejected ",
                      stats.records().persisted(),
                      stats.records().queued(),
                      stats.records().spooled(),
                      stats.messages().rejected(),
                      stats.records().rejected());
                }
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
            },
            "status-line");
    thread.setDaemon(true);
    thread.start();
  }

  /** The account comes first, since nothing may keep it: looking at what is stored can fail. */
  private void report(CloseEvent event) {
    IngestStats stats = event.stats();
    System.out.printf(
        "%nstored during shutdown: %,d records%n%s%n",
        stats.records().persisted() - persistedBeforeDrain, Account.of(stats));
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
