package dev.ingest;

import static org.awaitility.Awaitility.waitAtMost;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ingest.stats.IngestStats;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.function.Predicate;

/** Looks into a server's ledger, and at every look holds it to L1, L2 and L5. */
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
        stats.messages().received(),
        stats.messages().decoded() + stats.messages().rejected() + stats.messages().ignored(),
        () -> "L1 does not hold in " + stats);
    assertEquals(
        stats.records().decoded() + stats.records().recovered(),
        stats.records().persisted()
            + stats.records().deadLettered()
            + stats.records().dropped()
            + stats.records().queued()
            + stats.records().spooled()
            + stats.records().lost(),
        () -> "L2 does not hold in " + stats);
    assertTrue(stats.connections().isBalanced(), () -> "L5 does not hold in " + stats);
    assertTrue(stats.records().queued() >= 0 && stats.records().spooled() >= 0, stats::toString);
    return stats;
  }
}
