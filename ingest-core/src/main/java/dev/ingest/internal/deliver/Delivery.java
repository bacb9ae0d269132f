package dev.ingest.internal.deliver;

import dev.ingest.internal.batch.BatchQueue;
import dev.ingest.internal.batch.Rows;
import dev.ingest.internal.deadletter.DeadLetterFile;
import dev.ingest.internal.ledger.Ledger;
import dev.ingest.internal.ledger.RateLimitedLog;
import dev.ingest.record.DropReason;
import dev.ingest.sink.Sink;
import dev.ingest.sink.SinkException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.IntToLongFunction;
import org.jspecify.annotations.Nullable;

/**
 * Writes rows to the sink until they are settled.
 *
 * <p>A write that fails is tried again while a retry may help. One that fails for good is halved,
 * and each half is written on its own, from the first to the last, until the records that are at
 * fault stand alone and become dead letters. Only the writer thread uses it.
 */
final class Delivery {
  private static final Logger LOGGER = System.getLogger("dev.ingest.deliver");

  /** What became of rows. */
  enum Outcome {
    /** Each is stored, a dead letter or dropped. */
    SETTLED,
    /** Their attempts are used up, though a retry may still help. */
    GIVEN_UP,
    /** The queue was abandoned meanwhile. */
    ABANDONED
  }

  private final Sink sink;
  private final BatchQueue queue;
  private final int maxAttempts;
  private final IntToLongFunction delayNanos;
  private final Ledger ledger;
  private final @Nullable DeadLetterFile deadLetters;
  private final InHand inHand;
  private final RateLimitedLog retryLog = new RateLimitedLog(LOGGER, Level.WARNING);
  private final RateLimitedLog refusedLog = new RateLimitedLog(LOGGER, Level.ERROR);
  private volatile @Nullable Throwable lastFailure;

  Delivery(
      Sink sink,
      BatchQueue queue,
      int maxAttempts,
      IntToLongFunction delayNanos,
      Ledger ledger,
      @Nullable DeadLetterFile deadLetters,
      InHand inHand) {
    this.sink = sink;
    this.queue = queue;
    this.maxAttempts = maxAttempts;
    this.delayNanos = delayNanos;
    this.ledger = ledger;
    this.deadLetters = deadLetters;
    this.inHand = inHand;
  }

  /** What the last write threw; null if it stored its rows. Any thread. */
  @Nullable Throwable lastFailure() {
    return lastFailure;
  }

  /** Writes rows, as often as the retry policy allows. */
  Outcome deliver(Rows rows) {
    return deliver(rows, maxAttempts, false);
  }

  /** Writes rows likewise, but gives up as soon as there is something better to do. */
  Outcome deliverIfIdle(Rows rows) {
    return deliver(rows, maxAttempts, true);
  }

  /** Settles rows that the last write did not store, and that are not to be tried again. */
  Outcome refuse(Rows rows) {
    Throwable failure = lastFailure;
    return failure == null ? Outcome.SETTLED : refuse(rows, failure, this::deliverOrRefuse);
  }

  private Outcome deliver(Rows rows, int attempts, boolean ifIdle) {
    boolean draining = queue.isDraining();
    for (int attempt = 1; ; attempt++) {
      Throwable failure = write(rows);
      if (failure == null) {
        if (attempt > 1) {
          LOGGER.log(Level.INFO, "the sink stores again, after failed tries: " + (attempt - 1));
        }
        return Outcome.SETTLED;
      }
      if (queue.isAbandoned()) {
        return Outcome.ABANDONED;
      }
      if (!isRetryable(failure)) {
        return refuse(rows, failure, half -> deliver(half, attempts, ifIdle));
      }
      if (attempt >= attempts || (ifIdle && queue.hasWork())) {
        return Outcome.GIVEN_UP;
      }
      if (!queue.pause(sayRetry("failed", failure, attempt), draining, ifIdle)) {
        return Outcome.ABANDONED;
      }
      if (!draining && queue.isDraining()) {
        draining = true;
        attempt = 0; // the time left for the drain is short: start again with short pauses
      }
    }
  }

  private Outcome deliverOrRefuse(Rows rows) {
    Outcome outcome = deliver(rows, 1, false);
    return outcome == Outcome.GIVEN_UP ? refuse(rows) : outcome;
  }

  /** Lets the sink store rows, once; null if it did, or what it threw. */
  private @Nullable Throwable write(Rows rows) {
    Throwable failure = null;
    try {
      sink.write(rows);
      inHand.settle(rows, () -> ledger.persisted(rows.size()));
    } catch (Throwable t) {
      failure = t;
    } finally {
      forgetInterrupt();
    }
    lastFailure = failure;
    return failure;
  }

  /** A flag that the sink left behind is not meant for the pause or for the sink's next call. */
  void forgetInterrupt() {
    if (!queue.isAbandoned()) {
      Thread.interrupted();
    }
  }

  static boolean isRetryable(Throwable failure) {
    return failure instanceof SinkException e ? e.isRetryable() : failure instanceof Exception;
  }

  /** Says that a try failed; gives the nanoseconds until the next. */
  long sayRetry(String what, Throwable failure, int failures) {
    long nanos = delayNanos.applyAsLong(failures);
    retryLog.event(
        1,
        () ->
            "the sink "
                + what
                + ", try "
                + failures
                + "; the next follows in "
                + TimeUnit.NANOSECONDS.toMillis(nanos)
                + " ms: "
                + failure);
    return nanos;
  }

  private Outcome refuse(Rows rows, Throwable failure, Function<Rows, Outcome> deliverHalf) {
    int size = rows.size();
    if (size == 1) {
      return deadLetter(rows, failure) ? Outcome.SETTLED : Outcome.ABANDONED;
    }
    Outcome first = deliverHalf.apply(rows.slice(0, size / 2));
    return first == Outcome.SETTLED ? deliverHalf.apply(rows.slice(size / 2, size)) : first;
  }

  private boolean deadLetter(Rows row, Throwable failure) {
    byte[] payload = row.payload(0);
    boolean written =
        deadLetters != null
            && deadLetters.write(
                "REFUSED", failure.toString(), row.source(0), payload, 0, payload.length);
    DropReason reason = deadLetters == null ? DropReason.REFUSED : DropReason.DEAD_LETTER_FAILED;
    boolean inTime =
        inHand.settle(row, written ? ledger::deadLettered : () -> ledger.dropped(reason, 1));
    refusedLog.event(
        1,
        () ->
            "the sink refused a record for good, and it is "
                + (written ? "a dead letter now: " : "dropped (" + reason + "): ")
                + failure);
    return inTime;
  }
}
