package dev.ingest.internal.deliver;

import dev.ingest.internal.log.Log;
import dev.ingest.internal.log.RateLimitedLog;
import dev.ingest.policy.RetryPolicy;
import java.lang.System.Logger.Level;
import java.util.concurrent.TimeUnit;

/** The retry policy, with a log line for each failed try. */
final class Retries {
  private final RetryPolicy policy;
  private final RateLimitedLog log =
      new RateLimitedLog(Log.of("dev.ingest.deliver"), Level.WARNING);

  Retries(RetryPolicy policy) {
    this.policy = policy;
  }

  /** Returns the most attempts to write the same records. */
  int maxAttempts() {
    return policy.maxAttempts();
  }

  /**
   * Logs that a try failed.
   *
   * @param what what the sink did
   * @param failures how many tries have failed so far
   * @return the pause before the next try, in nanoseconds
   */
  long logFailure(String what, Throwable failure, int failures) {
    long nanos = policy.delayNanos(failures);
    log.event(
        () ->
            "the sink "
                + what
                + ", try "
                + failures
                + "; the next follows in "
                + TimeUnit.NANOSECONDS.toMillis(nanos)
                + " ms: "
                + failure);
    return nanos;
  }
}
