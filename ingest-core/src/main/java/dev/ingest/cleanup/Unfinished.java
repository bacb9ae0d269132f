package dev.ingest.cleanup;

import dev.ingest.cleanup.CleanupRegistry.Action;
import java.util.ArrayList;
import java.util.List;

/**
 * The report of actions that did not end by themselves, or never began. This report is an action
 * itself, so that it can take its turn among the others.
 */
final class Unfinished implements Action {
  private final List<Action> actions = new ArrayList<>();
  private final List<Throwable> reasons = new ArrayList<>();
  private final FailureReport report;

  Unfinished(FailureReport report) {
    this.report = report;
  }

  /** Adds the current action of a run and of each run around it, innermost first. */
  void addRunning(Run innermost, Throwable reason) {
    for (Run run = innermost; run != null; run = run.outer) {
      Action action = run.current;
      // A report that got stuck is not reported: its report would get stuck as well, without end.
      if (action != null && !(action instanceof Unfinished)) {
        actions.add(action);
        reasons.add(reason);
      }
    }
  }

  /** Adds an action that did not begin; for a report that did not, adds what it was to report. */
  void addPending(Action action, Throwable reason) {
    if (action instanceof Unfinished unreported) {
      actions.addAll(unreported.actions);
      reasons.addAll(unreported.reasons);
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

  /** Reports each action, in the order in which they were added. */
  void reportTo(FailureReport other) {
    for (int i = 0; i < actions.size(); i++) {
      other.report(actions.get(i), reasons.get(i));
    }
  }
}
