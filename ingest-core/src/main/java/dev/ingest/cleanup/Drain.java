package dev.ingest.cleanup;

import dev.ingest.cleanup.CleanupRegistry.Action;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Empties a registry on the calling thread: pops an action, runs it, reports its failure. */
final class Drain {
  private final PendingActions pending;
  private final FailureReport report;

  Drain(PendingActions pending, FailureReport report) {
    this.pending = pending;
    this.report = report;
  }

  /**
   * Runs actions until none is left. Each starts with the interrupt flag cleared.
   *
   * @param failures gets what they throw, in order; null to report it only
   */
  void run(Run.Then then, @Nullable List<Throwable> failures) {
    RunEvent event = RunEvent.Recorder.begin(then);
    Run run = pending.begin(then);
    boolean interrupted = false;
    try {
      for (Action action = pending.next(run); action != null; action = pending.next(run)) {
        interrupted |= Thread.interrupted();
        Throwable failure = failureOf(action);
        interrupted |= Thread.interrupted() || failure instanceof InterruptedException;
        if (event != null) {
          event.ran(failure);
        }
        if (failure != null) {
          report.report(action, failure);
          if (failures != null) {
            failures.add(failure);
          }
        }
      }
      if (event != null) {
        event.commit();
      }
    } finally {
      pending.leave(run);
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private static @Nullable Throwable failureOf(Action action) {
    try {
      action.run();
      return null;
    } catch (Throwable failure) {
      return failure;
    }
  }
}
