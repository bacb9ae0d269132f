package dev.ingest.cleanup;

import dev.ingest.cleanup.CleanupRegistry.Action;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * The run at the JVM's exit, as the hook sees it: the hook starts a runner, which runs the actions
 * like any other run, and watches it. The hook's own thread runs no code of a user: the JVM ends
 * when that thread returns, so it must be able to return.
 *
 * <p>Two things keep a thread from ever finishing its action:
 *
 * <ul>
 *   <li>The action called {@code System.exit}. If the JVM was exiting by then, the thread waits for
 *       the lock of {@code java.lang.Shutdown}, which is held until the hooks have ended; if that
 *       call began the exit, from within an ordinary run, the thread waits for this hook. {@link
 *       CleanupRegistry#hasCalledExit} is true of both. The run is taken from the thread, and the
 *       runner, or a new one if the thread was the runner, goes on with the other actions. The lost
 *       thread stays where it is.
 *   <li>The action hangs. Then the deadline, if there is one, ends the exit run.
 * </ul>
 *
 * <p>From the deadline on the hook takes at most {@value #REPORT_MILLIS} ms for the reports, and as
 * much again if it is the reporter that hangs.
 *
 * <p>Nothing reachable from here uses a lambda, a string concatenation or any other {@code
 * invokedynamic}, and {@link ExitHook} has loaded the classes: at the exit their files may be gone.
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
    Thread runner = startRunner();
    while (runner != null && !ends(runner, millisToWait(limit - (System.nanoTime() - start)))) {
      takeOverFromExitingThread();
      if (CleanupRegistry.hasCalledExit(runner)) {
        runner = startRunner();
      } else if (deadline != null && System.nanoTime() - start >= limit) {
        reportUnfinished(deadline);
        return;
      }
    }
    if (!registry.pending.isClosed()) {
      // There is no memory for a thread, or an Error in the library ended the runner.
      registry.drain.run(Run.Then.CLOSE, null);
    }
  }

  /** Takes the run in progress from its thread if that has called System.exit. */
  private void takeOverFromExitingThread() {
    Run run = registry.pending.running();
    if (run != null && CleanupRegistry.hasCalledExit(run.thread)) {
      IllegalStateException reason =
          new IllegalStateException(
              "it called System.exit, which does not return; the other actions run without it");
      reason.setStackTrace(run.thread.getStackTrace());
      Unfinished unfinished = new Unfinished(registry.report);
      unfinished.addRunning(run, reason);
      registry.pending.abandon(run, unfinished.isEmpty() ? null : unfinished);
    }
  }

  /** Interrupts the action that runs, and reports it and those that did not begin. */
  private void reportUnfinished(Duration deadline) {
    List<Action> left = new ArrayList<>();
    Run run = registry.pending.cutOff(left);
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
    boolean reported = reportInTime(new LastReport(toInterrupt, unfinished, registry.report));
    if (!reported && registry.report.reporter != null) {
      reportInTime(new LastReport(null, unfinished, new FailureReport()));
    }
  }

  /** Makes a report. Returns false if the report takes too long. */
  private static boolean reportInTime(LastReport last) {
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

  /** Starts a daemon thread. Returns null if there is no memory for one more. */
  private static @Nullable Thread start(Runnable task, String name) {
    try {
      Thread thread = ExitHook.newThread(task, name);
      thread.setDaemon(true);
      thread.start();
      return thread;
    } catch (OutOfMemoryError noThread) {
      return null;
    }
  }

  /** Waits for a thread's end. Returns false if the thread is still alive after that time. */
  private static boolean ends(Thread thread, long millis) {
    try {
      thread.join(millis);
    } catch (InterruptedException e) {
      // Someone interrupts all threads. The hook keeps to its own limits.
    }
    return !thread.isAlive();
  }

  /** Returns 1 to LOOK_MILLIS: 0 would be for ever to {@link Thread#join(long)}. */
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
      registry.drain.run(Run.Then.CLOSE, null);
    }
  }

  /**
   * The report at the deadline. Not made on the hook's thread, since an interrupt (of a thread that
   * uses a channel), a reporter, a {@code toString} and {@code System.err} can all hang.
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
