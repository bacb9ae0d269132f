package dev.ingest.internal.receive;

import dev.ingest.internal.batch.Batch;
import dev.ingest.internal.batch.BatchQueue;
import dev.ingest.internal.ledger.Ledger;
import dev.ingest.internal.ledger.RateLimitedLog;
import dev.ingest.record.DropReason;
import java.lang.System.Logger.Level;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The batch in which datagrams land, and when it is handed over to the writer: when it is full, and
 * otherwise as soon as no batch waits and the last hand-over is 2 ms ago. So a lone datagram is
 * handed over at once, a steady stream in a batch every 2 ms, and a flood in full batches. While a
 * batch waits, the landing one would only wait behind it, and grows instead.
 *
 * <p>When neither the batch nor the queue has room, the {@link Overflow} policy finds some. Only
 * the receiver thread uses this class.
 */
public final class Landing {
  private static final long INTERVAL_NANOS = TimeUnit.MILLISECONDS.toNanos(2);

  /** How long an idle receiver waits before it looks again whether the writer has caught up. */
  private static final long WRITER_BUSY_MILLIS = 20;

  private final BatchQueue queue;
  private final Ledger ledger;
  private final Overflow overflow;
  private final RateLimitedLog dropLog =
      new RateLimitedLog(System.getLogger("dev.ingest.receive"), Level.WARNING);

  private Batch batch;
  private int limit;
  private long lastHandOver = System.nanoTime() - INTERVAL_NANOS;
  private @Nullable Batch spare;

  /** Lands datagrams for a queue. */
  public Landing(BatchQueue queue, Ledger ledger, Overflow overflow) {
    this.queue = queue;
    this.ledger = ledger;
    this.overflow = overflow;
    this.batch = queue.spare();
  }

  /** The batch that takes the next datagram. Blocks if that is the overflow policy. */
  Batch room() {
    return hasRoom() || makeRoom() ? batch : overflow.makeRoom(this);
  }

  private boolean hasRoom() {
    return batch.rows() < limit && batch.bytes() < BatchQueue.FULL_BYTES;
  }

  /**
   * Finds out how much room there is by now, and hands a full batch over; whether there is any
   * room.
   */
  boolean makeRoom() {
    limit = queue.room();
    return hasRoom() || (batch.rows() > 0 && handOver() && hasRoom());
  }

  /** Counts the records of a datagram that was decoded into what {@link #room} gave. */
  void landed(Batch in, int records) {
    if (in == batch) {
      ledger.decoded(records);
      return;
    }
    in.clear();
    if (queue.isAbandoned()) {
      ledger.decoded(records); // as if queued: they are lost with all that is left there
    } else {
      ledger.decodedAndDropped(DropReason.OVERFLOW, records);
      sayDropped(records);
    }
  }

  /**
   * Hands the batch over if it is due.
   *
   * @return how many milliseconds an idle receiver may wait before it asks again; 0 for no limit
   */
  long handOverIfDue() {
    if (batch.rows() == 0) {
      return 0;
    }
    if (!queue.isEmpty()) {
      return WRITER_BUSY_MILLIS;
    }
    long early = lastHandOver + INTERVAL_NANOS - System.nanoTime();
    if (early > 0) {
      return TimeUnit.NANOSECONDS.toMillis(early) + 1;
    }
    return handOver() ? 0 : WRITER_BUSY_MILLIS;
  }

  private boolean handOver() {
    Batch next = queue.free();
    if (next == null) {
      return false;
    }
    queue.put(batch);
    batch = next;
    limit = queue.room();
    lastHandOver = System.nanoTime();
    return true;
  }

  /** Hands over what there is, and ends the queue. */
  void seal() {
    batch.rollback();
    if (batch.rows() > 0) {
      queue.put(batch);
    }
    queue.seal();
  }

  Batch batch() {
    return batch;
  }

  /** A batch for a datagram whose records go no further. */
  Batch spare() {
    if (spare == null) {
      spare = queue.spare();
    }
    return spare;
  }

  /** Waits until the queue has changed since {@code seen}; false once it is abandoned. */
  boolean awaitRecycle(long seen) {
    return queue.awaitRecycle(seen);
  }

  long recycles() {
    return queue.recycles();
  }

  /** Drops the oldest batch that the writer does not have yet; false if there is none. */
  boolean dropOldest() {
    Batch oldest = queue.evict();
    if (oldest != null) {
      drop(oldest.rows());
      queue.recycle(oldest);
      return true;
    }
    int own = batch.rows();
    if (own > 0) {
      drop(own);
      batch.clear();
    }
    return own > 0;
  }

  private void drop(int records) {
    ledger.dropped(DropReason.OVERFLOW, records);
    sayDropped(records);
  }

  private void sayDropped(int records) {
    dropLog.event(
        records,
        () ->
            "the queue is full and the overflow policy drops records: the sink is slower than what"
                + " arrives; raise queueCapacity() or make the sink faster");
  }
}
