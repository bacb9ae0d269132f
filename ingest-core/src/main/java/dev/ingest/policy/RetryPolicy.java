package dev.ingest.policy;

import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.ThreadLocalRandom;

/**
 * How often, and after which pauses, a failed write is tried again. The pause doubles with every
 * failure, up to a limit, and is then shortened by a random part of it, the jitter, so that several
 * servers do not come back to one database in step. Immutable.
 */
public final class RetryPolicy {
  /** The number of attempts unless set: no limit. */
  public static final int UNLIMITED = Integer.MAX_VALUE;

  /** The first pause unless set, in milliseconds: {@value}. */
  public static final long DEFAULT_FIRST_DELAY_MILLIS = 100;

  /** The longest pause unless set, in milliseconds: {@value}. */
  public static final long DEFAULT_MAX_DELAY_MILLIS = 10_000;

  /** The jitter unless set: {@value} of the pause. */
  public static final double DEFAULT_JITTER = 0.5;

  private static final Duration LONGEST = Duration.ofDays(1);

  private final int maxAttempts;
  private final Duration firstDelay;
  private final Duration maxDelay;
  private final double jitter;

  private RetryPolicy(Builder builder) {
    this.maxAttempts = builder.maxAttempts;
    this.firstDelay = builder.firstDelay;
    this.maxDelay = builder.maxDelay;
    this.jitter = builder.jitter;
  }

  /**
   * Returns a builder with every setting at its default.
   *
   * @return a builder
   */
  public static Builder builder() {
    return new Builder();
  }

  /**
   * Returns the pause before the next attempt: another one at each call, because of the jitter.
   *
   * @param failures how many attempts have failed so far, at least 1
   * @return from no time to the longest pause, in nanoseconds
   */
  public long delayNanos(int failures) {
    long delay = firstDelay.toNanos();
    long limit = maxDelay.toNanos();
    for (int i = 1; i < failures && delay < limit; i++) {
      delay *= 2;
    }
    delay = Math.min(delay, limit);
    return delay - (long) (delay * jitter * ThreadLocalRandom.current().nextDouble());
  }

  /**
   * Returns the most attempts to write the same records.
   *
   * @return at least 1; {@link #UNLIMITED} unless set
   */
  public int maxAttempts() {
    return maxAttempts;
  }

  @Override
  public String toString() {
    return "RetryPolicy[maxAttempts="
        + (maxAttempts == UNLIMITED ? "unlimited" : maxAttempts)
        + ", firstDelay="
        + firstDelay
        + ", maxDelay="
        + maxDelay
        + ", jitter="
        + jitter
        + ']';
  }

  /** Collects the settings of a policy. Not thread-safe; the order of the calls does not matter. */
  public static final class Builder {
    private int maxAttempts = UNLIMITED;
    private Duration firstDelay = Duration.ofMillis(DEFAULT_FIRST_DELAY_MILLIS);
    private Duration maxDelay = Duration.ofMillis(DEFAULT_MAX_DELAY_MILLIS);
    private double jitter = DEFAULT_JITTER;

    private Builder() {}

    /**
     * The most attempts to write the same records, the first included. After the last one the batch
     * goes to the spool, and is tried again later. Without a spool, or if that cannot be written,
     * or if the batch fails as often again, each time after other records were stored, the records
     * count as refused: the batch is halved, with one attempt for each part, and a record that
     * still fails alone becomes a dead letter, or is dropped if there is no dead-letter file.
     *
     * @param attempts from 1; {@link RetryPolicy#UNLIMITED} unless set
     * @return this builder
     * @throws IllegalArgumentException if it is less than 1
     */
    public Builder maxAttempts(int attempts) {
      if (attempts < 1) {
        throw new IllegalArgumentException("maxAttempts is " + attempts + ": expected at least 1");
      }
      maxAttempts = attempts;
      return this;
    }

    /**
     * The pause after the first failure, before jitter.
     *
     * @param delay from 1 ms to 1 day; {@value RetryPolicy#DEFAULT_FIRST_DELAY_MILLIS} ms unless
     *     set
     * @return this builder
     * @throws IllegalArgumentException if it is outside the range
     */
    public Builder firstDelay(Duration delay) {
      firstDelay = checked("firstDelay", delay);
      return this;
    }

    /**
     * The longest pause, before jitter.
     *
     * @param delay from 1 ms to 1 day, at least the first delay; {@value
     *     RetryPolicy#DEFAULT_MAX_DELAY_MILLIS} ms unless set
     * @return this builder
     * @throws IllegalArgumentException if it is outside the range
     */
    public Builder maxDelay(Duration delay) {
      maxDelay = checked("maxDelay", delay);
      return this;
    }

    /**
     * The largest part of a pause that is left out at random.
     *
     * @param part from 0, for none, to 1; {@value RetryPolicy#DEFAULT_JITTER} unless set
     * @return this builder
     * @throws IllegalArgumentException if it is outside the range
     */
    public Builder jitter(double part) {
      if (!(part >= 0 && part <= 1)) {
        throw new IllegalArgumentException("jitter is " + part + ": expected 0 to 1");
      }
      jitter = part;
      return this;
    }

    /**
     * Makes the policy.
     *
     * @return the policy
     * @throws IllegalArgumentException if the first delay is longer than the longest
     */
    public RetryPolicy build() {
      if (firstDelay.compareTo(maxDelay) > 0) {
        throw new IllegalArgumentException(
            "firstDelay is " + firstDelay + ": expected at most maxDelay, which is " + maxDelay);
      }
      return new RetryPolicy(this);
    }

    private static Duration checked(String setting, Duration delay) {
      Objects.requireNonNull(delay, setting);
      if (delay.compareTo(Duration.ofMillis(1)) < 0 || delay.compareTo(LONGEST) > 0) {
        throw new IllegalArgumentException(setting + " is " + delay + ": expected 1 ms to 1 day");
      }
      return delay;
    }
  }
}
