package dev.ingest.internal.deliver;

import dev.ingest.internal.batch.Batch;
import dev.ingest.internal.batch.BatchQueue;
import dev.ingest.internal.batch.Rows;
import dev.ingest.internal.deadletter.DeadLetterFile;
import dev.ingest.internal.ledger.Ledger;
import dev.ingest.internal.ledger.RateLimitedLog;
import dev.ingest.record.DropReason;
import dev.ingest.record.Schema;
import dev.ingest.sink.Sink;
import dev.ingest.sink.SinkException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.IntToLongFunction;
import org.jspecify.annotations.Nullable;

/**
 * The writer thread, the sink's only caller: opens it, writes batch after batch until the queue is
 * sealed and empty, closes it.
 *
 * <p>A write that fails is tried again while a retry may help. One that fails for good is halved,
 * and each half is written on its own, until the records that are at fault stand alone and become
 * dead letters.
 *
 * <p>The queue is {@linkplain BatchQueue#abandon abandoned} when the time for the drain is over.
 * Then the writer stops at the next return of the sink, and what it has not stored stays in the
 * queue's account.
 */
public final class Writer implements Runnable {
  private static final Logger LOGGER = System.getLogger("dev.ingest.deliver");

  private final Sink sink;
  private final Schema schema;
  private final BatchQueue queue;
  private final int maxAttempts;
  private final IntToLongFunction delayNanos;
  private final Ledger ledger;
  private final @Nullable DeadLetterFile deadLetters;
  private final CompletableFuture<@Nullable Void> opened = new CompletableFuture<>();
  private volatile @Nullable Throwable lastFailure;
  private final RateLimitedLog retryLog = new RateLimitedLog(LOGGER, Level.WARNING);
  private final RateLimitedLog refusedLog = new RateLimitedLog(LOGGER, Level.ERROR);

  /**
   * Makes a writer that does not run yet.
   *
   * @param maxAttempts the most tries of a write, the first included
   * @param delayNanos the pause after so many failed tries
   */
  public Writer(
      Sink sink,
      Schema schema,
      BatchQueue queue,
      int maxAttempts,
      IntToLongFunction delayNanos,
      Ledger ledger,
      @Nullable DeadLetterFile deadLetters) {
    this.sink = sink;
    this.schema = schema;
    this.queue = queue;
    this.maxAttempts = maxAttempts;
    this.delayNanos = delayNanos;
    this.ledger = ledger;
    this.deadLetters = deadLetters;
  }

  /** Completes when the sink is open, or with what its {@code open} threw. */
  public CompletableFuture<@Nullable Void> opened() {
    return opened;
  }

  /** What the last write threw; null if it stored its rows. Any thread. */
  public @Nullable Throwable lastFailure() {
    return lastFailure;
  }

  @Override
  public void run() {
    try {
      sink.open(schema);
    } catch (Throwable t) {
      opened.completeExceptionally(t);
      return;
    }
    forgetInterrupt();
    opened.complete(null);
    try {
      writeAll();
    } finally {
      close();
    }
  }

  private void writeAll() {
    Batch batch;
    while ((batch = queue.take()) != null && deliver(batch.all(), maxAttempts)) {
      queue.recycle(batch);
    }
  }

  /** Settles every row, one way or the other; false if the queue was abandoned before. */
  private boolean deliver(Rows rows, int attempts) {
    boolean draining = queue.isDraining();
    for (int attempt = 1; ; attempt++) {
      Throwable failure = write(rows);
      lastFailure = failure;
      if (failure == null) {
        if (attempt > 1) {
          LOGGER.log(Level.INFO, "the sink stores again, after failed tries: " + (attempt - 1));
        }
        return true;
      }
      if (queue.isAbandoned()) {
        return false;
      }
      if (!isRetryable(failure)) {
        return refuse(rows, failure, attempts);
      }
      if (attempt >= attempts) {
        return refuse(rows, failure, 1);
      }
      if (!pause(failure, attempt, draining)) {
        return false;
      }
      if (!draining && queue.isDraining()) {
        draining = true;
        attempt = 0; // the time left for the drain is short: start again with short pauses
      }
    }
  }

  /** Lets the sink store rows, once; null if it did, or what it threw. */
  private @Nullable Throwable write(Rows rows) {
    try {
      sink.write(rows);
      ledger.persisted(rows.size());
      return null;
    } catch (Throwable failure) {
      return failure;
    } finally {
      forgetInterrupt();
    }
  }

  /** A flag that the sink left behind is not meant for the pause or for the sink's next call. */
  private void forgetInterrupt() {
    if (!queue.isAbandoned()) {
      Thread.interrupted();
    }
  }

  private static boolean isRetryable(Throwable failure) {
    return failure instanceof SinkException e ? e.isRetryable() : failure instanceof Exception;
  }

  private boolean pause(Throwable failure, int failures, boolean draining) {
    long nanos = delayNanos.applyAsLong(failures);
    retryLog.event(
        1,
        () ->
            "the sink failed, try "
                + failures
                + "; the next follows in "
                + TimeUnit.NANOSECONDS.toMillis(nanos)
                + " ms: "
                + failure);
    return queue.pause(nanos, draining);
  }

  private boolean refuse(Rows rows, Throwable failure, int attempts) {
    int size = rows.size();
    if (size == 1) {
      deadLetter(rows, failure);
      return true;
    }
    return deliver(rows.slice(0, size / 2), attempts)
        && deliver(rows.slice(size / 2, size), attempts);
  }

  private void deadLetter(Rows row, Throwable failure) {
    byte[] payload = row.payload(0);
    if (deadLetters == null) {
      ledger.dropped(DropReason.REFUSED, 1);
    } else if (deadLetters.write(
        "REFUSED", failure.toString(), row.source(0), payload, 0, payload.length)) {
      ledger.deadLettered();
    } else {
      ledger.dropped(DropReason.DEAD_LETTER_FAILED, 1);
    }
    refusedLog.event(
        1,
        () ->
            "the sink refused a record for good, and it is "
                + (deadLetters == null
                    ? "dropped, since no dead-letter file is set: "
                    : "a dead letter now: ")
                + failure);
  }

  private void close() {
    try {
      sink.close();
    } catch (Throwable t) {
      LOGGER.log(Level.ERROR, "closing the sink failed; what it had stored stays stored", t);
    }
  }
}
