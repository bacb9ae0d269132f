package dev.ingest;

import static org.awaitility.Awaitility.waitAtMost;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.function.Predicate;

/** Looks into a server's ledger, and at every look holds it to L1 and L2. */
final class Ledgers {
  private static final Duration LIMIT = TestServers.SOON;

  private Ledgers() {}

  /** Waits until the ledger fulfils a condition; returns the snapshot that does. */
  static IngestStats await(IngestServer server, Predicate<IngestStats> condition) {
    return waitAtMost(LIMIT)
        .pollDelay(Duration.ZERO)
        .pollInterval(Duration.ofMillis(1))
        .until(() -> balanced(server.stats()), condition);
  }

  /** Waits until a condition holds. */
  static void await(Callable<Boolean> condition) {
    waitAtMost(LIMIT).pollDelay(Duration.ZERO).pollInterval(Duration.ofMillis(1)).until(condition);
  }

  static IngestStats balanced(IngestStats stats) {
    assertEquals(
        stats.datagramsReceived(),
        stats.datagramsDecoded() + stats.datagramsRejected() + stats.datagramsIgnored(),
        () -> "L1 does not hold in " + stats);
    assertEquals(
        stats.recordsDecoded() + stats.recovered(),
        stats.persisted()
            + stats.deadLettered()
            + stats.droppedTotal()
            + stats.queued()
            + stats.spooled()
            + stats.lost(),
        () -> "L2 does not hold in " + stats);
    return stats;
  }
}
