package dev.ingest.internal.custody;

import dev.ingest.internal.batch.Batch;
import dev.ingest.internal.batch.Rows;
import dev.ingest.internal.ledger.Ledger;
import dev.ingest.internal.spool.JournalWrite;
import dev.ingest.internal.spool.PendingLines;
import dev.ingest.internal.spool.Spool;
import dev.ingest.internal.spool.SpoolReader;
import dev.ingest.policy.Spooling;
import dev.ingest.stats.DropReason;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.BitSet;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Knows where each record is, and keeps the ledger and the spool in step: who moves records calls
 * one method here, and afterwards both agree. The spool may be absent; nobody else has to know.
 *
 * <p>The batch that the writer is delivering is <em>in hand</em>, with the number of its rows, from
 * the first, that are settled. When the time for the drain is over, the closing thread salvages
 * what is left of it, though the sink may still be reading it. Which of the two comes first is
 * decided under this object's lock: a sink that returns later has stored rows that are kept in the
 * spool as well, or counted as lost.
 */
public final class Custody implements Closeable {
  private final Ledger ledger;
  private final @Nullable Spool spool;

  // Guarded by this.
  private @Nullable Batch inHand;
  private boolean inHandFromSpool;
  private int settled;

  /**
   * Takes custody of nothing yet.
   *
   * @param spool null if there is none
   */
  public Custody(Ledger ledger, @Nullable Spool spool) {
    this.ledger = ledger;
    this.spool = spool;
  }

  /**
   * Opens the spool, and counts what earlier runs left in it.
   *
   * @param spooling where the spool is; null if there is to be none
   * @param receivers how many there are, each with a journal of its own if there is to be one
   * @param failed called when a thread of the spool has died of what it could not handle
   * @throws IOException if the spool cannot be used; the message names it
   */
  public static Custody open(
      Ledger ledger, @Nullable Spooling spooling, int receivers, Consumer<Throwable> failed)
      throws IOException {
    if (spooling == null) {
      return new Custody(ledger, null);
    }
    Spool spool = Spool.open(spooling, receivers, new Spool.Failures(failed, ledger::notJournaled));
    ledger.recovered(spool.unsettled(), spool.tornLines());
    return new Custody(ledger, spool);
  }

  /** Returns where the spool is; empty if there is none. */
  public Optional<Path> spoolPath() {
    return Optional.ofNullable(spool).map(Spool::path);
  }

  // The receivers' part.

  /**
   * Counts what was decoded into a batch, after it was written to the journal if there is one: no
   * crash of the process can take away what is counted.
   *
   * @param receiver which one, from 0
   * @param batch the batch that the receiver fills
   * @param messages how many were decoded since the last call
   * @param records how many they held
   */
  public void decoded(int receiver, Batch batch, int messages, int records) {
    try {
      if (spool != null && spool.isJournaling()) {
        JournalWrite write = spool.journalWrite(receiver, batch);
        write.run();
        write.finish();
      }
    } finally { // even if the server fails
      ledger.decoded(messages, records);
    }
  }

  /** Counts what is handed over without being in the journal, although there is one. */
  public void handedOver(Batch batch) {
    if (spool != null && spool.isJournaling() && batch.onDisk() < batch.rows()) {
      ledger.notJournaled(batch.rows() - batch.onDisk());
    }
  }

  /** Counts a message that was decoded, and whose records are dropped at once. */
  public void decodedAndDropped(int records) {
    ledger.decodedAndDropped(DropReason.OVERFLOW, records);
  }

  /** Counts a message that was decoded, and whose records are lost with all that is queued. */
  public void decodedAndLost(int records) {
    ledger.decoded(1, records);
  }

  /**
   * Has a batch that the writer never had replayed later.
   *
   * @return false if the batch cannot be kept for that
   */
  public synchronized boolean deferred(Batch batch) {
    if (spool == null || !spool.defer(batch, 0)) {
      return false;
    }
    ledger.spooled(batch.rows());
    return true;
  }

  /** Drops a batch that the writer never had, for want of room. */
  public void dropped(Batch batch) {
    if (spool != null) {
      spool.settle(batch.all());
    }
    ledger.dropped(DropReason.OVERFLOW, batch.rows());
  }

  // The writer's part.

  /** Puts a batch of the queue in hand, of which nothing is settled. */
  public synchronized void take(Batch batch) {
    inHand = batch;
    inHandFromSpool = false;
    settled = 0;
  }

  /** Puts a batch in hand that was read back from the spool. */
  public synchronized void replayed(Batch batch) {
    ledger.replayed(batch.rows());
    take(batch);
    inHandFromSpool = true;
  }

  /** Settles the rows that follow those settled so far: the sink has stored them. */
  public synchronized void stored(Rows rows) {
    if (inHand != null) {
      ledger.persisted(rows.size());
      settle(rows);
    }
  }

