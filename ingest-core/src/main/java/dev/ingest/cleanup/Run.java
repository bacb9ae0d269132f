package dev.ingest.cleanup;

import dev.ingest.cleanup.CleanupRegistry.Action;
import org.jspecify.annotations.Nullable;

/**
 * One run in progress: a thread that pops actions and runs them. Guarded by the lock of {@link
 * PendingActions}.
 */
final class Run {
  /** What a run does with the registry once no action is left. */
  enum Then {
    STAY_OPEN,

    /** Refuses registrations from then on. */
    CLOSE
  }

  final Thread thread;

  /** The run whose action started this one on the same thread, or null. */
  final @Nullable Run outer;

  final Then then;

  /** The action popped last, or null before the first. */
  volatile @Nullable Action current;

  Run(Thread thread, @Nullable Run outer, Then then) {
    this.thread = thread;
    this.outer = outer;
    this.then = then;
  }
}
