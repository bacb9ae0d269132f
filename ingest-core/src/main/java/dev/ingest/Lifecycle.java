package dev.ingest;

import dev.ingest.internal.server.ServerLife;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/** The status of a server, why it ends, and the waits for that. Thread-safe. */
final class Lifecycle implements ServerLife {
  private final StatusReporter reporter;
  private final CompletableFuture<Void> startCancelled = new CompletableFuture<>();

  // Guarded by this object, which is notified of every change.
  private ServerStatus status = ServerStatus.NEW;
  private @Nullable Throwable sinkFailure;
  private @Nullable Ending ending;

  /** Whether the close's listener has returned and the registration is gone. */
  private boolean done;

  Lifecycle(StatusReporter reporter) {
    this.reporter = reporter;
  }

  synchronized ServerStatus status() {
    return status;
  }

  /** Refuses what needs a server that was started, or is closed. */
  synchronized void checkStarted(Object server) {
    if (status.compareTo(ServerStatus.STARTING) <= 0) {
      throw new IllegalStateException(
          server + " is " + status + ": expected a server that was started, by start()");
    }
  }

  synchronized boolean isReady() {
    return status == ServerStatus.RUNNING || status == ServerStatus.SINK_FAILING;
  }

  /** Returns why the server ends, which is the first reason that there was; null before. */
  synchronized @Nullable Ending ending() {
    return ending;
  }

  /** Sets why the server ends, if there was no reason before. */
  synchronized void endFor(Ending why) {
    if (ending == null) {
      ending = why;
    }
  }

  /** Returns what the server failed of, or what the sink threw last while it fails. */
  synchronized Optional<Throwable> failure() {
    return Optional.ofNullable(ending)
        .map(Ending::failure)
        .or(() -> Optional.ofNullable(status == ServerStatus.SINK_FAILING ? sinkFailure : null));
  }

  @Override
  public CompletableFuture<?> startCancelled() {
    return startCancelled;
  }

  @Override
  public synchronized void sinkFailed(Throwable failure) {
    sinkFailure = failure;
    if (status == ServerStatus.RUNNING) {
      moveOnTo(ServerStatus.SINK_FAILING);
    }
  }

  @Override
  public synchronized void sinkWorks() {
    sinkFailure = null;
    if (status == ServerStatus.SINK_FAILING) {
      moveOnTo(ServerStatus.RUNNING);
    }
  }

  /** Begins the start; returns false if the server was started or closed before. */
  synchronized boolean beginStart() {
    if (status != ServerStatus.NEW) {
      return false;
    }
    moveOnTo(ServerStatus.STARTING);
    return true;
  }

  /** Ends a start that succeeded. */
  synchronized void started() {
    moveOnTo(sinkFailure == null ? ServerStatus.RUNNING : ServerStatus.SINK_FAILING);
  }

  /**
   * Begins the close. If the server is starting, this ends the start and waits for that.
   *
   * @return true for the one caller that is to close the server
   */
  synchronized boolean beginClose() {
    if (status == ServerStatus.STARTING) {
      startCancelled.completeExceptionally(new CancellationException());
      await(() -> status != ServerStatus.STARTING, Long.MAX_VALUE);
    }
    if (status.compareTo(ServerStatus.CLOSING) >= 0) {
      return false;
    }
    moveOnTo(ServerStatus.CLOSING);
    return true;
  }

  /** Ends the drain. */
  synchronized void closed() {
    moveOnTo(ServerStatus.CLOSED);
    sinkFailure = null;
  }

  /** Ends everything. */
  synchronized void done() {
    done = true;
    notifyAll();
  }

  /**
   * Waits until the drain is over, and after that some time for {@link #done}. An interrupt does
   * not end the wait; the flag is kept.
   */
  synchronized void awaitClosedAndDone(long doneNanos) {
    await(() -> status == ServerStatus.CLOSED, Long.MAX_VALUE);
    await(() -> done, doneNanos);
  }

  /**
   * Waits until the drain is over.
   *
   * @param deadline when to wait no longer, in the time of {@link System#nanoTime}
   * @return whether it is over
   * @throws InterruptedException if the thread is interrupted meanwhile
   */
  synchronized boolean awaitClosed(long deadline) throws InterruptedException {
    long left = deadline - System.nanoTime();
    while (status != ServerStatus.CLOSED && left > 0) {
      TimeUnit.NANOSECONDS.timedWait(this, left);
      left = deadline - System.nanoTime();
    }
    return status == ServerStatus.CLOSED;
  }

  /**
   * Waits for {@link #done}.
   *
   * @throws InterruptedException if the thread is interrupted meanwhile
   */
  synchronized void awaitDone() throws InterruptedException {
    while (!done) {
      wait();
    }
  }

  private void moveOnTo(ServerStatus next) {
    ServerStatus before = status;
    status = next;
    notifyAll();
    reporter.changed(new StatusChange(before, next, failure().orElse(null)));
  }

  /** Waits, keeping an interrupt for later. */
  private void await(BooleanSupplier condition, long nanos) {
    long deadline = System.nanoTime() + nanos;
    boolean interrupted = false;
    for (long left = nanos;
        !condition.getAsBoolean() && left > 0;
        left = deadline - System.nanoTime()) {
      try {
        TimeUnit.NANOSECONDS.timedWait(this, left);
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
