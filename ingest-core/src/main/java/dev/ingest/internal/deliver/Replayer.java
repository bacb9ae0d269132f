package dev.ingest.internal.deliver;

import dev.ingest.internal.batch.Batch;
import dev.ingest.internal.batch.BatchQueue;
import dev.ingest.internal.custody.Custody;
import dev.ingest.internal.deliver.Delivery.Effort;
import dev.ingest.internal.deliver.Delivery.Outcome;
import java.io.IOException;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Replays what is pending in the spool, a batch at a time, while the writer has nothing better to
 * do, and not once the drain has begun.
 *
 * <p>A replay that fails is tried again like any write, but is put off when fresh data comes. If it
 * fails as often as the retry policy allows, each time after other batches were stored, the fault
 * is its own, and its records are refused. Only the writer thread uses it.
 */
final class Replayer {
  private final Supplier<PendingRecords> reader;
  private final BatchQueue queue;
  private final Custody custody;
  private final Delivery delivery;
  private final Retries retries;

  /** Made when something is replayed for the first time, as in most runs nothing is. */
  private @Nullable PendingRecords pending;

  /** When what is in hand was read back; empty if nothing is. Read by any thread. */
  private volatile OptionalLong replayStart = OptionalLong.empty();

  private int failures;
  private long nextTry = System.nanoTime();
  private int failuresWhileOthersAreStored;
  private boolean othersStored;

  Replayer(
      Supplier<PendingRecords> reader,
      BatchQueue queue,
      Custody custody,
      Delivery delivery,
      Retries retries) {
    this.reader = reader;
    this.queue = queue;
    this.custody = custody;
    this.delivery = delivery;
    this.retries = retries;
  }

  /** Returns how long to wait before something is replayed; 0 if it is time. */
  long nanosToNext() {
    return queue.isDraining() || !custody.hasPending()
        ? Long.MAX_VALUE
        : Math.max(0, nextTry - System.nanoTime());
  }

  /** Takes note that the sink has stored other records than those of the spool. */
  void othersStored() {
    othersStored = true;
  }

  /** Tries to store what is oldest in the spool. What fails stays there for a while. */
  void replayNext() {
    try {
      if (pending == null) {
        pending = reader.get();
      }
      Batch batch = pending.next();
      if (batch != null) {
        replay(pending, batch);
      }
    } catch (IOException e) {
      putOff("was not asked, since the spool cannot be read", e);
    }
  }

  /** Returns for how many nanoseconds records of the spool have been in hand; 0 if none are. */
  long nanosInHand() {
    OptionalLong start = replayStart;
    return start.isPresent() ? System.nanoTime() - start.getAsLong() : 0;
  }

  private void replay(PendingRecords records, Batch batch) {
    replayStart = OptionalLong.of(System.nanoTime());
    custody.replayed(batch);
    Outcome outcome = delivery.deliver(batch.all(), Effort.WHILE_IDLE);
    if (outcome == Outcome.EXHAUSTED && isOwnFault()) {
      outcome = delivery.refuse(batch.all().slice(custody.settled(), batch.rows()));
    }
    if (outcome == Outcome.ABANDONED) {
      return;
    }
    records.advance(custody.settled());
    custody.deferred();
    replayStart = OptionalLong.empty();
    if (outcome == Outcome.SETTLED) {
      failures = 0;
      failuresWhileOthersAreStored = 0;
    } else {
      putOff("failed", Objects.requireNonNull(delivery.lastFailure()));
    }
  }

  /** Tells whether the sink is well: it stored something else between the failures. */
  private boolean isOwnFault() {
    if (othersStored) {
      othersStored = false;
      failuresWhileOthersAreStored++;
    }
    return failuresWhileOthersAreStored >= retries.maxAttempts();
  }

  private void putOff(String what, Throwable failure) {
    nextTry = System.nanoTime() + retries.logFailure(what, failure, ++failures);
  }
}
