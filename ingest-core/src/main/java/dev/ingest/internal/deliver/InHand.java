package dev.ingest.internal.deliver;

import dev.ingest.internal.batch.Batch;
import dev.ingest.internal.batch.Rows;
import dev.ingest.internal.ledger.Ledger;
import dev.ingest.internal.spool.Spool;
import org.jspecify.annotations.Nullable;

/**
 * The batch that the writer is delivering, and how many of its rows, from the first, are settled.
 *
 * <p>When the time for the drain is over, the closing thread takes what is left of it, though the
 * sink may still be reading it. Which of the two comes first is decided under this object's lock: a
 * sink that returns later has stored rows that are kept in the spool as well, or counted as lost.
 */
final class InHand {
  private final Ledger ledger;
  private final @Nullable Spool spool;

  private @Nullable Batch batch;
  private boolean fromSpool;
  private int settled;

  InHand(Ledger ledger, @Nullable Spool spool) {
    this.ledger = ledger;
    this.spool = spool;
  }

  synchronized void take(Batch next, boolean replayed) {
    batch = next;
    fromSpool = replayed;
    settled = 0;
  }

  /**
   * Settles the rows that follow those settled so far.
   *
   * @param account counts them
   * @return false if it is too late for that
   */
  synchronized boolean settle(Rows rows, Runnable account) {
    if (batch == null) {
      return false;
    }
    account.run();
    settled += rows.size();
    if (spool != null) {
      spool.settle(rows);
    }
    return true;
  }

  /** The number of rows that are settled. */
  synchronized int settled() {
    return settled;
  }

  /** Has the rows that are not settled replayed later; false if they cannot be kept for that. */
  synchronized boolean defer() {
    if (batch == null) {
      return true; // surrendered
    }
    int rest = batch.rows() - settled;
    if (rest > 0 && !fromSpool && (spool == null || !spool.defer(batch, settled))) {
      return false;
    }
    ledger.spooled(rest);
    batch = null;
    return true;
  }

  /** Forgets a batch of which all is settled. */
  synchronized void release() {
    batch = null;
  }

  /** Takes what is not settled away from the writer, into the spool as far as that is possible. */
  synchronized void surrender() {
    Batch left = batch;
    if (left != null && !defer()) {
      ledger.spooled(Math.max(0, left.onDisk() - settled)); // the next start finds these
    }
    batch = null;
  }

  /**
   * Does so with a batch that the writer never had. One step, or a sink that returns meanwhile
   * would settle rows of this batch instead of its own.
   */
  synchronized void surrender(Batch left) {
    take(left, false);
    surrender();
  }
}
