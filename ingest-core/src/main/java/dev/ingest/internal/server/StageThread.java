package dev.ingest.internal.server;

import dev.ingest.cleanup.CleanupRegistry;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** A daemon thread that runs a stage of one server. Waiting for its end is not interruptible. */
final class StageThread extends Thread {
  private static final long LOOK_EVERY_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

  private final Object server;

  /**
   * Makes a thread that does not run yet.
   *
   * @param server whose it is; compared by identity
   * @param failed called on the thread with what the stage threw
   */
  StageThread(String name, Object server, Runnable stage, Consumer<Throwable> failed) {
    super(stage, name);
    this.server = server;
    setDaemon(true);
    setUncaughtExceptionHandler((thread, failure) -> failed.accept(failure));
  }

  /** Tells whether a thread runs a stage of a server, so that it must not wait for the drain. */
  static boolean isOf(Object server, Thread thread) {
    return thread instanceof StageThread stage && stage.server == server;
  }

  /**
   * Waits for the end of threads.
   *
   * @param deadline in the time of {@link System#nanoTime}
   * @return whether all have ended
   */
  static boolean awaitEnd(List<StageThread> threads, long deadline) {
    boolean ended = true;
    for (StageThread thread : threads) {
      ended &= thread.awaitEnd(deadline - System.nanoTime());
    }
    return ended;
  }

  /** Waits for the end, keeping an interrupt for later; returns whether the thread has ended. */
  boolean awaitEnd(long nanos) {
    long deadline = System.nanoTime() + nanos;
    boolean interrupted = false;
    while (true) {
      try {
        TimeUnit.NANOSECONDS.timedJoin(this, deadline - System.nanoTime());
        break;
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
    return !isAlive();
  }

  /**
   * Waits for the end, or until the thread has called System.exit, which never returns.
   *
   * @param deadline in the time of {@link System#nanoTime}
   * @return whether the thread has ended
   */
  boolean awaitEndOrExit(long deadline) {
    long left = deadline - System.nanoTime();
    while (isAlive() && left > 0 && !CleanupRegistry.hasCalledExit(this)) {
      awaitEnd(Math.min(left, LOOK_EVERY_NANOS));
      left = deadline - System.nanoTime();
    }
    return !isAlive();
  }

  /**
   * Interrupts the thread until it ends: more than once, since a sink may clear the flag.
   *
   * @return whether the thread has ended
   */
  boolean interruptUntilEnd(long nanos) {
    long deadline = System.nanoTime() + nanos;
    boolean ended = false;
    while (!ended && System.nanoTime() - deadline < 0) {
      interrupt();
      ended = awaitEnd(LOOK_EVERY_NANOS);
    }
    return ended;
  }

  /** Returns an exception with the stack of this thread, as the cause of a message. */
  Throwable position() {
    Throwable position = new IllegalStateException(this + " is still here");
    position.setStackTrace(getStackTrace());
    return position;
  }
}
