package dev.ingest.cleanup;

import java.util.concurrent.locks.LockSupport;

/**
 * Keeps an action's {@code System.exit} from changing the exit status.
 *
 * <p>Such a call blocks on the monitor of {@code java.lang.Shutdown}, which the thread that runs
 * the shutdown hooks owns. After {@code System.exit} or a signal that thread never gives it back.
 * After main has returned it does, once the hooks are through; whoever gets the monitor then, while
 * the JVM is being torn down, halts it with its own status. So a guard waits in the same queue,
 * gets the monitor first and keeps it. HotSpot wakes the newest waiter up to JDK 24 and the oldest
 * one from 25 on, hence one guard before the first action, and one behind each thread that is stuck
 * there. On a JVM without a class of that name there is no guard.
 */
final class StatusGuard implements Runnable {
  private static final long PATIENCE_NANOS = 100_000_000;

  private final Class<?> monitor;

  private StatusGuard(Class<?> monitor) {
    this.monitor = monitor;
  }

  /** Puts one more guard into the queue. To be called from a shutdown hook only. */
  static void post() {
    try {
      Class<?> monitor = Class.forName("java.lang.Shutdown");
      Thread guard = ExitHook.newThread(new StatusGuard(monitor), "ingest-cleanup-guard", true);
      guard.start();
      long start = System.nanoTime();
      while (guard.getState() != Thread.State.BLOCKED
          && System.nanoTime() - start < PATIENCE_NANOS) {
        Thread.onSpinWait();
      }
    } catch (ClassNotFoundException | OutOfMemoryError e) {
      // Then the JVM decides the race.
    }
  }

  @Override
  public void run() {
    synchronized (monitor) {
      while (true) {
        LockSupport.park(this);
      }
    }
  }
}
