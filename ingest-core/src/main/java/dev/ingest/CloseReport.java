package dev.ingest;

import dev.ingest.internal.log.Log;
import dev.ingest.internal.server.Settings;
import dev.ingest.stats.IngestStats;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** What a host learns at the end of a close: from the log what is left, from its listener all. */
record CloseReport(IngestServer server, Settings settings, Consumer<? super CloseEvent> onClose) {
  private static final Logger LOGGER = Log.of("dev.ingest");

  /**
   * Logs what is left, and calls the listener, whatever fails.
   *
   * @param last the final account
   * @param why why the server was closed; null if it never ran, of which the listener is not told
   */
  void give(IngestStats last, @Nullable Ending why) {
    try {
      logWhatIsLeft(last);
      Log.awaitWritten(); // before the listener, which may end the process
    } finally {
      if (why != null) {
        callListener(new CloseEvent(last, why.reason(), why.failure()));
      }
    }
  }

  private void callListener(CloseEvent event) {
    try {
      onClose.accept(event);
    } catch (Throwable t) {
      LOGGER.log(Level.ERROR, "the onClose listener of " + server + " failed", t);
      Log.awaitWritten();
    }
  }

  private void logWhatIsLeft(IngestStats last) {
    IllegalStateException loss = server.loss();
    if (loss != null) {
      LOGGER.log(Level.ERROR, loss.getMessage(), loss.getCause());
    }
    long spooled = last.records().spooled();
    if (spooled > 0 && settings.spooling() != null) {
      LOGGER.log(
          Level.WARNING,
          spooled
              + " records are left in the spool "
              + settings.spooling().directory()
              + ", for the next server that has it");
    }
  }
}
