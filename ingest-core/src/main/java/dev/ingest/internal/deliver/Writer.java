package dev.ingest.internal.deliver;

import dev.ingest.internal.batch.Batch;
import dev.ingest.internal.batch.BatchQueue;
import dev.ingest.internal.custody.Custody;
import dev.ingest.internal.deadletter.DeadLetterFile;
import dev.ingest.internal.deadletter.DeadLetters;
import dev.ingest.internal.decode.Decoder;
import dev.ingest.internal.deliver.Delivery.Effort;
import dev.ingest.internal.deliver.Delivery.Outcome;
import dev.ingest.internal.log.Log;
import dev.ingest.internal.log.RateLimitedLog;
import java.io.Closeable;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The writer thread, the sink's only caller: opens the sink, delivers batch after batch until the
 * queue is over, closes the sink.
 *
 * <p>While no batch waits, the {@link Replayer} replays what is in the spool, so that fresh data is
 * held up no longer than by one batch. A batch whose attempts are used up is deferred to the spool,
 * since the sink may be down.
 *
 * <p>The queue is {@linkplain BatchQueue#abandon abandoned} when the time for the drain is over.
 * Then the writer stops at the next return of the sink, and the closing thread salvages what is
 * left.
 */
public final class Writer implements Runnable, Closeable {
  private final BatchQueue queue;
  private final Custody custody;
  private final SinkCalls calls;
  private final SinkHealth health;
  private final SinkOpener opener;
  private final Delivery delivery;
  private final Replayer replayer;
  private final UnreadableLines unreadable;
  private final RateLimitedLog forgetLog =
      new RateLimitedLog(Log.of("dev.ingest.deliver"), Level.WARNING);

  /**
   * Makes a writer that does not run yet.
   *
   * @param decoders makes the decoder for what is read back from the spool
   * @param opener opens the file for lines of the spool that cannot be read back
   */
  public Writer(
      SinkSettings settings,
      BatchQueue queue,
      Custody custody,
      DeadLetters deadLetters,
      Supplier<Decoder> decoders,
      DeadLetterFile.Opener opener) {
    Retries retries = new Retries(settings.retryPolicy());
    this.queue = queue;
    this.custody = custody;
    this.calls = new SinkCalls(settings.sink(), queue);
    this.health = new SinkHealth(settings);
    this.opener = new SinkOpener(settings, calls, health, queue, retries, custody);
    this.delivery = new Delivery(calls, health, queue, retries, custody, deadLetters);
    this.unreadable = new UnreadableLines(custody, deadLetters, opener);
    this.replayer =
        new Replayer(
            () -> new PendingRecords(custody, decoders.get(), unreadable, queue),
            queue,
            custody,
            delivery,
            retries);
  }

  /** Completes when the sink is open, or with what the sink's {@code open} threw. */
  public CompletableFuture<@Nullable Void> opened() {
    return opener.opened();
  }

  /** Returns what the last open or write threw; null if it did not throw. Any thread. */
  public @Nullable Throwable lastFailure() {
    return health.lastFailure();
  }

  /** Tells whether the sink has not returned from a call yet. Any thread. */
  public boolean isInSink() {
    return calls.areOpen();
  }

  /** Returns for how long records of the spool have been in hand; 0 if none are. Any thread. */
  public long replayNanos() {
    return replayer.nanosInHand();
  }

  @Override
  public void run() {
    if (opener.open()) {
      try {
        deliverAll();
      } finally {
        opener.close();
      }
    }
  }

  private void deliverAll() {
    while (!queue.isOver()) {
      if (!deliverNext()) {
        return;
      }
    }
    if (!queue.isAbandoned()) {
      custody.sealSegments(); // nothing more comes
      forgetRemovedSegments();
    }
  }

  /**
   * Waits for a batch, and settles it or defers what is left; or replays some of the spool. A
   * method of its own, which the JVM compiles after some seconds of a trickle; a loop it would
   * interpret for minutes.
   *
   * @return false if the queue was abandoned before
   */
  private boolean deliverNext() {
    Batch batch = queue.take(replayer.nanosToNext());
    if (batch != null) {
      if (!deliver(batch)) {
        return false;
      }
      queue.recycle(batch);
    } else if (replayer.nanosToNext() == 0) {
      replayer.replayNext();
    }
    forgetRemovedSegments();
    return true;
  }

  /**
   * Settles a batch, or defers what is left of it.
   *
   * @return false if the queue was abandoned before
   */
  private boolean deliver(Batch batch) {
    custody.take(batch);
    Outcome outcome = delivery.deliver(batch.all(), Effort.PATIENT);
    if (outcome == Outcome.SETTLED) {
      replayer.othersStored();
    } else if (outcome == Outcome.EXHAUSTED && !custody.deferred()) {
      outcome = delivery.refuse(batch.all().slice(custody.settled(), batch.rows()));
    }
    if (outcome == Outcome.ABANDONED) {
      return false;
    }
    custody.release();
    return true;
  }

  private void forgetRemovedSegments() {
    for (String segment : custody.takeRemovedSegments()) {
      Throwable failure = calls.failureOf(sink -> sink.forget(segment));
      if (failure != null) {
        forgetLog.event(
            () ->
                "the sink could not forget what it knows of "
                    + segment
                    + ", which takes room in it and does no other harm: "
                    + failure);
      }
    }
  }

  /** Closes the writer's own file of dead letters. For the closing thread, at the very end. */
  @Override
  public void close() throws IOException {
    unreadable.close();
  }
}
