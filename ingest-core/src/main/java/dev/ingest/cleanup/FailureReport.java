package dev.ingest.cleanup;

import dev.ingest.cleanup.CleanupRegistry.Action;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Passes failures to the reporter that was set, or else prints them to {@code System.err}, by
 * {@link ErrorOutput}. Never throws.
 */
final class FailureReport {
  /** Null until one is set. */
  volatile @Nullable BiConsumer<? super Action, ? super Throwable> reporter;

  void report(Action action, Throwable failure) {
    BiConsumer<? super Action, ? super Throwable> chosen = reporter;
    try {
      if (chosen == null) {
        print("Cleanup action ", action, failure);
      } else {
        chosen.accept(action, failure);
      }
    } catch (Throwable reportersOwn) {
      if (chosen != null) {
        printQuietly("Cleanup action ", action, failure);
        printQuietly("Reporter of cleanup failures ", chosen, reportersOwn);
      }
    }
  }

  private static void printQuietly(String what, Object culprit, Throwable failure) {
    try {
      print(what, culprit, failure);
    } catch (Throwable ignored) {
      // There is no memory for the text, say: there is nowhere left to report to.
    }
  }

  /** Prints one block, as a whole. */
  private static void print(String what, Object culprit, Throwable failure) {
    StringWriter block = new StringWriter();
    block.append(what).append(name(culprit)).append(" failed: ");
    try {
      failure.printStackTrace(new PrintWriter(block, true));
    } catch (Throwable unprintable) {
      block.append(failure.getClass().getName());
      block.append(", whose stack trace cannot be printed because that throws ");
      block.append(unprintable.getClass().getName()).append(System.lineSeparator());
    }
    ErrorOutput.print(block.toString());
  }

  private static String name(Object culprit) {
    try {
      return String.valueOf(culprit);
    } catch (Throwable unprintable) {
      return culprit.getClass().getName();
    }
  }
}
