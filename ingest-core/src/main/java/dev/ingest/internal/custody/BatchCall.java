package dev.ingest.internal.custody;

import dev.ingest.internal.batch.Batch;
import dev.ingest.internal.ledger.Ledger;
import dev.ingest.internal.spool.JournalWrite;
import dev.ingest.internal.spool.Spool;
import org.jspecify.annotations.Nullable;

/**
 * A call that puts rows of a receiver's batch into the spool: journals those that are not there, or
 * defers all.
 *
 * <p>The batch of a call that was given up is <em>in doubt</em>: it is set aside. Nobody fills or
 * clears it any more, since the call may still be reading it. Nobody else writes its rows to the
 * spool or to the sink, since the call may yet put them into the spool, where the next server finds
 * them. When it is salvaged, the rows count as spooled that are known to be there; when the call
 * returns after that, so do the others that it has put there. Guarded by itself.
 */
final class BatchCall implements DiskThread.Call {
  final Batch batch;
  private final Spool spool;
  private final Ledger ledger;
  private final @Nullable JournalWrite write;
  private volatile boolean deferred;
  private boolean returned;
  private int counted = -1; // none, before the batch is salvaged

  /**
   * Makes a call.
   *
   * @param write what journals the batch; null to defer it
   */
  BatchCall(Batch batch, Spool spool, Ledger ledger, @Nullable JournalWrite write) {
    this.batch = batch;
    this.spool = spool;
    this.ledger = ledger;
    this.write = write;
  }

  @Override
  public void make() {
    if (write == null) {
      deferred = spool.defer(batch, 0);
    } else {
      write.run();
    }
  }

  /** Tells whether the batch is deferred. */
  boolean hasDeferred() {
    return deferred;
  }

  /**
   * Sets in the batch what stands in the journal.
   *
   * @return how many rows were appended, and not synced yet although they are to be
   */
  synchronized int finish() {
    return write == null ? 0 : write.finish();
  }

  @Override
  public synchronized void late() {
    returned = true;
    if (counted >= 0) {
      int before = counted;
      ledger.spooled(salvage() - before);
    }
  }

  /** Salvages the batch: returns how many of its rows, from the first, are in the spool by now. */
  synchronized int salvage() {
    finish();
    counted = deferred ? batch.rows() : batch.onDisk();
    return counted;
  }

  /** Returns how many rows this may still put into the spool, of a batch that was salvaged. */
  synchronized int inDoubt() {
    return returned || counted < 0 ? 0 : batch.rows() - counted;
  }
}
