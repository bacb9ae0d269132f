package dev.ingest.internal.batch;

import dev.ingest.record.Schema;
import java.util.ArrayDeque;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The bounded memory between the receivers, which fill batches, and the writer, which empties them.
 *
 * <p>It is bounded twice. The number of records that were handed over and are not yet {@linkplain
 * #recycle recycled} is what {@link #room} subtracts from the capacity, so a receiver can keep to
 * it exactly; each further one may be filling a batch at the same time. The number of batches is
 * fixed, one more than full batches make up the capacity, so that large records, of which fewer fit
 * a batch, cannot take more memory than small ones. A batch is made when it is first needed.
 *
 * <p>Locking is per batch, not per record: a batch is either a receiver's, the writer's, waiting,
 * or free, and the lock orders each change.
 */
public final class BatchQueue {
  /**
   * A batch counts as full when its payload and text take this many bytes, however few its rows.
   */
  public static final int FULL_BYTES = 1 << 19;

  private final Schema schema;
  private final int capacity;
  private final int batchSize;

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition arrived = lock.newCondition();
  private final Condition recycled = lock.newCondition();
  private final ArrayDeque<Batch> waiting = new ArrayDeque<>();
  private final ArrayDeque<Batch> free = new ArrayDeque<>();
  private boolean nudged;
  private int unsealed;
  private int unmade;
  private int recordsHeld;
  private long recyclesDone;

  // Written under the lock, read without it.
  private volatile boolean draining;
  private volatile boolean sealed;
  private volatile boolean abandoned;
  private volatile int records;
  private volatile long recycles;
  private volatile int waitingBatches;

  /**
   * Makes an empty queue.
   *
   * @param schema what the records look like
   * @param capacity the most records, those being written included
   * @param batchSize the most records of a batch, at most the capacity
   * @param receivers how many there are
   */
  public BatchQueue(Schema schema, int capacity, int batchSize, int receivers) {
    this.schema = schema;
    this.capacity = capacity;
    this.batchSize = batchSize;
    this.unsealed = receivers;
    this.unmade = (capacity - 1) / batchSize + 3;
  }

  /** The number of rows that a receiver may fill a batch to now; 0 when the queue is full. */
  public int room() {
    return Math.min(batchSize, Math.max(0, capacity - records));
  }

  /** The most records of a batch. */
  public int batchSize() {
    return batchSize;
  }

  /** Whether a batch of so many rows may be handed over now. */
  public boolean fits(int rows) {
    return records == 0 || records + rows <= capacity;
  }

  /** Whether no batch waits; the writer may be writing one. */
  public boolean isEmpty() {
    return waitingBatches == 0;
  }

  /** Whether the writer has better to do than to replay: a batch waits, or the drain has begun. */
  public boolean hasWork() {
    return draining || waitingBatches > 0;
  }

  /** A batch beside the bounded number of them. */
  public Batch spare() {
    return new Batch(schema, batchSize);
  }

  /** An empty batch to fill, or null if all are in use. */
  public @Nullable Batch free() {
    lock.lock();
    try {
      Batch batch = free.poll();
      if (batch == null && unmade > 0) {
        unmade--;
        batch = new Batch(schema, batchSize);
      }
      return batch;
    } finally {
      lock.unlock();
    }
  }

  /** Hands a batch of at least one row over to the writer. */
  public void put(Batch batch) {
    lock.lock();
    try {
      waiting.add(batch);
      waitingBatches = waiting.size();
      recordsHeld += batch.rows();
      records = recordsHeld;
      arrived.signal();
    } finally {
      lock.unlock();
    }
  }

  /** Takes the oldest waiting batch away from the writer, or null if none waits. */
  public @Nullable Batch evict() {
    lock.lock();
    try {
      Batch batch = waiting.poll();
      waitingBatches = waiting.size();
      return batch;
    } finally {
      lock.unlock();
    }
  }

  /**
   * Waits for the oldest batch.
   *
   * @param nanos how long to wait at most
   * @return null if none came, {@link #nudge} was called, the thread was interrupted, or the queue
   *     {@link #isOver}
   */
  public @Nullable Batch take(long nanos) {
    lock.lock();
    try {
      long left = nanos;
      while (waiting.isEmpty() && !sealed && !abandoned && !nudged && left > 0) {
        left = arrived.awaitNanos(left);
      }
    } catch (InterruptedException e) {
      // Not meant for the wait, or the queue is abandoned: the writer looks around.
    } finally {
      nudged = false;
      lock.unlock();
    }
    return abandoned ? null : evict();
  }

  /** Makes the writer look around although no batch has come. */
  public void nudge() {
    lock.lock();
    try {
      nudged = true;
      arrived.signal();
    } finally {
      lock.unlock();
    }
  }

  /** Whether the writer gets no more batches: sealed and empty, or abandoned. */
  public boolean isOver() {
    lock.lock();
    try {
      return abandoned || (sealed && waiting.isEmpty());
    } finally {
      lock.unlock();
    }
  }

  /** Gives a batch that was taken or evicted back, to be filled again. */
  public void recycle(Batch batch) {
    lock.lock();
    try {
      recordsHeld -= batch.rows();
      records = recordsHeld;
      batch.clear();
      free.push(batch); // the processor's caches may still have it
      recycles = ++recyclesDone;
      recycled.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** The number of times that a batch was recycled. */
  public long recycles() {
    return recycles;
  }

  /**
   * Waits until a batch is recycled.
   *
   * @param seen what {@link #recycles} was before the caller found no room, so that none is missed
   * @param nanos how long to wait at most
   * @return false once the queue is abandoned
   */
  public boolean awaitRecycle(long seen, long nanos) {
    lock.lock();
    try {
      long left = nanos;
      while (recycles == seen && !abandoned && left > 0) {
        left = recycled.awaitNanos(left);
      }
      return !abandoned;
    } catch (InterruptedException e) {
      return !abandoned; // not meant for the wait: the caller looks again
    } finally {
      lock.unlock();
    }
  }

  /**
   * Says that the queue is to be emptied soon. The receiver may still be waiting for room in it, so
   * it is not sealed yet.
   */
  public void beginDrain() {
    lock.lock();
    try {
      draining = true;
      arrived.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** Whether the queue is to be emptied soon. */
  public boolean isDraining() {
    return draining;
  }

  /** Says that one receiver will put nothing more in. */
  public void seal() {
    lock.lock();
    try {
      unsealed--;
      sealed = unsealed == 0;
      arrived.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /**
   * Waits, for the writer's pause before it tries again: at most until the queue is abandoned, and
   * if the drain has not begun yet, until it does.
   *
   * @param wasDraining what {@link #isDraining} was before the write that failed, so that a drain
   *     which began during it is not missed
   * @param ifIdle whether to end the pause when a batch waits
   * @return false once the queue is abandoned
   */
  public boolean pause(long nanos, boolean wasDraining, boolean ifIdle) {
    lock.lock();
    try {
      long left = nanos;
      while (left > 0 && !abandoned && draining == wasDraining && !(ifIdle && !waiting.isEmpty())) {
        left = arrived.awaitNanos(left);
      }
      return !abandoned;
    } catch (InterruptedException e) {
      // Only abandon() ends a pause early: another's interrupt of the writer starts the next try at
      // once.
      return !abandoned;
    } finally {
      lock.unlock();
    }
  }

  /**
   * Gives up what is still in the queue: the writer gets no more of it, the receiver waits no more.
   */
  public void abandon() {
    lock.lock();
    try {
      abandoned = true;
      arrived.signalAll();
      recycled.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** Whether what was in the queue is given up. */
  public boolean isAbandoned() {
    return abandoned;
  }
}
