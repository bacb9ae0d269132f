package dev.ingest.cleanup;

import dev.ingest.cleanup.CleanupRegistry.Action;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * The run at the JVM's exit, as the hook sees it: it starts a runner, which runs the actions like
 * any other run, and watches. The hook's own thread runs no code of a user, because the JVM ends
 * when it returns, and it must be able to return.
 *
 * <p>Two things keep a thread from ever finishing its action:
 *
 * <ul>
 *   <li>It called {@code System.exit}. While the JVM exits that blocks for ever on the lock of
 *       {@code java.lang.Shutdown}; and a thread that called it first, from within an ordinary run,
 *       waits for this hook. Either shows in its stack. Its run is taken from it, and the runner,
 *       or a new one if it was the runner, goes on with the other actions. The lost thread stays
 *       where it is.
 *   <li>It hangs. Then the deadline, if there is one, ends the exit run.
 * </ul>
 *
 * <p>From the deadline on the hook takes at most {@value #REPORT_MILLIS} ms for the reports, and as
 * much again if the reporter that was set is what hangs.
 *
 * <p>Nothing reachable from here uses a lambda, a string concatenation or any other {@code
 * invokedynamic}, and {@link ExitHook} has loaded the classes: at the exit the files that they come
 * from may be gone.
 */
final class ExitRun implements Runnable {
  /** How often the hook looks at the running thread. */
  private static final long LOOK_MILLIS = 20;

  /** How long a report at the deadline may take. */
  private static final long REPORT_MILLIS = 1_000;

  private final CleanupRegistry registry;

  ExitRun(CleanupRegistry registry) {
    this.registry = registry;
  }

  @Override
  public void run() {
    long start = System.nanoTime();
    Duration deadline = registry.deadline;
    long limit = deadline == null ? Long.MAX_VALUE : nanos(deadline);
    StatusGuard.post();
    Thread runner = startRunner();
    while (runner != null && !ends(runner, millisToWait(limit - (System.nanoTime() - start)))) {
      takeOverFromExitingThread();
      if (isInSystemExit(runner)) {
        runner = startRunner();
      } else if (deadline != null && System.nanoTime() - start >= limit) {
        giveUp(deadline);
        return;
      }
    }
    if (!registry.pending.isClosed()) {
      // No thread can be had, or an Error in the library ended the runner: without one, then.
      registry.drain(true, null);
    }
  }

  private void takeOverFromExitingThread() {
    Run run = registry.pending.running();
    if (run != null && isInSystemExit(run.thread)) {
      IllegalStateException reason =
          new IllegalStateException(
              "it called System.exit, which does not return; the other actions run without it");
      reason.setStackTrace(run.thread.getStackTrace());
      Unfinished unfinished = new Unfinished(registry.report);
      unfinished.addRunning(run, reason);
      StatusGuard.post();
      registry.pending.abandon(run, unfinished.isEmpty() ? null : unfinished);
    }
  }

  /** Interrupts what runs, and says what did not end and what did not begin. */
  private void giveUp(Duration deadline) {
    List<Action> left = new ArrayList<>();
    Run run = registry.pending.giveUp(left);
    Unfinished unfinished = new Unfinished(registry.report);
    if (run != null) {
      Throwable reason = timeout("it was still running and is interrupted", deadline);
      reason.setStackTrace(run.thread.getStackTrace());
      unfinished.addRunning(run, reason);
    }
    Throwable reason = timeout("it did not run", deadline);
    reason.setStackTrace(new StackTraceElement[0]);
    for (Action action : left) {
      unfinished.addPending(action, reason);
    }
    Thread toInterrupt = run == null ? null : run.thread;
    boolean said = say(new LastReport(toInterrupt, unfinished, registry.report));
    if (!said && registry.report.reporter != null) {
      say(new LastReport(null, unfinished, new FailureReport()));
    }
  }

  private static boolean say(LastReport last) {
    Thread thread = start(last, "ingest-cleanup-report");
    if (thread == null) {
      last.run();
      return true;
    }
    return ends(thread, REPORT_MILLIS);
  }

  private static Throwable timeout(String what, Duration deadline) {
    return new TimeoutException(
        what.concat(": the exit's cleanup has a deadline of ").concat(deadline.toString()));
  }

  private @Nullable Thread startRunner() {
    return start(new Runner(registry), "ingest-cleanup-runner");
  }

  /** Starts a daemon thread; null if there is no memory for one more. */
  private static @Nullable Thread start(Runnable task, String name) {
    try {
      Thread thread = ExitHook.newThread(task, name, true);
      thread.start();
      return thread;
    } catch (OutOfMemoryError noThread) {
      return null;
    }
  }

  /** Waits for a thread's end; false if it still lives after that time. */
  private static boolean ends(Thread thread, long millis) {
    try {
      thread.join(millis);
    } catch (InterruptedException e) {
      // Someone interrupts every thread that there is. The hook has its own limits.
    }
    return !thread.isAlive();
  }

  private static boolean isInSystemExit(Thread thread) {
    if (thread.getState() == Thread.State.RUNNABLE) {
      return false;
    }
    for (StackTraceElement frame : thread.getStackTrace()) {
      if (frame.getClassName().equals("java.lang.Shutdown")
          && frame.getMethodName().equals("exit")) {
        return true;
      }
    }
    return false;
  }

  /** From 1 to LOOK_MILLIS: 0 would be for ever to {@link Thread#join(long)}. */
  private static long millisToWait(long nanosLeft) {
    return Math.max(1, Math.min(LOOK_MILLIS, nanosLeft / 1_000_000));
  }

  private static long nanos(Duration deadline) {
    try {
      return deadline.toNanos();
    } catch (ArithmeticException moreThan292Years) {
      return Long.MAX_VALUE;
    }
  }

  /** Runs the actions, and closes the registry when none is left. */
  static final class Runner implements Runnable {
    private final CleanupRegistry registry;

    Runner(CleanupRegistry registry) {
      this.registry = registry;
    }

    @Override
    public void run() {
      registry.drain(true, null);
    }
  }

  /**
   * Speaks at the deadline. Not on the hook's thread, since an interrupt (of a channel's user), a
   * reporter, a {@code toString} and {@code System.err} can all hang.
   */
  static final class LastReport implements Runnable {
    private final @Nullable Thread toInterrupt;
    private final Unfinished unfinished;
    private final FailureReport report;

    LastReport(@Nullable Thread toInterrupt, Unfinished unfinished, FailureReport report) {
      this.toInterrupt = toInterrupt;
      this.unfinished = unfinished;
      this.report = report;
    }

    @Override
    public void run() {
      if (toInterrupt != null) {
        toInterrupt.interrupt();
      }
      unfinished.reportTo(report);
    }
  }
}