  /**
   * Settles the rows that follow those settled so far: they are dead letters.
   *
   * @return false if it is too late for that
   */
  public synchronized boolean deadLettered(Rows rows) {
    if (inHand == null) {
      return false;
    }
    ledger.deadLettered(rows.size());
    settle(rows);
    return true;
  }

  /**
   * Settles the rows that follow those settled so far: they are dropped.
   *
   * @return false if it is too late for that
   */
  public synchronized boolean dropped(Rows rows, DropReason reason) {
    if (inHand == null) {
      return false;
    }
    ledger.dropped(reason, rows.size());
    settle(rows);
    return true;
  }

  private void settle(Rows rows) {
    settled += rows.size();
    if (spool != null) {
      spool.settle(rows);
    }
  }

  /** Returns the number of rows of the batch in hand, from the first, that are settled. */
  public synchronized int settled() {
    return settled;
  }

  /**
   * Has the rows in hand that are not settled replayed later.
   *
   * @return false if they cannot be kept for that
   */
  public synchronized boolean deferred() {
    if (inHand == null) {
      return true; // salvaged
    }
    int rest = inHand.rows() - settled;
    boolean kept = rest == 0 || inHandFromSpool || (spool != null && spool.defer(inHand, settled));
    if (kept) {
      ledger.spooled(rest);
      inHand = null;
    }
    return kept;
  }

  /** Forgets the batch in hand, of which all is settled. */
  public synchronized void release() {
    inHand = null;
  }

  // What is in the spool.

  /** Tells whether anything in the spool is pending. */
  public boolean hasPending() {
    return spool != null && spool.hasPending();
  }

  /** Returns what is to be replayed next; null if nothing is. */
  public @Nullable PendingLines nextPending() {
    return spool == null ? null : spool.next();
  }

  /** Moves on past the first of pending lines, which are settled. */
  public void advance(PendingLines pending, int lines, long bytes) {
    if (spool != null) {
      spool.advance(pending, lines, bytes);
    }
  }

  /** Counts the first of pending lines, which is no record, as a dead letter, and settles it. */
  public void deadLettered(PendingLines pending) {
    ledger.replayed(1);
    ledger.deadLettered(1);
    if (spool != null) {
      spool.settle(pending.position(), 1);
    }
  }

  /** Returns a reader of what is pending, of which there must be some. */
  public SpoolReader reader() {
    return Objects.requireNonNull(spool).reader();
  }

  /** Has a line that is not as it was written looked into; returns false if all are good. */
  public boolean readAgain(PendingLines pending) throws IOException {
    return spool != null && spool.readAgain(pending);
  }

  /**
   * Settles pending records whose bytes are damaged.
   *
   * @param letters how many of them became dead letters; nothing is left of the others
   */
  public void damaged(PendingLines pending, int letters) {
    int records = spool == null ? 0 : spool.discard(pending);
    ledger.replayed(records);
    ledger.deadLettered(letters);
    ledger.dropped(DropReason.SPOOL_FILE_DAMAGED, records - letters);
  }

  /** Drops pending records that cannot be read back; returns how many. */
  public int gone(PendingLines pending) {
    int records = spool == null ? 0 : spool.discard(pending);
    gone(records);
    return records;
  }

  /**
   * Drops what is left in the spool but for its files, which somebody removed; returns how many.
   */
  public int gone() {
    int records = spool == null ? 0 : spool.gone();
    if (records > 0) {
      gone(records);
    }
    return records;
  }

  private void gone(int records) {
    ledger.replayed(records);
    ledger.dropped(DropReason.SPOOL_FILE_GONE, records);
  }

  /** Returns the names of the segments that earlier runs left. */
  public Collection<String> recoveredSegments() {
    return spool == null ? List.of() : spool.recoveredSegments();
  }

  /** Settles the lines of a recovered segment that the sink had stored before the crash. */
  public void alreadyStored(String segment, BitSet lines) {
    if (spool != null) {
      ledger.alreadyStored(spool.settleStored(segment, lines));
    }
  }

  /** Returns the names of the segments that were removed since the last call. */
  public List<String> takeRemovedSegments() {
    return spool == null ? List.of() : spool.takeRemoved();
  }

  // The end.

  /** Ends the journal, since nothing more comes. */
  public void sealSegments() {
    if (spool != null) {
      spool.sealSegments();
    }
  }

  /** Salvages what is in hand and not settled: into the spool, as far as that is possible. */
  public synchronized void salvage() {
    Batch left = inHand;
    if (left != null && !deferred()) {
      ledger.spooled(Math.max(0, left.onDisk() - settled)); // the next start finds these
    }
    inHand = null;
  }

  /**
   * Salvages a batch that the writer never had. This is one step, or a sink that returns meanwhile
   * would settle rows of this batch instead of its own.
   */
  public synchronized void salvage(Batch left) {
    take(left);
    salvage();
  }

  /** Syncs and closes the spool. */
  @Override
  public void close() throws IOException {
    if (spool != null) {
      spool.close();
    }
  }
}
