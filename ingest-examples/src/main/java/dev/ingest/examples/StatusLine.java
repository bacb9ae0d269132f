package dev.ingest.examples;

import java.io.PrintStream;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import picocli.CommandLine.Help.Ansi;

/**
 * A line at the end of a terminal that is written again and again, and gives way to other lines.
 * There is none if standard output is no terminal. Thread-safe: who prints anything else holds the
 * lock of this object, and calls {@link #clear} first.
 */
final class StatusLine {
  private static final long SECONDS = 3;

  /** Erases to the end of the line, which a carriage return has gone back to the beginning of. */
  private static final String ERASE = "\033[K";

  /** Cuts off what is longer than the terminal is wide: a second line would not be erased. */
  private static final String NO_WRAP = "\033[?7l";

  private static final String WRAP = "\033[?7h";

  private final PrintStream out;
  private final CountDownLatch ended = new CountDownLatch(1);
  private boolean shown;

  StatusLine(PrintStream out) {
    this.out = out;
  }

  /** Shows a line now and then on a daemon thread, if there is a terminal. */
  void repeat(Supplier<String> line) {
    if (!Ansi.AUTO.enabled()) {
      return;
    }
    Thread thread =
        new Thread(
            () -> {
              try {
                while (!ended.await(SECONDS, TimeUnit.SECONDS)) {
                  show(line.get());
                }
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
            },
            "status-line");
    thread.setDaemon(true);
    thread.start();
  }

  private synchronized void show(String line) {
    if (ended.getCount() > 0) {
      out.print("\r" + NO_WRAP + line + ERASE + WRAP);
      out.flush();
      shown = true;
    }
  }

  /** Removes the line, so that another one can stand there. It comes back with its next showing. */
  synchronized void clear() {
    if (shown) {
      out.print("\r" + ERASE);
      out.flush();
      shown = false;
    }
  }

  /** Removes the line for ever. */
  synchronized void end() {
    ended.countDown();
    clear();
  }
}
