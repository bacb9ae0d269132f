package dev.ingest.internal.deliver;

import dev.ingest.internal.batch.BatchQueue;
import dev.ingest.internal.custody.Custody;
import dev.ingest.internal.log.Log;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** Opens the sink, asks it what it has stored already, and closes it. On the writer thread. */
final class SinkOpener {
  private static final Logger LOGGER = Log.of("dev.ingest.deliver");

  private final SinkSettings settings;
  private final SinkCalls calls;
  private final SinkHealth health;
  private final BatchQueue queue;
  private final Retries retries;
  private final Custody custody;
  private final CompletableFuture<@Nullable Void> opened = new CompletableFuture<>();

  SinkOpener(
      SinkSettings settings,
      SinkCalls calls,
      SinkHealth health,
      BatchQueue queue,
      Retries retries,
      Custody custody) {
    this.settings = settings;
    this.calls = calls;
    this.health = health;
    this.queue = queue;
    this.retries = retries;
    this.custody = custody;
  }

  /** Completes when the sink is open, or with what the sink's {@code open} threw. */
  CompletableFuture<@Nullable Void> opened() {
    return opened;
  }

  /**
   * Opens the sink, with more than one try if the server may start without it.
   *
   * @return false if the sink is not open
   */
  boolean open() {
    for (int attempt = 1; ; attempt++) {
      boolean wasDraining = queue.isDraining();
      Throwable failure = tryToOpen();
      custody.called(failure);
      health.note(failure);
      if (failure == null) {
        if (attempt > 1) {
          LOGGER.log(Level.INFO, "the sink is open, after failed tries: " + (attempt - 1));
        }
        opened.complete(null);
        return true;
      }
      if (!settings.startWithoutSink()) {
        opened.completeExceptionally(failure);
        return false;
      }
      if (!SinkCalls.mayHelpToRetry(failure)) {
        throw new IllegalStateException("cannot open the sink: " + failure, failure);
      }
      long nanos = retries.logFailure("could not be opened", failure, attempt);
      if (!queue.pause(nanos, () -> queue.isDraining() != wasDraining)) {
        return false;
      }
      if (queue.isDraining() != wasDraining) {
        attempt = 0; // the time left for the drain is short: start again with short pauses
      }
    }
  }

  private @Nullable Throwable tryToOpen() {
    Throwable failure = calls.failureOf(sink -> sink.open(settings.schema()));
    if (failure == null) {
      failure = askWhatIsStored();
      if (failure != null) {
        close();
      }
    }
    return failure;
  }

  /** A run that ended in a crash may have stored records that it could no longer settle. */
  private @Nullable Throwable askWhatIsStored() {
    return calls.failureOf(
        sink -> {
          for (String segment : custody.recoveredSegments()) {
            custody.alreadyStored(segment, sink.stored(segment));
          }
        });
  }

  void close() {
    Throwable failure = calls.failureOf(sink -> sink.close());
    if (failure != null) {
      LOGGER.log(Level.ERROR, "closing the sink failed; what it had stored stays stored", failure);
    }
  }
}
