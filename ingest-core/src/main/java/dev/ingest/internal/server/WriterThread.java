package dev.ingest.internal.server;

import dev.ingest.cleanup.CleanupRegistry;
import dev.ingest.internal.deliver.Writer;
import dev.ingest.internal.ledger.Ledger;
import dev.ingest.internal.log.Log;
import dev.ingest.internal.log.Unprintable;
import dev.ingest.sink.Sink;
import dev.ingest.sink.SinkException;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.lang.System.Logger.Level;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/** The writer on its thread, which has the sink object in use until it ends. */
final class WriterThread {
  private static final long LOOK_EVERY_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

  private final Writer writer;
  private final Sink sink;
  private final StageThread thread;

  /**
   * Makes a thread that does not run yet.
   *
   * @param failed called on the thread with what the writer threw
   */
  WriterThread(Writer writer, Sink sink, Ledger ledger, Consumer<Throwable> failed) {
    this.writer = writer;
    this.sink = sink;
    this.thread = new StageThread("ingest-writer", ledger, this::write, failed);
  }

  private void write() {
    try {
      writer.run();
    } finally {
      SinksInUse.end(sink);
    }
  }

  /**
   * Starts the thread, which opens the sink.
   *
   * @param server names itself
   * @throws IllegalStateException if another server has the sink
   */
  void start(Object server) {
    SinksInUse.begin(sink, server);
    try {
      thread.start();
    } catch (Throwable t) {
      SinksInUse.end(sink);
      throw t;
    }
  }

  /**
   * Waits until the sink is open.
   *
   * @param cancel fails if the start is to end
   */
  void awaitSink(CompletableFuture<?> cancel) throws IOException, SinkException {
    try {
      CompletableFuture.anyOf(writer.opened(), cancel).get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException(
          "interrupted while the sink was opened; the server is not started");
    } catch (ExecutionException e) {
      Throwable cause = Objects.requireNonNullElse(e.getCause(), e);
      if (cause instanceof SinkException failure) {
        throw failure;
      }
      if (cancel.isDone()) {
        throw new InterruptedIOException(
            "closed while the sink was opened; the server is not started");
      }
      throw SinkException.permanent("cannot open the sink: " + cause, cause);
    }
  }

  /** Tells whether the sink is open, or could not be opened. */
  boolean hasOpened() {
    return writer.opened().isDone();
  }

  /** Tells whether the sink has not returned from a call yet. */
  boolean isInSink() {
    return writer.isInSink();
  }

  /** Waits like {@link StageThread#awaitEnd(long)}. */
  boolean awaitEnd(long nanos) {
    return thread.awaitEnd(nanos);
  }

  /** Waits like {@link StageThread#awaitEndOrExit}. */
  boolean awaitEndOrExit(long deadline) {
    return thread.awaitEndOrExit(deadline);
  }

  /** Interrupts the thread once, unless it has called System.exit. */
  void interrupt() {
    if (!CleanupRegistry.hasCalledExit(thread)) {
      thread.interrupt();
    }
  }

  /** Interrupts the thread until it ends, at most so long. */
  void interruptUntilEnd(long nanos) {
    thread.interruptUntilEnd(nanos);
  }

  /** Interrupts the thread until it ends, at most to a time and while something holds. */
  void interruptUntilEnd(long deadline, BooleanSupplier still) {
    long left;
    do {
      left = deadline - System.nanoTime();
    } while (left > 0
        && !CleanupRegistry.hasCalledExit(thread)
        && !thread.interruptUntilEnd(Math.min(left, LOOK_EVERY_NANOS))
        && still.getAsBoolean());
  }

  /** Logs where the thread is, if it has not ended. */
  void logIfLeft() {
    if (thread.isAlive() && !CleanupRegistry.hasCalledExit(thread)) {
      String what = isInSink() ? "sink did not return from an interrupt" : "writer did not end";
      Log.of("dev.ingest").log(Level.ERROR, "the " + what, thread.position());
    }
  }

  /**
   * Returns an exception with a message and what kept the sink from storing. The text can be
   * printed: the sink's own may hold what a sender has sent.
   */
  IllegalStateException loss(String message) {
    if (thread.isAlive()) {
      return new IllegalStateException(
          message + (isInSink() ? "the sink did not return, " : "a disk did not answer, ") + thread,
          thread.position());
    }
    Throwable failure = writer.lastFailure();
    return new IllegalStateException(
        message
            + (failure == null
                ? "the sink was too slow; raise drainTimeout()"
                : "the sink failed last with " + Unprintable.escape(failure.toString())));
  }

  /** Returns for how long records of the spool have been in hand; 0 if none are. */
  long replayNanos() {
    return writer.replayNanos();
  }
}
