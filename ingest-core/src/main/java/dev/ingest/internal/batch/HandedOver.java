package dev.ingest.internal.batch;

import org.jspecify.annotations.Nullable;

/**
 * The batches that were handed over, by their number from 1, until they are recycled. They leave
 * the queue in that order, but the writer and receivers that drop some recycle them in any. Not
 * thread-safe.
 */
final class HandedOver {
  /** At its number modulo the length; null if it is recycled. */
  private @Nullable Batch[] batches = new Batch[8];

  /** When the first record of each was decoded, by {@link System#nanoTime}. */
  private long[] since = new long[8];

  /** The number of the oldest that is not recycled. */
  private long oldest = 1;

  private long last;

  /** Numbers a batch, whose first record was decoded at that time. */
  void add(Batch batch, long decodedSince) {
    if (last - oldest + 1 == batches.length) {
      @Nullable Batch[] larger = new Batch[2 * batches.length];
      long[] largerSince = new long[larger.length];
      for (long i = oldest; i <= last; i++) {
        larger[(int) (i % larger.length)] = batches[slot(i)];
        largerSince[(int) (i % larger.length)] = since[slot(i)];
      }
      batches = larger;
      since = largerSince;
    }
    batches[slot(++last)] = batch;
    since[slot(last)] = decodedSince;
  }

  /** Takes a batch out, which is one of the oldest. */
  void remove(Batch batch) {
    for (long i = oldest; i <= last; i++) {
      if (batches[slot(i)] == batch) {
        batches[slot(i)] = null;
        break;
      }
    }
    while (oldest <= last && batches[slot(oldest)] == null) {
      oldest++;
    }
  }

  /** Returns the age of the oldest in nanoseconds; 0 if there is none. */
  long oldestNanos() {
    return oldest > last ? 0 : Math.max(0, System.nanoTime() - since[slot(oldest)]);
  }

  /** Returns the number of the last batch; 0 if there was none. */
  long last() {
    return last;
  }

  /** Returns the number up to which all are recycled. */
  long recycled() {
    return oldest - 1;
  }

  private int slot(long number) {
    return (int) (number % batches.length);
  }
}
