package dev.ingest;

import static dev.ingest.Events.event;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ingest.cleanup.CleanupRegistry;
import dev.ingest.record.Schema;
import dev.ingest.stats.IngestStats;
import dev.ingest.testing.Network;
import java.io.InterruptedIOException;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.logging.Level;
import org.junit.jupiter.api.Test;

class CloseIT {
  private final CleanupRegistry registry = CleanupRegistry.create();
  private final MemorySink sink = new MemorySink();
  private final List<IngestStats> reported = new CopyOnWriteArrayList<>();

  private IngestServerBuilder builder() {
    return TestServers.builder(sink)
        .onClose(event -> reported.add(event.stats()))
        .cleanupRegistry(registry);
  }

  @Test
  void a_server_that_is_closed_before_its_start_cannot_be_started() throws Exception {
    IngestServer server = builder().build();
    server.close();
    server.awaitClose();
    assertThrows(IllegalStateException.class, server::start);
    assertEquals(0, sink.opened());
    assertEquals(List.of(), reported);
  }

  @Test
  void a_server_that_leaves_the_drain_to_its_host_registers_nothing() throws Exception {
    IngestServer server = builder().drainAtExit(false).build().start();
    assertEquals(0, registry.size());
    try (Sender sender = new Sender(server)) {
      sender.sendEvents(0, 100);
    }
    registry.run();
    assertTrue(server.isReady());
    server.close();
    assertEquals(100, sink.stored().size());
    assertEquals(CloseReason.CLOSED, server.awaitClose());
  }

  @Test
  void the_listener_gets_the_final_stats_once_and_they_stay() throws Exception {
    IngestServer server = builder().build().start();
    try (Sender sender = new Sender(server)) {
      sender.sendEvents(0, 100);
      sender.send("bad");
    }
    assertEquals(1, registry.size());
    server.close();
    server.close();
    IngestStats end = Ledgers.balanced(server.stats());
    assertEquals(100, end.records().persisted());
    assertEquals(1, end.messages().rejected());
    assertEquals(List.of(end), reported);
    assertSame(end, server.stats());
    assertEquals(0, registry.size());
    assertEquals(1, sink.closed());
  }

  @Test
  void the_address_is_known_and_free_after_the_close() throws Exception {
    IngestServer server = builder().bind(Network.unusedPort()).build();
    assertThrows(IllegalStateException.class, server::localAddress);
    server.start();
    InetSocketAddress address = server.localAddress();
    server.close();
    assertEquals(address, server.localAddress());
    try (IngestServer next = builder().bind(address.getPort()).build().start()) {
      assertEquals(address, next.localAddress());
    }
  }

