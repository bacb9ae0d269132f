package dev.ingest.internal.custody;

import dev.ingest.internal.batch.Batch;
import dev.ingest.internal.ledger.Ledger;
import dev.ingest.internal.spool.Spool;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What the drain could not store in time. What of it stands in the spool counts as spooled at once;
 * the rest is kept there as far as the disk lets that happen before the {@link #end}. Thread-safe;
 * only {@link #keep} may wait for the disk.
 */
final class Salvage {
  private final Ledger ledger;
  private final @Nullable Spool spool;
  private final List<ReceiverCustody> receivers;

  // Guarded by this.
  private final Map<Batch, Integer> rest = new LinkedHashMap<>(); // and from which row on
  private int keeping;
  private boolean ended;

  /**
   * Makes a salvage of nothing.
   *
   * @param spool null if there is none
   */
  Salvage(Ledger ledger, @Nullable Spool spool, List<ReceiverCustody> receivers) {
    this.ledger = ledger;
    this.spool = spool;
    this.receivers = receivers;
  }

  /**
   * Adds rows of a batch that are queued.
   *
   * @param from the first of them
   * @param kept the first that does not stand in the spool
   * @param inDoubt how many a call that has not returned may put there, from that one on: all or
   *     none
   */
  synchronized void add(Batch batch, int from, int kept, int inDoubt) {
    ledger.spooled(kept - from); // the next start finds these
    if (kept + inDoubt < batch.rows()) {
      rest.put(batch, kept);
    }
  }

  /** Adds the batches that are in doubt. */
  synchronized void addInDoubt() {
    for (ReceiverCustody receiver : receivers) {
      BatchCall call = receiver.inDoubt();
      if (call != null) {
        synchronized (call) {
          add(call.batch, 0, call.salvage(), call.inDoubt());
        }
      }
    }
  }

  /** Defers the rest. */
  void keep() {
    Spool to = spool;
    Map.Entry<Batch, Integer> next;
    while (to != null && (next = next()) != null) {
      boolean kept = to.defer(next.getKey(), next.getValue());
      synchronized (this) {
        ledger.spooled(kept ? keeping : 0);
        keeping = 0;
      }
    }
  }

  private synchronized Map.@Nullable Entry<Batch, Integer> next() {
    Iterator<Map.Entry<Batch, Integer>> all = rest.entrySet().iterator();
    if (ended || !all.hasNext()) {
      return null;
    }
    Map.Entry<Batch, Integer> next = all.next();
    all.remove();
    keeping = next.getKey().rows() - next.getValue();
    return next;
  }

  /** Ends it; returns how many rows are being written at this moment. */
  synchronized int end() {
    ended = true;
    int inDoubt = keeping;
    for (ReceiverCustody receiver : receivers) {
      BatchCall call = receiver.inDoubt();
      inDoubt += call == null ? 0 : call.inDoubt();
    }
    return inDoubt;
  }
}
