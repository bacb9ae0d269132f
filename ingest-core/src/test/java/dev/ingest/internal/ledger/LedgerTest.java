package dev.ingest.internal.ledger;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.ingest.record.DropReason;
import dev.ingest.record.RejectReason;
import java.util.Map;
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
                  case 1 -> ledger.ignored(1);
                  default -> ledger.decoded(1, 3);
                }
              }
              done.set(true);
            });
    Thread writer =
        new Thread(
            () -> {
              while (!done.get()) {
                if (ledger.snapshot().queued() >= 3) {
                  ledger.spooled(2);
                  ledger.recovered(5, 1);
                  ledger.replayed(2);
                  ledger.persisted(1);
                  ledger.deadLettered();
                  ledger.dropped(DropReason.REFUSED, 1);
                  ledger.recoveredInVain(1);
                }
              }
            });
    receiver.start();
    writer.start();
    while (receiver.isAlive()) {
      assertBalanced(ledger.snapshot());
    }
    writer.join();
    assertBalanced(ledger.snapshot());
  }

  @Test
  void what_is_queued_at_the_close_is_lost_and_nothing_changes_afterwards() {
    ledger.decoded(1, 5);
    ledger.persisted(2);
    ledger.close();
    Ledger.Snapshot last = ledger.snapshot();
    assertEquals(3, last.lost());
    assertEquals(0, last.queued());
    assertBalanced(last);
    ledger.persisted(3);
    ledger.spooled(3);
    ledger.recovered(1, 1);
    ledger.notJournaled(1);
    ledger.decoded(1, 1);
    ledger.deadLettered();
    ledger.ignored(1);
    ledger.rejected(RejectReason.EMPTY, 1);
    ledger.dropped(DropReason.OVERFLOW, 1);
    ledger.close();
    assertEquals(last, ledger.snapshot());
  }

  private static void assertBalanced(Ledger.Snapshot s) {
    assertEquals(
        s.datagramsReceived(), s.datagramsDecoded() + sum(s.rejected()) + s.datagramsIgnored());
    assertEquals(
        s.recordsDecoded() + s.recovered(),
        s.persisted() + s.deadLettered() + sum(s.dropped()) + s.queued() + s.spooled() + s.lost());
  }

  private static long sum(Map<?, Long> counts) {
    return counts.values().stream().mapToLong(Long::longValue).sum();
  }
}
