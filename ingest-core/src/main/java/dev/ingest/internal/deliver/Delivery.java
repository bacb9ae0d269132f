package dev.ingest.internal.deliver;

import dev.ingest.internal.batch.BatchQueue;
import dev.ingest.internal.batch.Rows;
import dev.ingest.internal.custody.Custody;
import dev.ingest.internal.deadletter.DeadLetter;
import dev.ingest.internal.deadletter.DeadLetters;
import dev.ingest.internal.jfr.FlightRecording;
import dev.ingest.internal.jfr.WriteEvents;
import dev.ingest.internal.log.Log;
import dev.ingest.internal.log.RateLimitedLog;
import dev.ingest.record.JournalPosition;
import dev.ingest.stats.DropReason;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Objects;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Writes rows to the sink until they are settled.
 *
 * <p>A write that fails is tried again while a retry may help. Rows that the sink refuses are
 * halved, and each half is written by itself, from the first to the last, until the records that
 * are at fault stand alone and become dead letters. What is still to be written is a stack of row
 * ranges, the first on top. Only the writer thread uses it.
 */
final class Delivery {
  private static final Logger LOGGER = Log.of("dev.ingest.deliver");

  /** How much is done for rows whose write fails though a retry may help. */
  enum Effort {
    /** They are tried again as often as the retry policy allows. */
    PATIENT,
    /** They are tried again as often, but only until there is something better to do. */
    WHILE_IDLE,
    /** They are not tried again: they count as refused. */
    ONCE
  }

  /** What became of rows. */
  enum Outcome {
    /** Each is stored, a dead letter or dropped. */
    SETTLED,
    /** The sink does not take them as they are. */
    REFUSED,
    /** Their attempts are used up, though a retry may still help. */
    EXHAUSTED,
    /** The queue was abandoned meanwhile. */
    ABANDONED
  }

  private final SinkCalls calls;
  private final SinkHealth health;
  private final BatchQueue queue;
  private final Retries retries;
  private final Custody custody;
  private final DeadLetters deadLetters;
  private final RateLimitedLog refusedLog = new RateLimitedLog(LOGGER, Level.ERROR);

  Delivery(
      SinkCalls calls,
      SinkHealth health,
      BatchQueue queue,
      Retries retries,
      Custody custody,
      DeadLetters deadLetters) {
    this.calls = calls;
    this.health = health;
    this.queue = queue;
    this.retries = retries;
    this.custody = custody;
    this.deadLetters = deadLetters;
  }

  /** Returns what the last write threw; null if it stored its rows. */
  @Nullable Throwable lastFailure() {
    return health.lastFailure();
  }

  /**
   * Writes rows of the batch in hand.
   *
   * @return never {@link Outcome#REFUSED}
   */
  Outcome deliver(Rows rows, Effort effort) {
    Deque<Rows> open = new ArrayDeque<>();
    push(rows, open);
    return deliver(open, effort);
  }

  /**
   * Settles rows of the batch in hand that the last write did not store, and that are not to be
   * tried again as they are.
   *
   * @return {@link Outcome#SETTLED} or {@link Outcome#ABANDONED}
   */
  Outcome refuse(Rows rows) {
    Deque<Rows> open = new ArrayDeque<>();
    return refuse(rows, open) ? deliver(open, Effort.ONCE) : Outcome.ABANDONED;
  }

  private Outcome deliver(Deque<Rows> open, Effort effort) {
    while (!open.isEmpty()) {
      if (queue.isAbandoned()) {
        return Outcome.ABANDONED; // what is open may be salvaged by now
      }
      Rows rows = open.pop();
      Outcome outcome = write(rows, effort);
      if (outcome == Outcome.REFUSED) {
        outcome = refuse(rows, open) ? Outcome.SETTLED : Outcome.ABANDONED;
      }
      if (outcome != Outcome.SETTLED) {
        return outcome;
      }
    }
    return Outcome.SETTLED;
  }

  /** Writes rows until they are stored, or there is a reason to end that. */
  private Outcome write(Rows rows, Effort effort) {
    for (int attempt = 1; ; attempt++) {
      boolean wasDraining = queue.isDraining();
      Throwable failure = tryToWrite(rows);
      if (failure == null) {
        if (attempt > 1) {
          LOGGER.log(Level.INFO, "the sink stores again, after failed tries: " + (attempt - 1));
        }
        return Outcome.SETTLED;
      }
      if (queue.isAbandoned()) {
        return Outcome.ABANDONED;
      }
      if (effort == Effort.ONCE || !SinkCalls.mayHelpToRetry(failure)) {
        return Outcome.REFUSED;
      }
      if (attempt >= retries.maxAttempts() || (effort == Effort.WHILE_IDLE && queue.hasWork())) {
        return Outcome.EXHAUSTED;
      }
      long nanos = retries.logFailure("failed", failure, attempt);
      BooleanSupplier over =
          () ->
              queue.isDraining() != wasDraining || (effort == Effort.WHILE_IDLE && queue.hasWork());
      if (!queue.pause(nanos, over)) {
        return Outcome.ABANDONED;
      }
      if (queue.isDraining() != wasDraining) {
        attempt = 0; // the time left for the drain is short: start again with short pauses
      }
    }
  }

  /** Calls the sink once, and settles the rows if it has stored them; returns what it threw. */
  private @Nullable Throwable tryToWrite(Rows rows) {
    WriteEvents events = FlightRecording.isOn() ? WriteEvents.begun() : null;
    long start = System.nanoTime();
    Throwable failure = calls.failureOf(sink -> sink.write(rows));
    long nanos = System.nanoTime() - start;
    if (events != null) {
      events.returned();
    }
    health.note(failure);
    int size = rows.size();
    if (failure == null) {
      custody.stored(rows, nanos);
    } else {
      custody.called(failure);
    }
    if (events != null) {
      events.commit(size, failure);
    }
    return failure;
  }

  /**
   * Deals with rows that the sink refuses: puts their halves on the stack, or makes a dead letter
   * of a single one.
   *
   * @return false if it is too late for that
   */
  private boolean refuse(Rows rows, Deque<Rows> open) {
    int size = rows.size();
    if (size == 1) {
      return deadLetter(rows, Objects.requireNonNull(lastFailure()));
    }
    push(rows.slice(size / 2, size), open);
    push(rows.slice(0, size / 2), open);
    return true;
  }

  /**
   * Puts rows on the stack: in two ranges if only the first of them are on disk. Rows of which some
   * have a position and others have none have none together, and what the sink has stored could not
   * be told from what it has not, after a crash.
   */
  private static void push(Rows rows, Deque<Rows> open) {
    int onDisk = rows.onDisk();
    if (onDisk > 0 && onDisk < rows.size()) {
      open.push(rows.slice(onDisk, rows.size()));
      open.push(rows.slice(0, onDisk));
    } else {
      open.push(rows);
    }
  }

  private boolean deadLetter(Rows row, Throwable failure) {
    Optional<DropReason> dropped =
        deadLetters.write(
            new DeadLetter(
                row.source(0),
                row.readFrom(0).map(JournalPosition::toString).orElse(null),
                row.arrival(0),
                DeadLetter.REFUSED,
                failure.toString(),
                ByteBuffer.wrap(row.json(0))));
    boolean inTime =
        dropped.isPresent() ? custody.dropped(row, dropped.get()) : custody.deadLettered(row);
    refusedLog.event(
        () ->
            "the sink refused a record for good, and it is "
                + dropped.map(reason -> "dropped (" + reason + "): ").orElse("a dead letter now: ")
                + failure);
    return inTime;
  }
}
