package dev.ingest;

import static dev.ingest.Events.event;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ingest.cleanup.CleanupRegistry;
import dev.ingest.sink.SinkException;
import java.net.DatagramSocket;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.logging.Level;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class DrainIT {
  /** How much longer than it should a close may take on a machine that does everything else. */
  private static final Duration LATE = Duration.ofSeconds(6);

  private final CleanupRegistry registry = CleanupRegistry.create();

  private IngestServerBuilder builder(MemorySink sink) {
    return IngestServer.builder().schema(Events.SCHEMA).sink(sink).cleanupRegistry(registry);
  }

  private static Thread closeOnAnotherThread(IngestServer server) {
    Thread closer = new Thread(server::close);
    closer.start();
    Ledgers.await(() -> closer.getState() == Thread.State.TIMED_WAITING);
    return closer;
  }

  /** Closes, and fails if that takes much longer than the drain timeout and the second after it. */
  private static IngestStats closeInTime(IngestServer server, Duration drainTimeout) {
    long start = System.nanoTime();
    server.close();
    Duration taken = Duration.ofNanos(System.nanoTime() - start);
    assertTrue(
        taken.compareTo(drainTimeout.plusSeconds(1).plus(LATE)) < 0, () -> "close took " + taken);
    return Ledgers.balanced(server.stats());
  }

  @Test
  void what_is_queued_is_stored() throws Exception {
    int records = 50_000;
    MemorySink.Gate gate = new MemorySink.Gate();
    MemorySink sink = new MemorySink(gate);
    IngestServer server = builder(sink).build().start();
    try (Sender sender = new Sender(server)) {
      sender.flood(server, 0, records);
    }
    long decoded = server.stats().recordsDecoded();
    assertEquals(records, decoded + server.stats().kernelDrops().orElse(0));
    Thread closer = closeOnAnotherThread(server);
    gate.open();
    closer.join();
    IngestStats end = Ledgers.balanced(server.stats());
    assertEquals(decoded, end.persisted());
    assertEquals(decoded, sink.stored().stream().distinct().count());
    assertEquals(1, sink.closed());
  }

  @Test
  void what_the_kernel_has_buffered_is_stored() throws Exception {
    MemorySink.Gate gate = new MemorySink.Gate();
    MemorySink sink = new MemorySink(gate);
    IngestServer server = builder(sink).queueCapacity(10).build().start();
    try (Sender sender = new Sender(server)) {
      sender.sendEvents(0, 200);
    }
    Ledgers.await(server, stats -> stats.queued() == 10);
    Thread closer = closeOnAnotherThread(server);
    gate.open();
    closer.join();
    IngestStats end = Ledgers.balanced(server.stats());
    assertEquals(200, end.persisted() + end.kernelDrops().orElse(0));
    assertEquals(LongStream.range(0, end.persisted()).boxed().toList(), sink.stored());
  }

  @Test
  void a_sink_that_hangs_until_it_is_interrupted_loses_what_is_queued_and_the_loss_is_logged()
      throws Exception {
    MemorySink sink = new MemorySink(new MemorySink.Gate());
    Duration timeout = Duration.ofMillis(200);
    IngestServer server = builder(sink).drainTimeout(timeout).build().start();
    try (Sender sender = new Sender(server)) {
      sender.sendEvents(0, 100);
    }
    try (Logged errors = new Logged(Level.SEVERE)) {
      IngestStats end = closeInTime(server, timeout);
      assertEquals(100, end.lost());
      assertEquals(0, end.queued());
      assertTrue(
          errors.messages().stream()
              .anyMatch(
                  m ->
                      m.startsWith("100 records could not")
                          && m.contains("failed last with java.lang.InterruptedException")),
          errors.messages()::toString);
    }
    assertEquals(1, sink.closed());
  }

  @Test
  void a_sink_that_ignores_the_interrupt_changes_nothing_when_it_returns_later() throws Exception {
    MemorySink.Gate gate = new MemorySink.Gate(false);
    MemorySink sink = new MemorySink(gate);
    Duration timeout = Duration.ofMillis(100);
    IngestServer server = builder(sink).drainTimeout(timeout).build().start();
    try (Sender sender = new Sender(server)) {
      sender.sendEvents(0, 100);
    }
    gate.awaitEntered();
    try (Logged errors = new Logged(Level.SEVERE)) {
      IngestStats end = closeInTime(server, timeout);
      assertEquals(100, end.lost());
      assertTrue(
          errors.messages().stream().anyMatch(m -> m.contains("did not return from an interrupt")),
          errors.messages()::toString);
      assertTrue(
          errors.messages().stream().anyMatch(m -> m.contains("the sink did not return, Thread[")),
          errors.messages()::toString);
      gate.open();
      Ledgers.await(() -> sink.closed() == 1);
      assertSame(end, server.stats());
    }
  }

  @Test
  void a_retryable_failure_is_retried_until_the_drain_timeout() throws Exception {
    MemorySink sink =
        new MemorySink(
            batch -> {
              throw new SinkException("not now", true);
            });
    Duration timeout = Duration.ofMillis(300);
    RetryPolicy retries =
        RetryPolicy.builder()
            .firstDelay(Duration.ofMillis(1))
            .maxDelay(Duration.ofMillis(5))
            .build();
    IngestServer server = builder(sink).retryPolicy(retries).drainTimeout(timeout).build().start();
    try (Sender sender = new Sender(server)) {
      sender.sendEvents(0, 10);
    }
    Ledgers.await(server, stats -> stats.queued() == 10 && sink.attempts() > 0);
    int before = sink.attempts();
    IngestStats end = closeInTime(server, timeout);
    assertEquals(10, end.lost());
    assertTrue(sink.attempts() > before + 5, "it was not tried again during the drain");
    assertEquals(1, sink.closed());
  }

  @Test
  void the_pause_before_a_retry_is_cut_short_even_while_the_receiver_waits_for_room()
      throws Exception {
    AtomicBoolean down = new AtomicBoolean(true);
    MemorySink sink =
        new MemorySink(
            batch -> {
              if (down.get()) {
                throw new SinkException("not now", true);
              }
            });
    RetryPolicy retries =
        RetryPolicy.builder().firstDelay(Duration.ofHours(1)).maxDelay(Duration.ofHours(1)).build();
    IngestServer server = builder(sink).retryPolicy(retries).queueCapacity(10).build().start();
    try (Sender sender = new Sender(server)) {
      sender.sendEvents(0, 100);
    }
    Ledgers.await(server, stats -> stats.queued() == 10 && sink.attempts() == 1);
    down.set(false);
    IngestStats end = closeInTime(server, Duration.ZERO);
    assertEquals(0, end.lost());
    assertEquals(100, end.persisted() + end.kernelDrops().orElse(0));
  }

  @Test
  void an_endless_flood_does_not_keep_the_server_open() throws Exception {
    MemorySink sink = new MemorySink();
    IngestServer server = builder(sink).build().start();
    AtomicBoolean ended = new AtomicBoolean();
    Thread flood = new Thread(() -> floodUntil(ended, server));
    flood.start();
    try {
      Ledgers.await(server, stats -> stats.persisted() > 1_000);
      IngestStats end = closeInTime(server, Duration.ofSeconds(8));
      assertEquals(0, end.lost());
      assertEquals(end.recordsDecoded(), end.persisted());
      assertEquals(end.persisted(), sink.stored().size());
      assertSame(end, server.stats());
    } finally {
      ended.set(true);
      flood.join();
    }
  }

  private static void floodUntil(AtomicBoolean ended, IngestServer server) {
    try (Sender sender = new Sender(server)) {
      while (!ended.get()) {
        sender.send(event(sender.sent()));
      }
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void a_source_filter_that_hangs_holds_up_neither_the_close_nor_the_port() throws Exception {
    MemorySink sink = new MemorySink();
    CountDownLatch asked = new CountDownLatch(1);
    CountDownLatch answer = new CountDownLatch(1);
    Duration timeout = Duration.ofMillis(100);
    IngestServer server =
        builder(sink)
            .drainTimeout(timeout)
            .sourceFilter(
                source -> {
                  asked.countDown();
                  while (answer.getCount() > 0) {
                    Thread.onSpinWait();
                  }
                  return true;
                })
            .build()
            .start();
    try (Sender sender = new Sender(server)) {
      sender.send(event(1));
      asked.await();
      closeInTime(server, timeout);
      try (DatagramSocket next = new DatagramSocket(server.localAddress())) {
        assertTrue(next.isBound());
      }
      assertEquals(1, sink.closed());
      IngestStats end = server.stats();
      answer.countDown();
      assertSame(end, server.stats());
    }
  }
}
