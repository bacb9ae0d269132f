package dev.ingest;

import dev.ingest.cleanup.CleanupRegistry;
import dev.ingest.policy.RetryPolicy;
import dev.ingest.sink.Sink;
import java.time.Duration;

/** The servers of the tests, with the settings that suit most of them. */
final class TestServers {
  /** Nothing takes that long: what ends much sooner did not wait for the drain timeout. */
  static final Duration LONG_DRAIN_TIMEOUT = Duration.ofMinutes(10);

  /** What a machine needs for a moment's work while it does everything else first. */
  static final Duration SOON = Duration.ofMinutes(2);

  private TestServers() {}

  /**
   * Sets up a server for {@link Events}: on a free port, with a cleanup registry of its own, quick
   * retries, and a drain timeout that no test waits for.
   */
  static IngestServerBuilder builder(Sink sink) {
    return IngestServer.builder()
        .schema(Events.SCHEMA)
        .sink(sink)
        .retryPolicy(quickRetries().build())
        .drainTimeout(LONG_DRAIN_TIMEOUT)
        .cleanupRegistry(CleanupRegistry.create());
  }

  /** Starts such a server. */
  static IngestServer start(Sink sink) throws Exception {
    return builder(sink).build().start();
  }

  /** Retries without end, after a few milliseconds each. */
  static RetryPolicy.Builder quickRetries() {
    return RetryPolicy.builder().firstDelay(Duration.ofMillis(1)).maxDelay(Duration.ofMillis(4));
  }

  /** Closes a server on another thread; returns when that thread waits for the drain. */
  static Thread closeInBackground(IngestServer server) {
    Thread closer = new Thread(server::close);
    closer.start();
    awaitWaiting(closer);
    return closer;
  }

  /** Waits until a thread waits, or has ended. */
  static void awaitWaiting(Thread thread) {
    Ledgers.await(
        () ->
            switch (thread.getState()) {
              case WAITING, TIMED_WAITING, TERMINATED -> true;
              default -> false;
            });
  }

  /** Waits for a thread's end; fails if it does not end soon. */
  static void join(Thread thread) throws InterruptedException {
    thread.join(SOON.toMillis());
    if (thread.isAlive()) {
      AssertionError failure = new AssertionError(thread + " does not end");
      failure.setStackTrace(thread.getStackTrace());
      throw failure;
    }
  }
}
