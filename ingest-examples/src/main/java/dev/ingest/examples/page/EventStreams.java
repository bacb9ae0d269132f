package dev.ingest.examples.page;

import com.sun.net.httpserver.HttpExchange;
import java.io.IOException;
import java.io.OutputStream;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Streams of server-sent events (WHATWG HTML, section 9.2), each on a thread of its own. A stream
 * has no queue: a reader that is slow misses events, and one that takes longer than the answer
 * limit for a single event is disconnected.
 */
final class EventStreams implements AutoCloseable {
  /** How many streams there are at most. */
  static final int MOST = 16;

  private final ThreadPoolExecutor threads =
      new ThreadPoolExecutor(
          0,
          MOST,
          10,
          TimeUnit.SECONDS,
          new SynchronousQueue<>(),
          new DaemonThreads("page-events"));
  private final AnswerLimit limit;
  private final Supplier<byte[]> beginning;

  // Guarded by this.
  private byte @Nullable [] latest;
  private boolean isClosed;

  /**
   * Makes streams.
   *
   * @param beginning gives the events that a new stream begins with
   */
  EventStreams(AnswerLimit limit, Supplier<byte[]> beginning) {
    this.limit = limit;
    this.beginning = beginning;
  }

  /**
   * Begins a stream, and returns at once.
   *
   * @return false if there are {@value #MOST} streams: the exchange is still to be answered
   */
  boolean open(HttpExchange exchange) {
    try {
      threads.execute(() -> stream(exchange));
      return true;
    } catch (RejectedExecutionException e) {
      return false;
    }
  }

  private void stream(HttpExchange exchange) {
    try (exchange) {
      OutputStream out = exchange.getResponseBody();
      byte[] seen = latest(); // taken first: events may come twice, and none is missed
      byte[] events = beginning.get();
      limit.write(() -> exchange.sendResponseHeaders(200, 0));
      while (events != null) {
        byte[] next = events;
        limit.write(
            () -> {
              out.write(next);
              out.flush();
            });
        events = seen = awaitOther(seen);
      }
    } catch (IOException e) {
      // The reader has gone, or was too slow. It may come back.
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private synchronized byte @Nullable [] latest() {
    return latest;
  }

  /** Returns the latest events once they are others than these; null after the close. */
  @SuppressWarnings("ReferenceEquality") // each publication is an array of its own
  private synchronized byte @Nullable [] awaitOther(byte @Nullable [] seen)
      throws InterruptedException {
    while (latest == seen && !isClosed) {
      wait();
    }
    return isClosed ? null : latest;
  }

  /** Sends events to all streams, without waiting for any. */
  synchronized void publish(byte[] events) {
    latest = events;
    notifyAll();
  }

  /** Returns how many streams there are. */
  int size() {
    return threads.getActiveCount();
  }

  /** Ends all streams. */
  @Override
  public void close() {
    synchronized (this) {
      isClosed = true;
      notifyAll();
    }
    threads.shutdownNow();
  }
}
