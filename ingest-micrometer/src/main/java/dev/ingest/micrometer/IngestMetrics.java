package dev.ingest.micrometer;

import dev.ingest.IngestServer;
import dev.ingest.stats.DisconnectReason;
import dev.ingest.stats.DropReason;
import dev.ingest.stats.IgnoreReason;
import dev.ingest.stats.IngestStats;
import dev.ingest.stats.RejectReason;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.binder.MeterBinder;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * The statistics of a server as meters.
 *
 * <pre>{@code
 * new IngestMetrics(server).bindTo(registry);
 * }</pre>
 *
 * <p>Every message and every record is counted under one outcome, so that the sums are the laws of
 * {@link IngestStats}:
 *
 * <ul>
 *   <li>L1: {@code ingest.messages.received} = the sum of {@code ingest.messages} over {@code
 *       outcome} and {@code reason}
 *   <li>L2: {@code ingest.records.decoded} + {@code ingest.records.recovered} = the sum of {@code
 *       ingest.records} over {@code outcome} and {@code reason} + {@code ingest.records.queued} +
 *       {@code ingest.records.spooled}
 *   <li>L5: {@code ingest.connections.accepted} = {@code ingest.connections.open} + the sum of
 *       {@code ingest.connections.closed} over {@code reason}
 * </ul>
 *
 * <p>They hold in every scrape: the meters that a thread of a registry reads one after the other
 * all come from one {@link IngestServer#stats()}, if that takes it at most a second. What can go
 * down is a gauge, and everything else a counter. Records whose dead letters were removed later go
 * on counting as {@code dead_lettered} here, and {@code ingest.dead.letters.removed} counts the
 * letters.
 *
 * <p>A tag {@code reason} has the name of the reason's constant in lower case, or {@code none}.
 * Every reason has a meter from the beginning, with the value 0.
 *
 * <p>The server may be bound before its start and read after its close, when the meters stay as
 * they were last. Thread-safe. The meters keep the server in memory until {@link #close()}.
 */
public final class IngestMetrics implements MeterBinder, AutoCloseable {
  private final Snapshots snapshots;
  private final Tags tags;
  private final List<Meters> bound = new CopyOnWriteArrayList<>();

  /**
   * Makes meters without tags of their own, for the only server in a registry.
   *
   * @param server what they show
   */
  public IngestMetrics(IngestServer server) {
    this(server, Tags.empty());
  }

  /**
   * Makes meters with tags by which several servers in a registry can be told apart.
   *
   * @param server what they show
   * @param tags what each meter gets besides its own tags {@code outcome} and {@code reason}. Most
   *     registries want the same keys for all servers
   */
  public IngestMetrics(IngestServer server, Iterable<Tag> tags) {
    this.snapshots = new Snapshots(server, System::nanoTime);
    this.tags = Tags.of(tags);
  }

  /**
   * Registers the meters. May be called for several registries.
   *
   * @param registry where
   * @throws IllegalStateException if the registry has these meters already, of another server with
   *     the same tags or of an earlier call, since it would go on showing those; or after {@link
   *     #close}
   */
  @Override
  public void bindTo(MeterRegistry registry) {
    snapshots.requireOpen();
    Meters meters = new Meters(registry, snapshots, tags);
    bound.add(meters);
    bindMessages(meters);
    bindRecords(meters);
    bindConnections(meters);
    bindSink(meters);
    bindLevels(meters);
  }

  private static void bindMessages(Meters meters) {
    meters.counter(
        "ingest.messages.received", "messages received", stats -> stats.messages().received());
    String text = "messages by what became of them";
    meters.counter(
        "ingest.messages", text, stats -> stats.messages().decoded(), outcome("decoded", "none"));
    for (RejectReason reason : RejectReason.values()) {
      meters.counter(
          "ingest.messages",
          text,
          stats -> count(stats.messages().rejectedByReason(), reason),
          outcome("rejected", lowerCase(reason)));
    }
    for (IgnoreReason reason : IgnoreReason.values()) {
      meters.counter(
          "ingest.messages",
          text,
          stats -> count(stats.messages().ignoredByReason(), reason),
          outcome("ignored", lowerCase(reason)));
    }
    meters.counter(
        "ingest.kernel.drops",
        "datagrams that the kernel dropped; not a number if it does not tell",
        stats -> stats.kernelDrops().isPresent() ? stats.kernelDrops().getAsLong() : Double.NaN);
  }

  private static void bindRecords(Meters meters) {
    meters.counter("ingest.records.decoded", "records decoded", stats -> stats.records().decoded());
    meters.gauge(
        "ingest.records.recovered",
        "records that earlier runs left in the spool",
        stats -> stats.records().recovered());
    meters.gauge("ingest.records.queued", "records queued", stats -> stats.records().queued());
    meters.gauge(
        "ingest.records.spooled", "records in the spool alone", stats -> stats.records().spooled());
    String text = "records by what became of them";
    meters.counter(
        "ingest.records", text, stats -> stats.records().persisted(), outcome("persisted", "none"));
    meters.counter(
        "ingest.records",
        text,
        stats ->
            stats.records().deadLettered()
                + count(stats.records().droppedByReason(), DropReason.DEAD_LETTER_REMOVED),
        outcome("dead_lettered", "none"));
    meters.counter(
        "ingest.records", text, stats -> stats.records().lost(), outcome("lost", "none"));
    for (DropReason reason : DropReason.values()) {
      if (reason != DropReason.DEAD_LETTER_REMOVED) { // they go on counting as dead-lettered
        meters.counter(
            "ingest.records",
            text,
            stats -> count(stats.records().droppedByReason(), reason),
            outcome("dropped", lowerCase(reason)));
      }
    }
    for (RejectReason reason : RejectReason.values()) {
      meters.counter(
          "ingest.records.rejected",
          "records rejected by themselves, which are in no other account",
          stats -> count(stats.records().rejectedByReason(), reason),
          Tags.of("reason", lowerCase(reason)));
    }
  }

  private static void bindConnections(Meters meters) {
    meters.counter(
        "ingest.connections.accepted",
        "connections accepted",
        stats -> stats.connections().accepted());
    meters.gauge(
        "ingest.connections.open", "connections open", stats -> stats.connections().open());
    for (DisconnectReason reason : DisconnectReason.values()) {
      meters.counter(
          "ingest.connections.closed",
          "connections closed",
          stats -> count(stats.connections().closedByReason(), reason),
          Tags.of("reason", lowerCase(reason)));
    }
  }

  private static void bindSink(Meters meters) {
    meters.writes("ingest.sink.write", "writes that stored a batch");
    meters.time(
        "ingest.sink.write.max",
        "the longest write of the last minute or two",
        stats -> stats.writes().maxTime());
    meters.counter(
        "ingest.sink.failures",
        "writes, and attempts to open the sink, that failed",
        stats -> stats.writes().failures());
    meters.gauge(
        "ingest.sink.failures.consecutive",
        "failures since the sink last succeeded",
        stats -> stats.writes().consecutiveFailures());
  }

  private static void bindLevels(Meters meters) {
    meters.status("ingest.server.status", "1 for the status of the server, 0 for the others");
    meters.gauge(
        "ingest.queue.capacity",
        "the most records in the queue",
        stats -> stats.queue().capacity());
    meters.time(
        "ingest.queue.oldest.age",
        "the age of the oldest record in the queue",
        stats -> stats.queue().oldestAge());
    meters.bytes("ingest.spool.size", "the records in the spool's files", IngestStats::spoolBytes);
    meters.gauge(
        "ingest.records.not.journaled",
        "records that the journal did not have before they were stored",
        IngestStats::notJournaled);
    meters.counter(
        "ingest.spool.torn.lines", "lines that a crash had torn", IngestStats::tornLines);
    meters.counter(
        "ingest.dead.letters.removed",
        "dead letters removed since the file had reached its limit",
        IngestStats::deadLettersRemoved);
    meters.counter(
        "ingest.dead.letters.not.kept",
        "rejected messages and records without a dead letter",
        IngestStats::deadLettersNotKept);
  }

  private static <R> long count(Map<R, Long> counts, R reason) {
    return counts.getOrDefault(reason, 0L);
  }

  private static Tags outcome(String outcome, String reason) {
    return Tags.of("outcome", outcome, "reason", reason);
  }

  static String lowerCase(Enum<?> reason) {
    return reason.name().toLowerCase(Locale.ROOT);
  }

  /** Removes the meters from all registries, and lets go of the server, which is not closed. */
  @Override
  public void close() {
    bound.forEach(Meters::remove);
    bound.clear();
    snapshots.close();
  }
}
