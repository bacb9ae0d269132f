package dev.ingest.sqlite;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Logs what a sink cannot throw, since it is no failure of a write. A thread of its own gives each
 * line to the host's logger, so that one that hangs holds the writer up for at most a second. While
 * it hangs, further lines are left out: they are rare. During the shutdown of the JVM lines go to
 * standard error as well, since {@code java.util.logging} shuts down at the same time.
 */
final class Notices {
  private static final Logger LOGGER = System.getLogger("dev.ingest.sqlite");
  private static final long WAIT_MILLIS = TimeUnit.SECONDS.toMillis(1);

  private static @Nullable Thread last;

  private Notices() {}

  static void warn(String text) {
    log(Level.WARNING, text);
  }

  static void error(String text) {
    log(Level.ERROR, text);
  }

  private static synchronized void log(Level level, String text) {
    if (last != null && last.isAlive()) {
      return;
    }
    String line = text.replaceAll("\\p{Cntrl}", "?"); // a file's name may hold anything
    boolean exiting = isExiting();
    Thread thread =
        new Thread(
            () -> {
              LOGGER.log(level, line);
              if (exiting) {
                System.err.println(line);
              }
            },
            "ingest-sqlite-log");
    thread.setDaemon(true);
    thread.start();
    last = thread;
    try {
      thread.join(WAIT_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static boolean isExiting() {
    try {
      Thread none = new Thread();
      Runtime.getRuntime().addShutdownHook(none);
      Runtime.getRuntime().removeShutdownHook(none);
      return false;
    } catch (IllegalStateException e) {
      return true;
    }
  }
}
