package dev.ingest.internal.custody;

import dev.ingest.internal.batch.Batch;
import dev.ingest.internal.batch.Rows;
import dev.ingest.internal.ledger.Ledger;
import dev.ingest.internal.spool.PendingLines;
import dev.ingest.internal.spool.Spool;
import dev.ingest.internal.spool.SpoolReader;
import dev.ingest.policy.Spooling;
import dev.ingest.stats.DropReason;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
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
 *
 * <p>That lock is never held over a call of the spool, which a disk may hold up for ever. Such a
 * call comes after the step that it follows from, or, if it is to put rows into the spool, between
 * two steps: rows that are salvaged meanwhile are left to it, and counted if it returns in time.
 */
public final class Custody implements Closeable {
  private final Ledger ledger;
  private final @Nullable Spool spool;
  private final List<ReceiverCustody> receivers = new ArrayList<>();
  private final Salvage salvage;

  // Guarded by this.
  private @Nullable Batch inHand;
  private boolean inHandFromSpool;
  private int settled;

  /** How many rows the writer is putting into the spool at this moment. */
  private int deferring;

  /**
   * Takes custody of nothing yet.
   *
   * @param spool null if there is none
   * @param receivers how many there are
   * @param failed called when a thread has died of what it could not handle
   */
  public Custody(Ledger ledger, @Nullable Spool spool, int receivers, Consumer<Throwable> failed) {
    this.ledger = ledger;
    this.spool = spool;
    this.salvage = new Salvage(ledger, spool, this.receivers);
    for (int i = 0; i < receivers; i++) {
      String name = "ingest-disk" + (receivers == 1 ? "" : "-" + (i + 1));
      this.receivers.add(new ReceiverCustody(ledger, spool, i, new DiskThread(name, failed)));
    }
  }

  /**
   * Opens the spool, and counts what earlier runs left in it.
   *
   * @param spooling where the spool is; null if there is to be none
   * @param receivers how many there are, each with a journal of its own if there is to be one
   * @param failed called when a thread of the disk has died of what it could not handle
   * @throws IOException if the spool cannot be used; the message names it
   */
  public static Custody open(
      Ledger ledger, @Nullable Spooling spooling, int receivers, Consumer<Throwable> failed)
      throws IOException {
    if (spooling == null) {
      return new Custody(ledger, null, receivers, failed);
    }
    Spool spool = Spool.open(spooling, receivers, new Spool.Failures(failed, ledger::notJournaled));
    ledger.recovered(spool.unsettled(), spool.tornLines());
    return new Custody(ledger, spool, receivers, failed);
  }

  /** Returns where the spool is; empty if there is none. */
  public Optional<Path> spoolPath() {
    return Optional.ofNullable(spool).map(Spool::path);
  }

  /** Returns how many bytes of records the spool's files hold; 0 if there is none. Never waits. */
  public long spoolBytes() {
    return spool == null ? 0 : spool.bytes();
  }

  /** Returns the custody of what a receiver takes in, by its number from 0. */
  public ReceiverCustody receiver(int number) {
    return receivers.get(number);
  }

  /** Ends the waits for a disk in which receivers are now. */
  public void giveUpStalled() {
    receivers.stream()
        .map(ReceiverCustody::disk)
        .filter(DiskThread::isAwaited)
        .forEach(DiskThread::giveUp);
  }

  /** Ends the receivers' waits for a disk, now and for ever. */
  public void giveUp() {
    receivers.forEach(receiver -> receiver.disk().giveUp());
  }

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

  /** Settles the rows that follow those settled so far: the sink has stored them in that time. */
  public void stored(Rows rows, long nanos) {
    settle(rows, () -> ledger.persisted(rows.size(), nanos));
  }

  /** Counts a call of the sink that is to open or to write, by what it threw; null if nothing. */
  public void called(@Nullable Throwable failure) {
    ledger.sinkCalled(failure);
  }

  /**
   * Settles the rows that follow those settled so far: they are dead letters.
   *
   * @return false if it is too late for that
   */
  public boolean deadLettered(Rows rows) {
    return settle(rows, () -> ledger.deadLettered(rows.size()));
  }

  /**
   * Settles the rows that follow those settled so far: they are dropped.
   *
   * @return false if it is too late for that
   */
  public boolean dropped(Rows rows, DropReason reason) {
    return settle(rows, () -> ledger.dropped(reason, rows.size()));
  }

  private boolean settle(Rows rows, Runnable account) {
    synchronized (this) {
      if (inHand == null) {
        return false;
      }
      account.run();
      settled += rows.size();
    }
    if (spool != null) {
      spool.settle(rows);
    }
    return true;
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
  public boolean deferred() {
    Batch batch;
    int from;
    synchronized (this) {
      batch = inHand;
      from = settled;
      if (batch == null) {
        return true; // salvaged
      }
      if (from == batch.rows() || inHandFromSpool) {
        ledger.spooled(batch.rows() - from);
        inHand = null;
        return true;
      }
      deferring = batch.rows() - Math.max(from, batch.onDisk());
    }
    return deferred(batch, from);
  }

  private boolean deferred(Batch batch, int from) {
    boolean kept = false;
    try {
      kept = spool != null && spool.defer(batch, from);
    } finally {
      synchronized (this) {
        if (kept) {
          ledger.spooled(inHand == null ? deferring : batch.rows() - from);
          inHand = null;
        }
        deferring = 0;
        kept |= inHand == null; // or salvaged
      }
    }
    return kept;
  }

  /** Forgets the batch in hand, of which all is settled. */
  public synchronized void release() {
    inHand = null;
  }

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
    return gone(spool == null ? 0 : spool.discard(pending));
  }

  /**
   * Drops what is left in the spool but for its files, which somebody removed; returns how many.
   */
  public int gone() {
    return gone(spool == null ? 0 : spool.gone());
  }

  private int gone(int records) {
    ledger.replayed(records);
    ledger.dropped(DropReason.SPOOL_FILE_GONE, records);
    return records;
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

  /** Ends the journal, since nothing more comes. */
  public void sealSegments() {
    if (spool != null) {
      spool.sealSegments();
    }
  }

  /** Salvages what is in hand and not settled, and the batches that are in doubt. */
  public synchronized void salvage() {
    salvage.addInDoubt();
    Batch left = inHand;
    if (left != null) {
      int kept = inHandFromSpool ? left.rows() : Math.max(settled, left.onDisk());
      salvage.add(left, settled, kept, deferring);
      inHand = null;
    }
  }

  /** Salvages a batch that the writer never had. */
  public void salvage(Batch left) {
    salvage.add(left, 0, left.onDisk(), 0);
  }

  /** Has what was salvaged and is not in the spool kept there. May wait for the disk. */
  public void keepSalvaged() {
    salvage.keep();
  }

  /**
   * Ends the account, since the time for the disk is over.
   *
   * @return how many records are being written to the spool at this moment: they count as lost,
   *     though the next start may find them
   */
  public synchronized int end() {
    return salvage.end() + deferring;
  }

  /** Syncs and closes the spool. */
  @Override
  public void close() throws IOException {
    if (spool != null) {
      spool.close();
    }
  }
}
