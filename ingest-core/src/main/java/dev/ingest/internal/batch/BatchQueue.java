package dev.ingest.internal.batch;

import dev.ingest.record.Schema;
import java.util.ArrayDeque;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The bounded memory between the receivers, which fill batches, and the writer, which empties them.
 *
 * <p>It is bounded twice. The number of records that were handed over and are not yet {@linkplain
 * #recycle recycled} is what {@link #room} subtracts from the capacity, so a receiver can keep to
 * it exactly; each further receiver may be filling a batch at the same time. The number of batches
 * is fixed: two more than full batches make up the capacity, and one for each receiver to begin
 * with. So large records and wide ones, of which fewer fit a batch, cannot take more memory than
 * small ones. A batch is made when it is first needed.
 *
 * <p>Locking is per batch, not per record: a batch is either a receiver's, the writer's, waiting,
 * or free, and the lock orders each change.
 *
 * <p>The queue goes through the phases of {@link Phase}, and never back.
 */
public final class BatchQueue {
  private enum Phase {
    /** Batches come and go. */
    OPEN,
    /** The queue is to be emptied soon. Receivers may still be waiting for room in it. */
    DRAINING,
    /** Every receiver has ended: the writer gets what is left. */
    COMPLETE,
    /** The writer gets no more, and nobody waits for room. */
    ABANDONED
  }

  private final Schema schema;
  private final int capacity;
  private final int batchSize;

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final Condition recycled = lock.newCondition();
  private final ArrayDeque<Batch> waiting = new ArrayDeque<>();
  private final ArrayDeque<Batch> free = new ArrayDeque<>();
  private final HandedOver handedOver = new HandedOver();
  private boolean nudged;
  private int runningReceivers;
  private int unmade;
  private int recordsHeld;
  private long recyclesDone;

  // Written under the lock, read without it.
  private volatile Phase phase = Phase.OPEN;
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
    this.runningReceivers = receivers;
    this.unmade = (capacity - 1) / batchSize + 3;
  }

  /** Returns the number of rows that a receiver may fill a batch to now; 0 if the queue is full. */
  public int room() {
    return Math.min(batchSize, Math.max(0, capacity - records));
  }

  /** Returns the age in nanoseconds of the batch that is oldest; 0 if there is none. */
  public long oldestNanos() {
    lock.lock();
    try {
      return handedOver.oldestNanos();
    } finally {
      lock.unlock();
    }
  }

  /** Returns the most records of a batch. */
  public int batchSize() {
    return batchSize;
  }

  /** Tells whether a batch of so many rows may be handed over now. */
  public boolean fits(int rows) {
    return records == 0 || records + rows <= capacity;
  }

  /** Tells whether no batch waits; the writer may be writing one. */
  public boolean isEmpty() {
    return waitingBatches == 0;
  }

  /**
   * Tells whether the writer has better to do than to replay: a batch waits, or the drain began.
   */
  public boolean hasWork() {
    return isDraining() || waitingBatches > 0;
  }

  /** Makes a batch beside the bounded number of them. */
  public Batch spare() {
    return new Batch(schema, batchSize);
  }

  /** Returns an empty batch to fill, or null if all are in use. */
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

  /** Hands a batch over to the writer; its first row was decoded at that nanosecond. */
  public void put(Batch batch, long since) {
    lock.lock();
    try {
      handedOver.add(batch, since);
      waiting.add(batch);
      waitingBatches = waiting.size();
      recordsHeld += batch.rows();
      records = recordsHeld;
      changed.signal();
    } finally {
      lock.unlock();
    }
  }

  /** Takes the oldest waiting batch away from the writer; returns null if none waits. */
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
      while (waiting.isEmpty() && !hasReached(Phase.COMPLETE) && !nudged && left > 0) {
        left = changed.awaitNanos(left);
      }
    } catch (InterruptedException e) {
      // Not meant for the wait, or the queue is abandoned: the writer looks around.
    } finally {
      nudged = false;
      lock.unlock();
    }
    return isAbandoned() ? null : evict();
  }

  /** Makes the writer look around although no batch has come. */
  public void nudge() {
    lock.lock();
    try {
      nudged = true;
      changed.signal();
    } finally {
      lock.unlock();
    }
  }

  /** Tells whether the writer gets no more batches: complete and empty, or abandoned. */
  public boolean isOver() {
    lock.lock();
    try {
      return isAbandoned() || (hasReached(Phase.COMPLETE) && waiting.isEmpty());
    } finally {
      lock.unlock();
    }
  }

  /**
   * Takes a batch that was taken or evicted back, to be filled again. Once the queue is abandoned
   * it is not, since a call that nobody waits for any more may still be reading it.
   */
  public void recycle(Batch batch) {
    lock.lock();
    try {
      handedOver.remove(batch);
      recordsHeld -= batch.rows();
      records = recordsHeld;
      if (!isAbandoned()) {
        batch.clear();
        free.push(batch); // the processor's caches may still have it
      }
      recycles = ++recyclesDone;
      recycled.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** Returns how often a batch was recycled. */
  public long recycles() {
    return recycles;
  }

  /**
   * Waits until a batch is recycled, or the queue is abandoned.
   *
   * @param seen what {@link #recycles} was before the caller found no room, so that none is missed
   * @param nanos how long to wait at most
   */
  public void awaitRecycle(long seen, long nanos) {
    lock.lock();
    try {
      long left = nanos;
      while (recycles == seen && !isAbandoned() && left > 0) {
        left = recycled.awaitNanos(left);
      }
    } catch (InterruptedException e) {
      // Not meant for the wait: the caller looks again.
    } finally {
      lock.unlock();
    }
  }

  /** Returns the number of the batch that was handed over last; 0 if none was. */
  public long lastPut() {
    lock.lock();
    try {
      return handedOver.last();
    } finally {
      lock.unlock();
    }
  }

  /**
   * Waits until all batches up to a number are recycled.
   *
   * @param deadline when to wait no longer, in the time of {@link System#nanoTime}
   * @return false if that took longer, or the queue is abandoned
   * @throws InterruptedException if the thread is interrupted meanwhile
   */
  public boolean awaitRecycled(long number, long deadline) throws InterruptedException {
    lock.lockInterruptibly();
    try {
      long left = deadline - System.nanoTime();
      while (handedOver.recycled() < number && !isAbandoned() && left > 0) {
        left = recycled.awaitNanos(left);
      }
      return handedOver.recycled() >= number && !isAbandoned();
    } finally {
      lock.unlock();
    }
  }

  /**
   * Waits before the writer's next try, at most until the queue is abandoned.
   *
   * @param over ends the wait when it is true; looked at under the lock at every change of the
   *     queue, so it must only look at the queue
   * @return false once the queue is abandoned
   */
  public boolean pause(long nanos, BooleanSupplier over) {
    lock.lock();
    try {
      long left = nanos;
      while (left > 0 && !isAbandoned() && !over.getAsBoolean()) {
        left = changed.awaitNanos(left);
      }
    } catch (InterruptedException e) {
      // Only abandon() is meant to end the writer: another's interrupt starts the next try at once.
    } finally {
      lock.unlock();
    }
    return !isAbandoned();
  }

  /** Begins the drain: the queue is to be emptied soon, and pauses that wait for that end. */
  public void beginDrain() {
    moveOnTo(Phase.DRAINING);
  }

  /** Tells whether the queue is to be emptied soon, or is beyond that. */
  public boolean isDraining() {
    return hasReached(Phase.DRAINING);
  }

  /** Counts that one receiver has ended, and puts nothing more in. */
  public void receiverEnded() {
    lock.lock();
    try {
      runningReceivers--;
      if (runningReceivers == 0) {
        moveOnTo(Phase.COMPLETE);
      }
    } finally {
      lock.unlock();
    }
  }

  /** Ends the queue: the writer gets nothing more of it, receivers wait no more for room. */
  public void abandon() {
    moveOnTo(Phase.ABANDONED);
  }

  /** Tells whether the queue is ended though something may be left in it. */
  public boolean isAbandoned() {
    return phase == Phase.ABANDONED;
  }

  private boolean hasReached(Phase earlier) {
    return phase.compareTo(earlier) >= 0;
  }

  private void moveOnTo(Phase next) {
    lock.lock();
    try {
      if (!hasReached(next)) {
        phase = next;
      }
      changed.signalAll();
      recycled.signalAll();
    } finally {
      lock.unlock();
    }
  }
}
