package dev.ingest.examples;

import dev.ingest.CloseEvent;
import dev.ingest.CloseReason;
import dev.ingest.IngestServer;
import dev.ingest.IngestServerBuilder;
import dev.ingest.cleanup.CleanupRegistry;
import dev.ingest.policy.JournalSync;
import dev.ingest.policy.OverflowPolicy;
import dev.ingest.policy.Spooling;
import dev.ingest.sink.SinkConfig;
import dev.ingest.source.Keys;
import dev.ingest.source.Networks;
import dev.ingest.source.Udp;
import dev.ingest.stats.IngestStats;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.Option;

/**
 * Stores what sensors send until it is stopped, then drains and prints the account. {@code --help}
 * shows the options.
 */
@Command(
    name = "SensorServer",
    description = "Stores what sensors send over UDP, until it is stopped by Ctrl-C or SIGTERM.",
    showDefaultValues = true)
public final class SensorServer implements Callable<Integer> {
  private static final long STATUS_SECONDS = 3;

  @Option(
      names = "--bind",
      paramLabel = "HOST:PORT",
      defaultValue = "0.0.0.0:12345",
      converter = HostAndPort.Converter.class,
      description = "Where to listen; port 0 for a free one.")
  private HostAndPort bind = new HostAndPort("0.0.0.0", 12_345);

  @Option(
      names = "--sink",
      paramLabel = "URI",
      defaultValue = "sqlite:sensors.db",
      description = "Where to store, such as sqlite:FILE?synchronous=full.")
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
      names = "--receivers",
      paramLabel = "THREADS",
      defaultValue = "" + Udp.DEFAULT_RECEIVERS,
      description = "How many threads receive, each with a socket of its own on the port.")
  private int receivers;

  @Option(
      names = "--allow",
      paramLabel = "CIDR",
      split = ",",
      description =
          "Networks that senders must be in, such as 192.0.2.0/24,2001:db8::/32; all if left out.")
  private @Nullable List<String> allow;

  @Option(
      names = "--key-file",
      paramLabel = "FILE",
      description =
          "Keys that senders must sign with; a line for each: an id, a space, 32 to 64 bytes in"
              + " hexadecimal.")
  private @Nullable Path keyFile;

  @Option(
      names = "--source-rate",
      paramLabel = "BYTES",
      description =
          "How much each sender may send a second, with 28 bytes for each datagram's headers; as"
              + " much may come at once. No limit if left out.")
  private @Nullable Long sourceRate;

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

  private volatile long persistedBeforeDrain;
  private @Nullable SensorTable table;

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
    IngestServerBuilder builder =
        IngestServer.builder()
            .schema(SensorReading.SCHEMA)
            .sink(sink)
            .source(source())
            .queueCapacity(queueCapacity)
            .startWithoutSink(startWithoutSink)
            .drainTimeout(Duration.ofNanos((long) (drainTimeout * 1e9)))
            .onClose(this::report);
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
    spooling().ifPresent(builder::spool);
    if (overflow != null) {
      builder.overflowPolicy(overflow);
    }
    IngestServer server = builder.build().start();
    // Registered last, so it runs first at exit, before the server's drain.
    CleanupRegistry.global()
        .register(() -> persistedBeforeDrain = server.stats().records().persisted());
    if (SensorTable.isVisible(sink) && !startWithoutSink) {
      table = SensorTable.open(sink); // as long as it is open, a shared database in memory stays
    }
    System.out.println(
        "listening on " + server.localAddress() + ", storing to " + SinkConfig.parse(sink));
    if (Ansi.AUTO.enabled()) {
      startStatusLine(server);
    }
    return server.awaitClose() == CloseReason.FAILED ? 1 : 0;
  }

  private Udp source() throws IOException {
    Udp udp = Udp.on(bind.host(), bind.port()).receivers(receivers);
    if (allow != null) {
      udp = udp.filter(Networks.of(allow.toArray(String[]::new)));
    }
    if (keyFile != null) {
      udp = udp.signed(Keys.readFile(keyFile));
    }
    return sourceRate == null ? udp : udp.rate(sourceRate, sourceRate);
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
                      "\r%,d records stored, %,d queued, %,d spooled, %,d datagrams rejected ",
                      stats.records().persisted(),
                      stats.records().queued(),
                      stats.records().spooled(),
                      stats.messages().rejected());
                }
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
            },
            "status-line");
    thread.setDaemon(true);
    thread.start();
  }

  private @Nullable SensorTable openTable() throws SQLException {
    return table == null && SensorTable.isVisible(sink) ? SensorTable.open(sink) : table;
  }

  /** The account comes first, since nothing may keep it: looking into the table can fail. */
  private void report(CloseEvent event) {
    IngestStats stats = event.stats();
    System.out.printf(
        "%nstored during shutdown: %,d records%n%s%n",
        stats.records().persisted() - persistedBeforeDrain, Account.of(stats));
    System.out.flush();
    System.out.println(total());
    System.out.flush();
  }

  /** Says how many records the table holds, or why that is unknown. */
  private String total() {
    try (SensorTable open = openTable()) {
      return open == null
          ? "the table's total is unknown for " + SinkConfig.parse(sink)
          : "the table holds: %,d records".formatted(open.total());
    } catch (SQLException | RuntimeException | LinkageError e) { // of the driver's native library
      return "the table's total is unknown: " + e;
    }
  }
}
