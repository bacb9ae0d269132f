package dev.ingest.cleanup;

import dev.ingest.cleanup.CleanupRegistry.Action;
import java.util.ArrayList;
import java.util.List;

/**
 * The report of actions that did not end by themselves, or never began. It is an action, so that it
 * can take its turn among the others.
 */
final class Unfinished implements Action {
  private final List<Action> actions = new ArrayList<>();
  private final List<Throwable> reasons = new ArrayList<>();
  private final FailureReport report;

  Unfinished(FailureReport report) {
    this.report = report;
  }

  /** Adds what a run and those around it are at, innermost first. */
  void addRunning(Run innermost, Throwable reason) {
    for (Run run = innermost; run != null; run = run.outer) {
      Action action = run.current;
      // A report that got stuck is not reported again: that would get stuck, too, and never end.
      if (action != null && !(action instanceof Unfinished)) {
        actions.add(action);
        reasons.add(reason);
      }
    }
  }

  /** Adds an action that did not begin. */
  void addPending(Action action, Throwable reason) {
    if (action instanceof Unfinished unsaid) {
      actions.addAll(unsaid.actions);
      reasons.addAll(unsaid.reasons);
    } else {
      actions.add(action);
      reasons.add(reason);
    }
  }

  boolean isEmpty() {
    return actions.isEmpty();
  }

  @Override
  public void run() {
    reportTo(report);
  }

  void reportTo(FailureReport other) {
    for (int i = 0; i < actions.size(); i++) {
      other.report(actions.get(i), reasons.get(i));
    }
  }
}
