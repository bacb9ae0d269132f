package dev.ingest.internal.deliver;

import org.jspecify.annotations.Nullable;

/**
 * How the sink does, by what became of the last call to open it or to write to it. It fails from a
 * call that threw though a retry may help until a call that did not throw; one that refuses records
 * changes nothing. Used by the writer thread.
 */
final class SinkHealth {
  private final SinkSettings settings;
  private boolean failing;
  private volatile @Nullable Throwable lastFailure;

  SinkHealth(SinkSettings settings) {
    this.settings = settings;
  }

  /** Takes note of what a call threw; null if it returned normally. */
  void note(@Nullable Throwable failure) {
    lastFailure = failure;
    if (failure == null) {
      if (failing) {
        failing = false;
        settings.works().run();
      }
    } else if (SinkCalls.mayHelpToRetry(failure)) {
      failing = true;
      settings.failed().accept(failure);
    }
  }

  /** Returns what the last call threw; null if it returned normally. Any thread. */
  @Nullable Throwable lastFailure() {
    return lastFailure;
  }
}
