package dev.ingest.internal.server;

import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/**
 * The states of a server, which it goes through from the first to the last, and the waits for them.
 * A server that fails to start, or is closed before, skips some. Thread-safe.
 */
public final class Lifecycle {
  private enum State {
    NEW,
    STARTING,
    RUNNING,
    CLOSING,
    /** The drain is over and the final account is there. */
    CLOSED,
    /** The listener has returned and the registration is gone. */
    DONE
  }

  private final CompletableFuture<Void> startCancelled = new CompletableFuture<>();
  private State state = State.NEW; // guarded by this object, which is notified of every change

  /** Fails when the server is closed during its start, which is to end then. */
  public CompletableFuture<?> startCancelled() {
    return startCancelled;
  }

  /** Begins the start; returns false if the server was started or closed before. */
  public synchronized boolean beginStart() {
    if (state != State.NEW) {
      return false;
    }
    moveOnTo(State.STARTING);
    return true;
  }

  /** Ends a start that succeeded. */
  public synchronized void started() {
    moveOnTo(State.RUNNING);
  }

  /**
   * Begins the close. If the server is starting, this ends the start and waits for that.
   *
   * @return true for the one caller that is to close the server
   */
  public synchronized boolean beginClose() {
    if (state == State.STARTING) {
      startCancelled.completeExceptionally(new CancellationException());
      awaitBeyond(State.STARTING, Long.MAX_VALUE);
    }
    if (state.compareTo(State.CLOSING) >= 0) {
      return false;
    }
    moveOnTo(State.CLOSING);
    return true;
  }

  /** Ends the drain. */
  public synchronized void closed() {
    moveOnTo(State.CLOSED);
  }

  /** Ends everything. */
  public synchronized void done() {
    moveOnTo(State.DONE);
  }

  /**
   * Waits until the drain is over, and after that some time for {@link #done}. An interrupt does
   * not end the wait; the flag is kept.
   */
  public synchronized void awaitClosedAndDone(long doneNanos) {
    awaitBeyond(State.CLOSING, Long.MAX_VALUE);
    awaitBeyond(State.CLOSED, doneNanos);
  }

  /**
   * Waits for {@link #done}.
   *
   * @throws InterruptedException if the thread is interrupted meanwhile
   */
  public synchronized void awaitDone() throws InterruptedException {
    while (state != State.DONE) {
      wait();
    }
  }

  private void moveOnTo(State next) {
    state = next;
    notifyAll();
  }

  private void awaitBeyond(State earlier, long nanos) {
    long deadline = System.nanoTime() + nanos;
    boolean interrupted = false;
    for (long left = nanos;
        state.compareTo(earlier) <= 0 && left > 0;
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
