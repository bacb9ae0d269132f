package dev.ingest.sink;

import java.io.Serial;
import org.jspecify.annotations.Nullable;

/**
 * A sink's failure, which tells whether a retry may help.
 *
 * <p>The server logs the message and the cause as they are. A driver's message may quote the URI or
 * the password that the driver was given: a sink that has secrets checks what it passes on.
 */
public final class SinkException extends Exception {
  @Serial private static final long serialVersionUID = 1;

  /** Whether the same call may succeed later. */
  private final boolean retryable;

  private SinkException(String message, boolean retryable, @Nullable Throwable cause) {
    super(message, cause);
    this.retryable = retryable;
  }

  /**
   * Makes a failure that may be over later: the server tries again by its retry policy.
   *
   * @param message what was wrong, with the value, what was expected, and what to do
   * @return the exception to throw
   */
  public static SinkException retryable(String message) {
    return new SinkException(message, true, null);
  }

  /**
   * Makes a failure that may be over later: the server tries again by its retry policy.
   *
   * @param message what was wrong, with the value, what was expected, and what to do
   * @param cause what the sink met
   * @return the exception to throw
   */
  public static SinkException retryable(String message, Throwable cause) {
    return new SinkException(message, true, cause);
  }

  /**
   * Makes a failure that no retry helps: the server looks for the records that are at fault.
   *
   * @param message what was wrong, with the value, what was expected, and what to do
   * @return the exception to throw
   */
  public static SinkException permanent(String message) {
    return new SinkException(message, false, null);
  }

  /**
   * Makes a failure that no retry helps: the server looks for the records that are at fault.
   *
   * @param message what was wrong, with the value, what was expected, and what to do
   * @param cause what the sink met
   * @return the exception to throw
   */
  public static SinkException permanent(String message, Throwable cause) {
    return new SinkException(message, false, cause);
  }

  /**
   * Tells whether the same call may succeed later.
   *
   * @return true for {@link #retryable}, false for {@link #permanent}
   */
  public boolean isRetryable() {
    return retryable;
  }
}
