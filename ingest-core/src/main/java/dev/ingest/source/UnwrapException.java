package dev.ingest.source;

import java.io.Serial;

/**
 * Tells that a message is not wrapped as an {@link Unwrap} expects. Without a stack trace, since a
 * sender decides how many there are.
 */
public final class UnwrapException extends Exception {
  @Serial private static final long serialVersionUID = 1;

  /**
   * Makes an exception.
   *
   * @param message what was found, and what was expected
   */
  public UnwrapException(String message) {
    super(message, null, false, false);
  }
}
