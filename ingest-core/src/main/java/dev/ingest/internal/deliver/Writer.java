package dev.ingest.internal.deliver;

import dev.ingest.internal.batch.Batch;
import dev.ingest.internal.batch.BatchQueue;
import dev.ingest.internal.deadletter.DeadLetterFile;
import dev.ingest.internal.deliver.Delivery.Outcome;
import dev.ingest.internal.ledger.Ledger;
import dev.ingest.internal.ledger.RateLimitedLog;
import dev.ingest.internal.spool.Replay;
import dev.ingest.internal.spool.Spool;
import dev.ingest.record.DropReason;
import dev.ingest.record.Schema;
import dev.ingest.sink.Sink;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.function.IntToLongFunction;
import org.jspecify.annotations.Nullable;

/**
 * The writer thread, the sink's only caller: opens it, delivers batch after batch until the queue
 * is sealed and empty, closes it.
 *
 * <p>While no batch waits it replays what is in the spool, a batch at a time, so that fresh data is
 * held up no longer than by one; and not once the drain has begun. A batch whose attempts are used
 * up is deferred to the spool, since the sink may be down. A replay that fails is tried again like
 * any write, but is put off when fresh data comes. If it fails as often as the retry policy allows,
 * each time after other batches were stored, the fault is its own, and its records are refused.
 *
 * <p>The queue is {@linkplain BatchQueue#abandon abandoned} when the time for the drain is over.
 * Then the writer stops at the next return of the sink, and the closing thread takes what is left,
 * by {@link #keepRest}.
 */
public final class Writer implements Runnable {
  private static final Logger LOGGER = System.getLogger("dev.ingest.deliver");

  private final Sink sink;
  private final Schema schema;
  private final BatchQueue queue;
  private final int maxAttempts;
  private final boolean retryOpen;
  private final Ledger ledger;
  private final @Nullable Spool spool;
  private final @Nullable Replay replay;
  private final InHand inHand;
  private final Delivery delivery;
  private final CompletableFuture<@Nullable Void> opened = new CompletableFuture<>();
  private final RateLimitedLog forgetLog = new RateLimitedLog(LOGGER, Level.WARNING);
  private volatile @Nullable Throwable openFailure;

  // How the replay is doing.
  private int replayFailures;
  private long nextReplay = System.nanoTime();
  private int failuresWhileWell;
  private boolean storedOthers;

  /**
   * Makes a writer that does not run yet.
   *
   * @param maxAttempts the most tries of a write, the first included
   * @param delayNanos the pause after so many failed tries
   * @param retryOpen whether to open the sink again if that failed and a retry may help
   * @param spool what is in it is replayed; null if there is none
   */
  public Writer(
      Sink sink,
      Schema schema,
      BatchQueue queue,
      int maxAttempts,
      IntToLongFunction delayNanos,
      boolean retryOpen,
      Ledger ledger,
      @Nullable DeadLetterFile deadLetters,
      @Nullable Spool spool) {
    this.sink = sink;
    this.schema = schema;
    this.queue = queue;
    this.maxAttempts = maxAttempts;
    this.retryOpen = retryOpen;
    this.ledger = ledger;
    this.spool = spool;
    this.replay =
        spool == null ? null : new Replay(spool, schema, queue.batchSize(), ledger, deadLetters);
    this.inHand = new InHand(ledger, spool);
    this.delivery = new Delivery(sink, queue, maxAttempts, delayNanos, ledger, deadLetters, inHand);
  }

  /** Completes when the sink is open, or with what its {@code open} threw. */
  public CompletableFuture<@Nullable Void> opened() {
    return opened;
  }

  /** What the last call of the sink threw; null if it did not throw. Any thread. */
  public @Nullable Throwable lastFailure() {
    Throwable failure = openFailure;
    return failure != null ? failure : delivery.lastFailure();
  }

  @Override
  public void run() {
    if (open()) {
      opened.complete(null);
      try {
        deliverAll();
      } finally {
        close();
      }
    }
  }

  /** Opens the sink, after some tries if it may; false if it is not open. */
  private boolean open() {
    for (int attempt = 1; ; attempt++) {
      boolean draining = queue.isDraining();
      Throwable failure = openOnce();
      openFailure = failure;
      delivery.forgetInterrupt();
      if (failure == null) {
        return true;
      }
      if (!retryOpen) {
        opened.completeExceptionally(failure);
        return false;
      }
      if (!Delivery.isRetryable(failure)) {
        throw new IllegalStateException("cannot open the sink: " + failure, failure);
      }
      long nanos = delivery.sayRetry("could not be opened", failure, attempt);
      if (!queue.pause(nanos, draining, false)) {
        return false;
      }
    }
  }

