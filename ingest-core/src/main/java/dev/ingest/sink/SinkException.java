package dev.ingest.sink;

import java.io.Serial;

/** A sink's failure, with the word whether a retry may help. */
public class SinkException extends Exception {
  @Serial private static final long serialVersionUID = 1;

  /** Whether the same write may succeed later. */
  private final boolean retryable;

  /**
   * Makes a failure without a cause.
   *
   * @param message what was wrong, with the value, what was expected, and what to do
   * @param retryable whether the same write may succeed later
   */
  public SinkException(String message, boolean retryable) {
    super(message);
    this.retryable = retryable;
  }

  /**
   * Makes a failure with a cause.
   *
   * @param message what was wrong, with the value, what was expected, and what to do
   * @param retryable whether the same write may succeed later
   * @param cause what the sink met
   */
  public SinkException(String message, boolean retryable, Throwable cause) {
    super(message, cause);
    this.retryable = retryable;
  }

  /**
   * Whether the same write may succeed later. If so the server tries again by its retry policy; if
   * not it looks for the records that are at fault.
   *
   * @return true if a retry may help
   */
  public boolean isRetryable() {
    return retryable;
  }
}
