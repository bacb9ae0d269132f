package dev.ingest.internal.intake;

import java.util.concurrent.TimeUnit;

/**
 * The flushes that receivers are asked for. Each has a number, and the answer to one is the answer
 * to all before it: what the receiver's sockets held when it was asked for is out of the receiver's
 * hands. Any thread.
 */
public final class FlushRequests {
  private final long[] answered; // by receiver; this and the next: guarded by this
  private boolean over;

  /** Written under the lock, read without it by receivers between two readings. */
  private volatile long asked;

  /** Makes an account of no flush. */
  public FlushRequests(int receivers) {
    answered = new long[receivers];
  }

  /** Asks for a flush; returns its number. The receivers have to be woken after that. */
  public synchronized long ask() {
    return ++asked;
  }

  /** Returns the number of the last flush that was asked for; 0 if none was. */
  long asked() {
    return asked;
  }

  /**
   * Answers a flush, as the receiver of a number from 0. Once the server drains there is no answer:
   * a receiver that ends may have broken off what it read for the flush.
   */
  synchronized void answer(int receiver, long flush) {
    if (!over) {
      answered[receiver] = flush;
      notifyAll();
    }
  }

  /** Ends all waits, since the server drains. */
  public synchronized void end() {
    over = true;
    notifyAll();
  }

  /**
   * Waits for the answer of each receiver.
   *
   * @param deadline when to wait no longer, in the time of {@link System#nanoTime}
   * @return false if not all have answered
   * @throws InterruptedException if the thread is interrupted meanwhile
   */
  public synchronized boolean await(long flush, long deadline) throws InterruptedException {
    long left = deadline - System.nanoTime();
    while (!isAnswered(flush) && !over && left > 0) {
      TimeUnit.NANOSECONDS.timedWait(this, left);
      left = deadline - System.nanoTime();
    }
    return isAnswered(flush);
  }

  private boolean isAnswered(long flush) {
    for (long last : answered) {
      if (last < flush) {
        return false;
      }
    }
    return true;
  }
}
