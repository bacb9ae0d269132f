package dev.ingest.cleanup;

import dev.ingest.cleanup.CleanupRegistry.Action;
import org.jspecify.annotations.Nullable;

/**
 * One run in progress: a thread that pops actions and runs them. Guarded by the lock of {@link
 * PendingActions}.
 */
final class Run {
  final Thread thread;

  /** The run whose action started this one on the same thread, or null. */
  final @Nullable Run outer;

  /** Whether the registry refuses registrations once this run finds it empty. */
  final boolean thenClose;

  /** The action popped last, or null before the first. */
  volatile @Nullable Action current;

  Run(Thread thread, @Nullable Run outer, boolean thenClose) {
    this.thread = thread;
    this.outer = outer;
    this.thenClose = thenClose;
  }
}
