package dev.ingest.internal.deliver;

import dev.ingest.internal.batch.BatchQueue;
import dev.ingest.sink.Sink;
import dev.ingest.sink.SinkException;
import org.jspecify.annotations.Nullable;

/** Calls the sink, and survives whatever it throws. Only the writer thread uses it. */
final class SinkCalls {
  private final Sink sink;
  private final BatchQueue queue;
  private volatile boolean calling;

  /** One call of the sink. */
  @FunctionalInterface
  interface Call {
    void on(Sink sink) throws Exception;
  }

  SinkCalls(Sink sink, BatchQueue queue) {
    this.sink = sink;
    this.queue = queue;
  }

  /** Calls the sink; returns what the call threw, or null if it returned normally. */
  @Nullable Throwable failureOf(Call call) {
    calling = true;
    try {
      call.on(sink);
      return null;
    } catch (Throwable t) {
      return t;
    } finally {
      calling = false;
      if (!queue.isAbandoned()) {
        // A flag that the sink left behind is not meant for a pause or for the sink's next call.
        Thread.interrupted();
      }
    }
  }

  /** Tells whether the sink has not returned yet. Any thread. */
  boolean areOpen() {
    return calling;
  }

  /** Tells whether the same call may succeed later. */
  static boolean mayHelpToRetry(Throwable failure) {
    return failure instanceof SinkException e ? e.isRetryable() : failure instanceof Exception;
  }
}
