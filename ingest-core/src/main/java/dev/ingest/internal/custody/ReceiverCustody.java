package dev.ingest.internal.custody;

import dev.ingest.internal.batch.Batch;
import dev.ingest.internal.ledger.Ledger;
import dev.ingest.internal.spool.Spool;
import dev.ingest.record.JournalPosition;
import dev.ingest.stats.DropReason;
import org.jspecify.annotations.Nullable;

/**
 * The custody of what one receiver has taken in, until the writer has it.
 *
 * <p>A receiver alone can account for what it has in hand and for what its socket still holds. So
 * it is never in a call on the disk itself: a {@link DiskThread} makes them, and the receiver waits
 * until they return, or are given up since the time for the drain is short. After that it hands
 * over what it has, in memory. All methods are the receiver's, but for those that are not public.
 */
public final class ReceiverCustody {
  private final Ledger ledger;
  private final @Nullable Spool spool;
  private final int receiver;
  private final DiskThread disk;
  private volatile @Nullable BatchCall inDoubt;

  /** How many rows of the batch that is being filled count as not journaled, but may be yet. */
  private int notWritten;

  ReceiverCustody(Ledger ledger, @Nullable Spool spool, int receiver, DiskThread disk) {
    this.ledger = ledger;
    this.spool = spool;
    this.receiver = receiver;
    this.disk = disk;
  }

  /** Returns what makes all calls on the disk for the receiver. */
  public DiskThread disk() {
    return disk;
  }

  /**
   * Counts what was decoded into a batch, after it was written to the journal if there is one: no
   * crash of the process can take away what is counted, but for what is counted as not journaled
   * before.
   *
   * @param batch the batch that the receiver fills
   * @param messages how many were decoded since the last call
   * @param records how many they held
   */
  public void decoded(Batch batch, int messages, int records) {
    try {
      if (spool != null && spool.isJournaling()) {
        journal(spool, batch);
      }
    } finally { // even if the server fails
      ledger.decoded(messages, records);
    }
  }

  private void journal(Spool spool, Batch batch) {
    int unsynced = 0;
    try {
      if (!disk.hasGivenUp()) {
        BatchCall call = new BatchCall(batch, spool, ledger, spool.journalWrite(receiver, batch));
        make(call);
        unsynced = call.finish();
      }
    } finally { // even if the server fails
      int unwritten = batch.rows() - batch.onDisk();
      ledger.notJournaled(unsynced + unwritten - notWritten);
      notWritten = unwritten;
    }
  }

  private boolean make(BatchCall call) {
    boolean made = disk.make(call);
    if (!made) {
      inDoubt = call;
    }
    return made;
  }

  /** Ends what may be journaled yet of the batch that was filled. */
  public void handedOver() {
    notWritten = 0;
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
  public boolean deferred(Batch batch) {
    if (spool == null || batch.rows() == 0 || disk.hasGivenUp()) {
      return spool != null && batch.rows() == 0;
    }
    BatchCall call = new BatchCall(batch, spool, ledger, null);
    if (!make(call) || !call.hasDeferred()) {
      return false;
    }
    ledger.notJournaled(-notWritten);
    notWritten = 0;
    ledger.spooled(batch.rows());
    return true;
  }

  /** Drops a batch that the writer never had, for want of room. */
  public void dropped(Batch batch) {
    int onDisk = batch.onDisk();
    if (spool != null && onDisk > 0) {
      Spool from = spool;
      JournalPosition first = batch.position(0).orElseThrow();
      disk.make(() -> from.settle(first, onDisk)); // which needs the batch no more
    }
    ledger.dropped(DropReason.OVERFLOW, batch.rows());
  }

  /**
   * Tells whether a call was given up. None is made any more, so that what the receiver has yet is
   * best handed over.
   */
  public boolean hasGivenUp() {
    return spool != null && disk.hasGivenUp();
  }

  /** Tells whether a batch is in doubt, and to be used by nobody any more. */
  public boolean isInDoubt(Batch batch) {
    BatchCall call = inDoubt;
    return call != null && call.batch == batch;
  }

  /** Returns the call whose batch is in doubt; null if there is none. */
  @Nullable BatchCall inDoubt() {
    return inDoubt;
  }
}
