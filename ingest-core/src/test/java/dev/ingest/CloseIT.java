package dev.ingest;

import static dev.ingest.Events.event;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ingest.cleanup.CleanupRegistry;
import dev.ingest.record.Schema;
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
  private final List<IngestStats> told = new CopyOnWriteArrayList<>();

  private IngestServerBuilder builder() {
    return IngestServer.builder()
        .schema(Events.SCHEMA)
        .sink(sink)
        .onClose(told::add)
        .cleanupRegistry(registry);
  }

  @Test
  void aServerThatWasNeverStartedIsClosedAndDoesNotStartAnyMore() throws Exception {
    IngestServer server = builder().build();
    server.close();
    server.awaitClose();
    assertThrows(IllegalStateException.class, server::start);
    assertEquals(0, sink.opened());
    assertEquals(List.of(), told);
  }

  @Test
  void theListenerGetsTheFinalStatsOnceAndTheyStay() throws Exception {
    IngestServer server = builder().build().start();
    try (Sender sender = new Sender(server)) {
      sender.sendEvents(0, 100);
      sender.send("bad");
    }
    assertEquals(1, registry.size());
    server.close();
    server.close();
    IngestStats end = Ledgers.balanced(server.stats());
    assertEquals(100, end.persisted());
    assertEquals(1, end.datagramsRejected());
    assertEquals(List.of(end), told);
    assertSame(end, server.stats());
    assertEquals(0, registry.size());
    assertEquals(1, sink.closed());
  }

  @Test
  void theAddressIsKnownAfterTheCloseAndFree() throws Exception {
    IngestServer server = builder().build();
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
  void manyThreadsMayCloseAtOnce() throws Exception {
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
                seen.add(server.stats().persisted());
              });
      closers.add(closer);
      closer.start();
    }
    gate.open();
    for (Thread closer : closers) {
      closer.join();
    }
    assertEquals(List.of(100L, 100L, 100L, 100L, 100L, 100L, 100L, 100L), seen);
    assertEquals(1, told.size());
    assertEquals(1, held.closed());
  }

  @Test
  void theRegistrationStaysUntilTheDrainIsOverSoThatAnExitWaitsForIt() throws Exception {
    MemorySink.Gate gate = new MemorySink.Gate();
    IngestServer server = builder().sink(new MemorySink(gate)).build().start();
    try (Sender sender = new Sender(server)) {
      sender.send(event(1));
    }
    gate.awaitEntered();
    Thread closer = new Thread(server::close);
    closer.start();
    Ledgers.await(() -> closer.getState() == Thread.State.TIMED_WAITING);
    assertEquals(1, registry.size());
    Thread exit = new Thread(registry::run);
    exit.start();
    Ledgers.await(registry::isRunning);
    gate.open();
    exit.join();
    assertEquals(1, server.stats().persisted());
    closer.join();
    assertEquals(0, registry.size());
    assertEquals(1, told.size());
  }

  @Test
  void theRegistrysRunDrainsTheServer() throws Exception {
    IngestServer server = builder().build().start();
    try (Sender sender = new Sender(server)) {
      sender.sendEvents(0, 100);
    }
    registry.run();
    assertEquals(100, server.stats().persisted());
    assertEquals(1, told.size());
    assertEquals(0, registry.size());
  }

  @Test
  void theSinkMayCloseFromWrite() throws Exception {
    AtomicReference<IngestServer> server = new AtomicReference<>();
    MemorySink closing = new MemorySink(batch -> server.get().close());
    server.set(builder().sink(closing).build());
    server.get().start();
    try (Sender sender = new Sender(server.get())) {
      sender.send(event(1));
    }
    server.get().awaitClose();
    assertEquals(1, server.get().stats().persisted());
    assertEquals(1, closing.closed());
    assertEquals(1, told.size());
  }

  @Test
  void theSinkMayCloseFromOpen() throws Exception {
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
  void aCloseWhileTheSinkIsOpenedEndsTheStart() throws Exception {
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
    starter.join();
    assertTrue(failure.get().getMessage().contains("closed while"), failure.get()::toString);
    assertEquals(0, slow.closed());
    assertEquals(0, registry.size());
    assertTrue(slow.callers().stream().noneMatch(Thread::isAlive));
  }

  @Test
  void theListenerMayCloseAgainAndWhatItThrowsIsLogged() throws Exception {
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
      assertEquals(1, errors.messages().size());
      assertTrue(errors.messages().get(0).contains("onClose"), errors.messages()::toString);
    }
    server.get().awaitClose();
    assertEquals(0, registry.size());
  }

  @Test
  void anInterruptedThreadDrainsCompletelyAndStaysInterrupted() throws Exception {
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
    Ledgers.await(() -> closer.getState() == Thread.State.TIMED_WAITING);
    closer.interrupt();
    gate.open();
    closer.join();
    assertTrue(flag.get());
    IngestStats end = Ledgers.balanced(server.stats());
    assertEquals(100, end.persisted());
    assertFalse(System.getProperty("os.name").equals("Linux") && end.kernelDrops().isEmpty());
  }

  @Test
  void awaitCloseWaits() throws Exception {
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
    Ledgers.await(() -> waiting.getState() == Thread.State.WAITING);
    server.close();
    waiting.join();
    assertEquals(1, told.size());
  }
}
