package dev.ingest.internal.ledger;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ingest.stats.DropReason;
import dev.ingest.stats.IgnoreReason;
import dev.ingest.stats.IngestStats;
import dev.ingest.stats.RejectReason;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Random;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

class LedgerTest {
  private final Ledger ledger = new Ledger();

  @Test
  void l1_l2_the_accounts_balance_in_every_snapshot_while_threads_move_records() throws Exception {
    AtomicBoolean done = new AtomicBoolean();
    Thread receiver =
        new Thread(
            () -> {
              Random random = new Random(1);
              for (int i = 0; i < 200_000; i++) {
                switch (random.nextInt(4)) {
                  case 0 ->
                      ledger.rejected(
                          random.nextBoolean() ? RejectReason.EMPTY : RejectReason.OVERSIZED, 1);
                  case 1 -> ledger.ignored(IgnoreReason.FILTERED, 1);
                  default -> ledger.decoded(1, 3);
                }
              }
              done.set(true);
            });
    Thread writer =
        new Thread(
            () -> {
              while (!done.get()) {
                if (snapshot().records().queued() >= 3) {
                  ledger.spooled(2);
                  ledger.recovered(5, 1);
                  ledger.replayed(2);
                  ledger.persisted(1, 1_000);
                  ledger.deadLettered(1);
                  ledger.deadLettersRemoved(2, snapshot().records().deadLettered() / 2);
                  ledger.dropped(DropReason.REFUSED, 1);
                  ledger.alreadyStored(1);
                }
              }
            });
    receiver.start();
    writer.start();
    while (receiver.isAlive()) {
      assertBalanced(snapshot());
    }
    writer.join();
    assertBalanced(snapshot());
  }

  @Test
  void what_is_queued_at_the_close_is_lost_and_nothing_changes_afterwards() {
    ledger.decoded(1, 5);
    ledger.persisted(2, 1_000);
    ledger.close();
    IngestStats last = snapshot();
    assertEquals(3, last.records().lost());
    assertEquals(0, last.records().queued());
    assertBalanced(last);
    ledger.persisted(3, 1_000);
    ledger.spooled(3);
    ledger.recovered(1, 1);
    ledger.notJournaled(1);
    ledger.decoded(1, 1);
    ledger.deadLettered(1);
    ledger.deadLettersRemoved(1, 1);
    ledger.deadLettersNotKept(1);
    ledger.ignored(IgnoreReason.FILTERED, 1);
    ledger.rejected(RejectReason.EMPTY, 1);
    ledger.dropped(DropReason.OVERFLOW, 1);
    ledger.close();
    assertEquals(last, snapshot());
  }

  private IngestStats snapshot() {
    return ledger.snapshot(new Levels(OptionalLong.empty(), 10, 0, 0));
  }

  private static void assertBalanced(IngestStats stats) {
    IngestStats.Messages messages = stats.messages();
    assertEquals(
        messages.received(),
        messages.decoded() + sum(messages.rejectedByReason()) + messages.ignored());
    assertTrue(messages.isBalanced());
    IngestStats.Records records = stats.records();
    assertEquals(
        records.decoded() + records.recovered(),
        records.persisted()
            + records.deadLettered()
            + sum(records.droppedByReason())
            + records.queued()
            + records.spooled()
            + records.lost());
    assertTrue(records.isBalanced());
  }

  private static long sum(Map<?, Long> counts) {
    return counts.values().stream().mapToLong(Long::longValue).sum();
  }
}
