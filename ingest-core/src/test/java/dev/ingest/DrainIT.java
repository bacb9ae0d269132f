package dev.ingest;

import static dev.ingest.Events.event;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ingest.policy.RetryPolicy;
import dev.ingest.sink.SinkException;
import dev.ingest.source.Udp;
import dev.ingest.stats.IngestStats;
import dev.ingest.testing.Network;
import java.net.DatagramSocket;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.logging.Level;
import org.junit.jupiter.api.Test;

class DrainIT {
  /** More than the drain timeouts here that are used up, the grace of a second, and the work. */
  private static final Duration IN_TIME = Duration.ofSeconds(30);

  private static IngestStats closeInTime(IngestServer server) {
    assertTimeoutPreemptively(IN_TIME, server::close);
    return Ledgers.balanced(server.stats());
  }

  @Test
  void what_is_queued_is_stored() throws Exception {
    int records = 50_000;
    MemorySink.Gate gate = new MemorySink.Gate();
    MemorySink sink = new MemorySink(gate);
    IngestServer server = TestServers.start(sink);
    try (Sender sender = new Sender(server)) {
      sender.flood(server, 0, records);
    }
    long decoded = server.stats().records().decoded();
    assertEquals(records, decoded + server.stats().kernelDrops().orElse(0));
    Thread closer = TestServers.closeInBackground(server);
    gate.open();
    TestServers.join(closer);
    IngestStats end = Ledgers.balanced(server.stats());
    assertEquals(decoded, end.records().persisted());
    assertEquals(decoded, sink.stored().stream().distinct().count());
    assertEquals(1, sink.closed());
  }

  @Test
  void what_the_kernel_has_buffered_is_stored() throws Exception {
    MemorySink.Gate gate = new MemorySink.Gate();
    MemorySink sink = new MemorySink(gate);
    IngestServer server = TestServers.builder(sink).queueCapacity(10).build().start();
    try (Sender sender = new Sender(server)) {
      sender.sendEvents(0, Sender.WINDOW);
    }
    Ledgers.await(server, stats -> stats.records().queued() == 10);
    Thread closer = TestServers.closeInBackground(server);
    gate.open();
    TestServers.join(closer);
    IngestStats end = Ledgers.balanced(server.stats());
    assertEquals(Sender.WINDOW, end.records().persisted());
    assertEquals(Events.ids(0, Sender.WINDOW), sink.stored());
  }

  @Test
  void a_sink_that_hangs_until_it_is_interrupted_loses_what_is_queued_and_the_loss_is_logged()
      throws Exception {
    MemorySink sink = new MemorySink(new MemorySink.Gate());
    Duration timeout = Duration.ofMillis(200);
    IngestServer server = TestServers.builder(sink).drainTimeout(timeout).build().start();
    try (Sender sender = new Sender(server)) {
      sender.sendEvents(0, 100);
    }
    Ledgers.await(server, stats -> stats.records().queued() == 100);
    try (Logged errors = new Logged(Level.SEVERE)) {
      IngestStats end = closeInTime(server);
      assertEquals(100, end.records().lost());
      assertEquals(0, end.records().queued());
      errors.await("100 records could not", "failed last with java.lang.InterruptedException");
    }
    assertEquals(1, sink.closed());
  }

  @Test
  void a_sink_that_ignores_the_interrupt_changes_nothing_when_it_returns_later() throws Exception {
    MemorySink.Gate gate = new MemorySink.Gate(false);
    MemorySink sink = new MemorySink(gate);
    Duration timeout = Duration.ofMillis(100);
    IngestServer server = TestServers.builder(sink).drainTimeout(timeout).build().start();
    try (Sender sender = new Sender(server)) {
      sender.sendEvents(0, 100);
    }
    gate.awaitEntered();
    Ledgers.await(server, stats -> stats.records().queued() == 100);
    try (Logged errors = new Logged(Level.SEVERE)) {
      IngestStats end = closeInTime(server);
      assertEquals(100, end.records().lost());
      errors.await("did not return from an interrupt");
      errors.await("the sink did not return, Thread[");
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
              throw SinkException.retryable("not now");
            });
    Duration timeout = Duration.ofSeconds(3); // time for many retries, on any machine
    IngestServer server = TestServers.builder(sink).drainTimeout(timeout).build().start();
    try (Sender sender = new Sender(server)) {
      sender.sendEvents(0, 10);
    }
    Ledgers.await(server, stats -> stats.records().queued() == 10 && sink.attempts() > 0);
    int before = sink.attempts();
    IngestStats end = closeInTime(server);
    assertEquals(10, end.records().lost());
    assertTrue(sink.attempts() > before + 5, "no retry during the drain");
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
                throw SinkException.retryable("not now");
              }
            });
    RetryPolicy retries =
        RetryPolicy.builder().firstDelay(Duration.ofHours(1)).maxDelay(Duration.ofHours(1)).build();
    IngestServer server =
        TestServers.builder(sink).retryPolicy(retries).queueCapacity(10).build().start();
    try (Sender sender = new Sender(server)) {
      sender.sendEvents(0, 100);
    }
    Ledgers.await(server, stats -> stats.records().queued() == 10 && sink.attempts() == 1);
    down.set(false);
    IngestStats end = closeInTime(server);
    assertEquals(0, end.records().lost());
    assertEquals(100, end.records().persisted());
  }

  @Test
  void an_endless_flood_does_not_keep_the_server_open() throws Exception {
    MemorySink sink = new MemorySink();
    IngestServer server = TestServers.start(sink);
    AtomicBoolean ended = new AtomicBoolean();
    Thread flood = new Thread(() -> floodUntil(ended, server));
    flood.start();
    try {
      Ledgers.await(server, stats -> stats.records().persisted() > 1_000);
      IngestStats end = closeInTime(server);
      assertEquals(0, end.records().lost());
      assertEquals(end.records().decoded(), end.records().persisted());
      assertEquals(end.records().persisted(), sink.stored().size());
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
    Thread[] receiver = new Thread[1];
    IngestServer server =
        TestServers.builder(sink)
            .drainTimeout(Duration.ofMillis(100))
            .source(
                Udp.on(Network.unusedPort())
                    .filter(
                        source -> {
                          receiver[0] = Thread.currentThread();
                          asked.countDown();
                          while (answer.getCount() > 0) {
                            Thread.onSpinWait();
                          }
                          return true;
                        }))
            .build()
            .start();
    try (Sender sender = new Sender(server)) {
      sender.send(event(1));
      asked.await();
      closeInTime(server);
      try (DatagramSocket next = new DatagramSocket(server.localAddress())) {
        assertTrue(next.isBound());
      }
      Ledgers.await(() -> sink.closed() == 1); // the close gives up on its thread after a second
      IngestStats end = server.stats();
      answer.countDown();
      TestServers.join(receiver[0]);
      assertSame(end, server.stats());
      assertEquals(List.of(), sink.stored());
    } finally {
      answer.countDown();
    }
  }
}
