package dev.ingest.internal.receive;

import dev.ingest.internal.batch.Batch;
import dev.ingest.internal.batch.BatchQueue;
import dev.ingest.internal.ledger.Ledger;
import dev.ingest.internal.ledger.RateLimitedLog;
import dev.ingest.internal.spool.Spool;
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
 * <p>When neither the batch nor the queue has room, the {@link Overflow} policy finds some. Each
 * receiver has its own, which only its thread uses.
 */
public final class Landing {
  private static final long INTERVAL_NANOS = TimeUnit.MILLISECONDS.toNanos(2);

  /** How long an idle receiver waits before it looks again whether the writer has caught up. */
  private static final long WRITER_BUSY_MILLIS = 20;

  /** How long to wait for room at most, before the spool is tried again. */
  private static final long ROOM_NANOS = TimeUnit.SECONDS.toNanos(1);

  private final BatchQueue queue;
  private final Ledger ledger;
  private final Overflow overflow;
  private final @Nullable Spool spool;
  private final int receiver;
  private final RateLimitedLog dropLog =
      new RateLimitedLog(System.getLogger("dev.ingest.receive"), Level.WARNING);

  private Batch batch;
  private int limit;
  private long lastHandOver = System.nanoTime() - INTERVAL_NANOS;
  private @Nullable Batch spare;

  // What has landed and is neither counted nor in the journal yet.
  private int datagrams;
  private int records;

  /**
   * Lands datagrams for a queue.
   *
   * @param overflow may be {@link Overflow#SPOOL} if there is a spool
   * @param receiver which one it is of, from 0
   */
  public Landing(
      BatchQueue queue, Ledger ledger, Overflow overflow, @Nullable Spool spool, int receiver) {
    this.queue = queue;
    this.ledger = ledger;
    this.overflow = overflow;
    this.spool = spool;
    this.receiver = receiver;
    this.batch = queue.spare();
  }

  /** The batch that takes the next datagram. Blocks if that is the overflow policy. */
  Batch room() {
    return hasRoom() || makeRoom() ? batch : policy().makeRoom(this);
  }

  private Overflow policy() {
    if (queue.isAbandoned()) { // nobody makes room any more
      return spool == null ? Overflow.DROP_NEWEST : Overflow.SPOOL;
    }
    return overflow;
  }

  private boolean hasRoom() {
    return roomFor(0) > 0;
  }

  /**
   * How many rows {@link #batch} takes without further ado, if they come as so many bytes at most.
   */
  int roomFor(int bytes) {
    // Text takes twice as much again.
    return batch.bytes() + 3 * bytes < BatchQueue.FULL_BYTES ? limit - batch.rows() : 0;
  }

  /**
   * Finds out how much room there is by now, and hands a full batch over; whether there is any
   * room.
   */
  boolean makeRoom() {
    limit = limit();
    return hasRoom() || (batch.rows() > 0 && handOver() && hasRoom());
  }

  /** A batch that can also go to the spool is filled whether the queue has room for it or not. */
  private int limit() {
    return overflow == Overflow.SPOOL ? queue.batchSize() : queue.room();
  }

  /** Takes note of the records of a datagram that was decoded into what {@link #room} gave. */
  void landed(Batch in, int count) {
    if (in == batch) {
      datagrams++;
      records += count;
      return;
    }
    in.clear();
    if (queue.isAbandoned()) {
      ledger.decoded(1, count); // as if queued: they are lost with all that is left there
    } else {
      ledger.decodedAndDropped(DropReason.OVERFLOW, count);
      sayDropped(count);
    }
  }

  /** Takes note of datagrams of one record each that were decoded into {@link #batch}. */
  void landedEach(int count) {
    datagrams += count;
    records += count;
  }

  /**
   * Counts what has landed, after it was written to the journal if there is one. What is counted as
   * decoded no crash of the process can take away then.
   */
  void flush() {
    if (datagrams > 0) {
      if (spool != null && spool.isJournaling()) {
        spool.journal(receiver, batch);
      }
      ledger.decoded(datagrams, records);
      datagrams = 0;
      records = 0;
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
    if (overflow == Overflow.SPOOL && !queue.fits(batch.rows())) {
      return false;
    }
    Batch next = queue.free();
    if (next == null) {
      return false;
    }
    put();
    batch = next;
    limit = limit();
    lastHandOver = System.nanoTime();
    return true;
  }

  private void put() {
    flush();
    if (spool != null && spool.isJournaling() && batch.onDisk() < batch.rows()) {
      ledger.notJournaled(batch.rows() - batch.onDisk());
    }
    queue.put(batch);
  }

  /** Hands over what there is, and says that no more comes from this receiver. */
  void seal() {
    batch.rollback();
    if (batch.rows() > 0) {
      put();
    }
    queue.seal();
  }

  /** Has the batch replayed from the spool later; false if it cannot be written there. */
  boolean defer() {
    flush();
    if (spool == null || !spool.defer(batch, 0)) {
      return false;
    }
    ledger.spooled(batch.rows());
    batch.clear();
    limit = limit();
    queue.nudge();
    return true;
  }

  /** The landing batch, whether it has room or not. */
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

  /** Waits a while for the queue to change since {@code seen}; false once it is abandoned. */
  boolean awaitRecycle(long seen) {
    flush();
    return queue.awaitRecycle(seen, ROOM_NANOS);
  }

  long recycles() {
    return queue.recycles();
  }

  /** Drops the oldest batch that the writer does not have yet; false if there is none. */
  boolean dropOldest() {
    Batch oldest = queue.evict();
    if (oldest != null) {
      drop(oldest);
      queue.recycle(oldest);
      return true;
    }
    if (batch.rows() == 0) {
      return false;
    }
    flush();
    drop(batch);
    batch.clear();
    return true;
  }

  private void drop(Batch dropped) {
    if (spool != null) {
      spool.settle(dropped.all());
    }
    ledger.dropped(DropReason.OVERFLOW, dropped.rows());
    sayDropped(dropped.rows());
  }

  private void sayDropped(int count) {
    dropLog.event(
        count,
        () ->
            "the queue is full and the overflow policy drops records: the sink is slower than what"
                + " arrives; raise queueCapacity() or make the sink faster");
  }
}
