package dev.ingest.examples;

import dev.ingest.IngestServer;
import dev.ingest.IngestServerBuilder;
import dev.ingest.policy.Spooling;
import dev.ingest.source.Udp;
import dev.ingest.stats.IngestStats;
import java.io.IOException;
import java.nio.file.Path;

/** A server that receives nothing: it stores what is in a spool, and ends. */
final class ReplayServer {
  private static final long POLL_MILLIS = 20;

  private ReplayServer() {}

  /**
   * Stores all that is in a spool; waits for as long as the sink takes nothing. What the sink
   * refuses becomes a dead letter in {@code unreadable.ndjson} there.
   *
   * @return the exit status: 0 if all is stored
   */
  static int run(IngestServerBuilder builder, Path spool) throws Exception {
    Path refused = spool.resolve("unreadable.ndjson");
    IngestServer server =
        builder
            .source(Udp.on(0).filter(sender -> false))
            .spool(Spooling.in(spool))
            .deadLetters(refused)
            .build();
    try (server) {
      start(server);
      while (server.isReady() && waiting(server.stats()) > 0) {
        Thread.sleep(POLL_MILLIS);
      }
    }
    IngestStats.Records records = server.stats().records();
    long left = records.spooled() + records.lost();
    System.out.printf(
        "replayed: %,d records stored%s%s%n",
        records.persisted(),
        records.deadLettered() + records.dropped() == 0
            ? ""
            : ", %,d refused, see %s"
                .formatted(records.deadLettered() + records.dropped(), refused),
        left == 0 ? "" : ", %,d left in the spool".formatted(left));
    server.failure().ifPresent(failure -> System.err.println("error: " + failure.getMessage()));
    return left + records.deadLettered() + records.dropped() == 0 ? 0 : 1;
  }

  private static void start(IngestServer server) throws Exception {
    try {
      server.start();
    } catch (IOException e) {
      if (String.valueOf(e.getMessage()).contains("is in use by")) {
        throw new IOException(
            "nothing was replayed, since the spool is in use: end that server first ("
                + e.getMessage()
                + ")",
            e);
      }
      throw e;
    }
  }

  private static long waiting(IngestStats stats) {
    return stats.records().spooled() + stats.records().queued();
  }
}