  @Test
  void many_threads_may_close_at_once() throws Exception {
    MemorySink.Gate gate = new MemorySink.Gate();
    MemorySink held = new MemorySink(gate);
    IngestServer server = builder().sink(held).build().start();
    try (Sender sender = new Sender(server)) {
      sender.sendEvents(0, 100);
    }
    gate.awaitEntered();
    List<Long> seen = new CopyOnWriteArrayList<>();
    List<Thread> closers = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      Thread closer =
          new Thread(
              () -> {
                server.close();
                seen.add(server.stats().records().persisted());
              });
      closers.add(closer);
      closer.start();
    }
    gate.open();
    for (Thread closer : closers) {
      TestServers.join(closer);
    }
    assertEquals(List.of(100L, 100L, 100L, 100L, 100L, 100L, 100L, 100L), seen);
    assertEquals(1, reported.size());
    assertEquals(1, held.closed());
  }

  @Test
  void the_registration_stays_until_the_drain_is_over_so_that_an_exit_waits_for_it()
      throws Exception {
    MemorySink.Gate gate = new MemorySink.Gate();
    IngestServer server = builder().sink(new MemorySink(gate)).build().start();
    try (Sender sender = new Sender(server)) {
      sender.send(event(1));
    }
    gate.awaitEntered();
    Thread closer = TestServers.closeInBackground(server);
    assertEquals(1, registry.size());
    Thread exit = new Thread(registry::run);
    exit.start();
    Ledgers.await(registry::isRunning);
    gate.open();
    TestServers.join(exit);
    assertEquals(1, server.stats().records().persisted());
    TestServers.join(closer);
    assertEquals(0, registry.size());
    assertEquals(1, reported.size());
  }

  @Test
  void a_run_of_the_registry_drains_the_server() throws Exception {
    IngestServer server = builder().build().start();
    try (Sender sender = new Sender(server)) {
      sender.sendEvents(0, 100);
    }
    registry.run();
    assertEquals(100, server.stats().records().persisted());
    assertEquals(1, reported.size());
    assertEquals(0, registry.size());
  }

  @Test
  void the_sink_may_close_from_write() throws Exception {
    AtomicReference<IngestServer> server = new AtomicReference<>();
    MemorySink closing = new MemorySink(batch -> server.get().close());
    server.set(builder().sink(closing).build());
    server.get().start();
    try (Sender sender = new Sender(server.get())) {
      sender.send(event(1));
    }
    server.get().awaitClose();
    assertEquals(1, server.get().stats().records().persisted());
    assertEquals(1, closing.closed());
    assertEquals(1, reported.size());
  }

  @Test
  void the_sink_may_close_from_open() throws Exception {
    AtomicReference<IngestServer> server = new AtomicReference<>();
    MemorySink closing =
        new MemorySink() {
          @Override
          public synchronized void open(Schema schema) {
            super.open(schema);
            server.get().close();
          }
        };
    server.set(builder().sink(closing).build());
    server.get().start();
    server.get().awaitClose();
    assertEquals(1, closing.closed());
    assertEquals(0, registry.size());
  }

  @Test
  void a_close_while_the_sink_is_opened_ends_the_start() throws Exception {
    CountDownLatch opening = new CountDownLatch(1);
    MemorySink slow =
        new MemorySink() {
          @Override
          public synchronized void open(Schema schema) {
            super.open(schema);
            opening.countDown();
            while (!Thread.currentThread().isInterrupted()) {
              LockSupport.park();
            }
            throw new IllegalStateException("interrupted");
          }
        };
    IngestServer server = builder().sink(slow).build();
    AtomicReference<Throwable> failure = new AtomicReference<>();
    Thread starter =
        new Thread(() -> failure.set(assertThrows(InterruptedIOException.class, server::start)));
    starter.start();
    opening.await();
    server.close();
    TestServers.join(starter);
    assertTrue(failure.get().getMessage().contains("closed while"), failure.get()::toString);
    assertEquals(0, slow.closed());
    assertEquals(0, registry.size());
    assertTrue(slow.callers().stream().noneMatch(Thread::isAlive));
  }

  @Test
  void the_listener_may_close_again_and_what_it_throws_is_logged() throws Exception {
    AtomicReference<IngestServer> server = new AtomicReference<>();
    server.set(
        builder()
            .onClose(
                stats -> {
                  server.get().close();
                  throw new AssertionError("the listener's own");
                })
            .build());
    server.get().start();
    try (Logged errors = new Logged(Level.SEVERE)) {
      server.get().close();
      errors.await("onClose");
      assertEquals(1, errors.messages().size(), errors.messages()::toString);
    }
    server.get().awaitClose();
    assertEquals(0, registry.size());
  }

  @Test
  void an_interrupted_thread_drains_completely_and_stays_interrupted() throws Exception {
    MemorySink.Gate gate = new MemorySink.Gate();
    MemorySink held = new MemorySink(gate);
    IngestServer server = builder().sink(held).build().start();
    try (Sender sender = new Sender(server)) {
      sender.sendEvents(0, 100);
    }
    gate.awaitEntered();
    AtomicReference<Boolean> flag = new AtomicReference<>();
    Thread closer =
        new Thread(
            () -> {
              Thread.currentThread().interrupt();
              server.close();
              flag.set(Thread.currentThread().isInterrupted());
            });
    closer.start();
    TestServers.awaitWaiting(closer);
    closer.interrupt();
    gate.open();
    TestServers.join(closer);
    assertTrue(flag.get());
    IngestStats end = Ledgers.balanced(server.stats());
    assertEquals(100, end.records().persisted());
    assertFalse(System.getProperty("os.name").equals("Linux") && end.kernelDrops().isEmpty());
  }

  @Test
  void await_close_waits_for_the_close() throws Exception {
    IngestServer server = builder().build().start();
    Thread waiting =
        new Thread(
            () -> {
              try {
                server.awaitClose();
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
            });
    waiting.start();
    TestServers.awaitWaiting(waiting);
    assertTrue(waiting.isAlive());
    server.close();
    TestServers.join(waiting);
    assertEquals(1, reported.size());
  }
}