  private @Nullable Throwable openOnce() {
    try {
      sink.open(schema);
    } catch (Throwable t) {
      return t;
    }
    try {
      askWhatIsStored();
      return null;
    } catch (Throwable t) {
      close();
      return t;
    }
  }

  /** A run that ended in a crash may have stored records that it could not settle any more. */
  private void askWhatIsStored() throws Exception {
    if (spool != null) {
      for (String segment : spool.recoveredSegments()) {
        ledger.recoveredInVain(spool.settleStored(segment, sink.stored(segment)));
      }
    }
  }

  private void deliverAll() {
    while (!queue.isOver()) {
      Batch batch = queue.take(nanosToReplay());
      if (batch != null) {
        if (!deliver(batch)) {
          return;
        }
        queue.recycle(batch);
      } else if (nanosToReplay() == 0) {
        replay();
      }
      forgetRemoved();
    }
    if (spool != null && !queue.isAbandoned()) {
      spool.seal(); // nothing more comes
      forgetRemoved();
    }
  }

  /** Settles a batch, or defers what is left of it; false if the queue was abandoned before. */
  private boolean deliver(Batch batch) {
    inHand.take(batch, false);
    Outcome outcome = delivery.deliver(batch.all());
    storedOthers |= outcome == Outcome.SETTLED;
    if (outcome == Outcome.GIVEN_UP && !inHand.defer()) {
      outcome = delivery.refuse(batch.all().slice(inHand.settled(), batch.rows()));
    }
    if (outcome == Outcome.ABANDONED) {
      return false;
    }
    inHand.release();
    return true;
  }

  /** How long to wait before something is replayed; 0 if it is time. */
  private long nanosToReplay() {
    return spool == null || queue.isDraining() || !spool.hasPending()
        ? Long.MAX_VALUE
        : Math.max(0, nextReplay - System.nanoTime());
  }

  /** Tries once to store what is oldest in the spool. What fails stays there for a while. */
  private void replay() {
    Replay source = Objects.requireNonNull(replay);
    try {
      Batch batch = source.next();
      if (batch != null) {
        replay(source, batch);
      }
    } catch (IOException e) {
      postponeReplay("was not asked, since the spool cannot be read", e);
    }
  }

  private void replay(Replay source, Batch batch) {
    inHand.take(batch, true);
    Outcome outcome = delivery.deliverIfIdle(batch.all());
    if (outcome == Outcome.GIVEN_UP && isOwnFault()) {
      outcome = delivery.refuse(batch.all().slice(inHand.settled(), batch.rows()));
    }
    if (outcome == Outcome.ABANDONED) {
      return;
    }
    source.passed(inHand.settled());
    inHand.defer();
    if (outcome == Outcome.SETTLED) {
      replayFailures = 0;
      failuresWhileWell = 0;
    } else {
      postponeReplay("failed", Objects.requireNonNull(delivery.lastFailure()));
    }
  }

  /** Whether it is not the sink that keeps failing, since it stored something else in between. */
  private boolean isOwnFault() {
    if (storedOthers) {
      storedOthers = false;
      failuresWhileWell++;
    }
    return failuresWhileWell >= maxAttempts;
  }

  private void postponeReplay(String what, Throwable failure) {
    nextReplay = System.nanoTime() + delivery.sayRetry(what, failure, ++replayFailures);
  }

  private void forgetRemoved() {
    if (spool == null) {
      return;
    }
    for (String segment : spool.takeRemoved()) {
      try {
        sink.forget(segment);
      } catch (Throwable t) {
        forgetLog.event(
            1,
            () ->
                "the sink could not forget what it knows of "
                    + segment
                    + ", which takes room in it and does no other harm: "
                    + t);
      } finally {
        delivery.forgetInterrupt();
      }
    }
  }

  private void close() {
    try {
      sink.close();
    } catch (Throwable t) {
      LOGGER.log(Level.ERROR, "closing the sink failed; what it had stored stays stored", t);
    }
  }

  /**
   * Takes what is not settled from the writer and the queue, for the spool if there is one. For the
   * closing thread, once the queue is abandoned or the writer has ended.
   */
  public void keepRest() {
    inHand.surrender();
    Batch left;
    while ((left = queue.evict()) != null) {
      inHand.surrender(left);
    }
    if (spool != null) {
      countGone(spool);
    }
    try {
      if (replay != null) {
        replay.close();
      }
    } catch (IOException e) {
      LOGGER.log(Level.ERROR, "closing the spool's dead letters failed", e);
    }
  }

  /** What is left in the spool must be there for the next start. */
  private void countGone(Spool left) {
    int gone = left.gone();
    if (gone > 0) {
      ledger.replayed(gone);
      ledger.dropped(DropReason.SPOOL_FILE_GONE, gone);
      LOGGER.log(
          Level.ERROR,
          "somebody has removed files from the spool "
              + left.path()
              + ", and with them records that were not stored yet: "
              + gone);
    }
  }
}
