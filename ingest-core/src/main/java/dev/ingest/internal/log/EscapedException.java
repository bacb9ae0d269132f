package dev.ingest.internal.log;

import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Set;

/**
 * Is logged in place of an exception in whose text there are {@link Unprintable unprintable}
 * characters, or in that of one of its causes: has the same stack traces, and the text escaped.
 */
final class EscapedException extends Exception {
  private static final long serialVersionUID = 1;

  private EscapedException(String text) {
    super(text);
  }

  /** Returns what to log for an exception: that itself if all of its text can be printed. */
  static Throwable of(Throwable failure) {
    return isPrintable(failure, newSet()) ? failure : escaped(failure, newSet());
  }

  private static Set<Throwable> newSet() {
    return Collections.newSetFromMap(new IdentityHashMap<>());
  }

  private static boolean isPrintable(Throwable failure, Set<Throwable> seen) {
    if (!seen.add(failure)) {
      return true;
    }
    String text = failure.toString();
    boolean printable = Unprintable.escape(text).equals(text);
    for (Throwable suppressed : failure.getSuppressed()) {
      printable = printable && isPrintable(suppressed, seen);
    }
    Throwable cause = failure.getCause();
    return printable && (cause == null || isPrintable(cause, seen));
  }

  private static Throwable escaped(Throwable failure, Set<Throwable> seen) {
    Throwable copy = new EscapedException(Unprintable.escape(failure.toString()));
    copy.setStackTrace(failure.getStackTrace());
    if (seen.add(failure)) { // or it is its own cause
      for (Throwable suppressed : failure.getSuppressed()) {
        copy.addSuppressed(escaped(suppressed, seen));
      }
      Throwable cause = failure.getCause();
      if (cause != null) {
        copy.initCause(escaped(cause, seen));
      }
    }
    return copy;
  }

  /** Returns the text of the exception in whose place this is. */
  @Override
  @SuppressWarnings("OverrideThrowableToString") // that text begins with the name of its class
  public String toString() {
    return String.valueOf(getMessage());
  }
}
