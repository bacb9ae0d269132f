package dev.ingest;

import static dev.ingest.Events.event;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ingest.cleanup.CleanupRegistry;
import dev.ingest.sink.Sink;
import dev.ingest.sink.SinkException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;

/** Why a server was closed: the waiting thread and the listener learn the same. */
class CloseReasonIT {
  private final CleanupRegistry registry = CleanupRegistry.create();
  private final List<CloseEvent> events = new CopyOnWriteArrayList<>();

  private IngestServerBuilder builder(Sink sink) {
    return TestServers.builder(sink).cleanupRegistry(registry).onClose(events::add);
  }

  private void assertClosedFor(CloseReason reason, IngestServer server) throws Exception {
    assertEquals(reason, server.awaitClose());
    assertEquals(1, events.size());
    assertEquals(reason, events.get(0).reason());
    assertSame(server.stats(), events.get(0).stats());
    assertEquals(server.failure(), events.get(0).failure());
    assertEquals(reason == CloseReason.FAILED, server.failure().isPresent());
  }

  @Test
  void a_close_is_a_close() throws Exception {
    IngestServer server = builder(new MemorySink()).build().start();
    assertEquals(Optional.empty(), server.failure());
    server.close();
    assertClosedFor(CloseReason.CLOSED, server);
  }

  @Test
  void a_run_of_the_registry_is_an_exit_whatever_follows() throws Exception {
    IngestServer server = builder(new MemorySink()).build().start();
    registry.run();
    server.close();
    assertClosedFor(CloseReason.EXIT, server);
  }

  @Test
  void a_sink_that_cannot_be_opened_later_is_a_failure() throws Exception {
    SinkException refusal = SinkException.permanent("not here");
    IngestServer server =
        builder(StartIT.failingToOpen(refusal)).startWithoutSink(true).build().start();
    assertClosedFor(CloseReason.FAILED, server);
    assertSame(refusal, server.failure().orElseThrow().getCause());
  }

  @Test
  void a_thread_that_dies_is_a_failure_and_a_close_meanwhile_changes_nothing() throws Exception {
    IngestServer server = builder(new MemorySink()).build().start();
    DeadlyLog deadly = DeadlyLog.in(server, "dev.ingest.receive");
    try (Sender sender = new Sender(server)) {
      sender.send("bad");
      Ledgers.await(() -> server.failure().isPresent());
      server.close();
      assertSame(deadly.error(), server.failure().orElseThrow());
    }
    assertClosedFor(CloseReason.FAILED, server);
  }

  @Test
  void a_start_that_fails_is_a_failure_of_which_the_start_itself_tells() throws Exception {
    SinkException refusal = SinkException.retryable("not now");
    IngestServer server = builder(StartIT.failingToOpen(refusal)).build();
    assertThrows(SinkException.class, server::start);
    assertEquals(CloseReason.FAILED, server.awaitClose());
    assertSame(refusal, server.failure().orElseThrow());
    assertEquals(List.of(), events);
  }

  @Test
  void an_exit_during_the_drain_does_not_replace_the_reason() throws Exception {
    MemorySink.Gate gate = new MemorySink.Gate();
    IngestServer server = builder(new MemorySink(gate)).build().start();
    try (Sender sender = new Sender(server)) {
      sender.send(event(1));
    }
    gate.awaitEntered();
    Thread closer = TestServers.closeInBackground(server);
    Thread exit = new Thread(registry::run);
    exit.start();
    Ledgers.await(registry::isRunning);
    assertTrue(events.isEmpty());
    gate.open();
    TestServers.join(closer);
    TestServers.join(exit);
    assertClosedFor(CloseReason.CLOSED, server);
  }
}
