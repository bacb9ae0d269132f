package dev.ingest;

import static dev.ingest.Events.event;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ingest.cleanup.CleanupRegistry;
import dev.ingest.sink.Sink;
import dev.ingest.testing.Network;
import java.io.IOException;
import java.lang.ref.WeakReference;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Which sinks the servers of one builder have: one each, or one after the other. */
class SinkUseIT {
  @Test
  void a_supplier_makes_a_sink_for_each_server() throws Exception {
    List<MemorySink> made = new ArrayList<>();
    IngestServerBuilder builder =
        TestServers.builder(batch -> {})
            .sink(
                () -> {
                  made.add(new MemorySink());
                  return made.get(made.size() - 1);
                });
    try (IngestServer first = builder.build().start();
        IngestServer second = builder.build().start();
        Sender toFirst = new Sender(first);
        Sender toSecond = new Sender(second)) {
      toFirst.send(event(1));
      toSecond.send(event(2));
      toFirst.awaitArrival();
      toSecond.awaitArrival();
      assertTrue(first.flush(TestServers.SOON) && second.flush(TestServers.SOON));
      assertNotSame(made.get(0), made.get(1));
      assertEquals(List.of(1L), made.get(0).stored());
      assertEquals(List.of(2L), made.get(1).stored());
    }
  }

  @Test
  void what_a_supplier_throws_or_a_null_fails_the_build() {
    IngestServerBuilder builder = TestServers.builder(batch -> {});
    IllegalStateException failure = new IllegalStateException("no more");
    builder.sink(
        () -> {
          throw failure;
        });
    assertSame(failure, assertThrows(IllegalStateException.class, builder::build));
    builder.sink(() -> null);
    String message = assertThrows(IllegalArgumentException.class, builder::build).getMessage();
    assertTrue(
        message.startsWith("sink is null") && message.endsWith(": expected a Sink"), message);
  }

  @Test
  void a_sink_object_of_a_running_server_is_refused_and_free_after_the_close() throws Exception {
    MemorySink sink = new MemorySink();
    CleanupRegistry registry = CleanupRegistry.create();
    int port = Network.unusedPort();
    IngestServer second = TestServers.builder(sink).cleanupRegistry(registry).bind(port).build();
    try (IngestServer first = TestServers.start(sink)) {
      IllegalStateException e = assertThrows(IllegalStateException.class, second::start);
      String name = first.toString();
      assertTrue(e.getMessage().contains(MemorySink.class.getName()), e::getMessage);
      assertTrue(e.getMessage().contains("in use by the " + name), e::getMessage);
      assertSame(ServerStatus.CLOSED, second.status());
      assertSame(e, second.failure().orElseThrow());
      assertEquals(0, registry.size());
      assertEquals(1, sink.opened(), "the second one has not touched it");
      assertTrue(first.isReady());
    }
    try (IngestServer third = TestServers.builder(sink).bind(port).build().start()) {
      assertEquals(port, third.localAddress().getPort());
    }
    assertEquals(2, sink.closed());
  }

  @Test
  void two_sinks_that_are_equal_are_two() throws Exception {
    record Equal() implements Sink {
      @Override
      public void write(dev.ingest.record.RecordBatch batch) {}
    }

    try (IngestServer first = TestServers.start(new Equal());
        IngestServer second = TestServers.start(new Equal())) {
      assertTrue(first.isReady() && second.isReady());
    }
  }

  @Test
  void a_lambda_that_captures_nothing_is_no_object_of_its_own() throws Exception {
    List<IngestServer> servers = new ArrayList<>();
    for (int i = 0; i < 2; i++) {
      servers.add(TestServers.start(batch -> {})); // the same object, as the JVM likes it
    }
    assertTrue(servers.stream().allMatch(IngestServer::isReady));
    servers.forEach(IngestServer::close);
  }

  @Test
  void a_start_that_fails_frees_the_sink() throws Exception {
    MemorySink sink = new MemorySink();
    try (IngestServer other = TestServers.start(new MemorySink())) {
      IngestServer failing = TestServers.builder(sink).bind(other.localAddress().getPort()).build();
      assertThrows(IOException.class, failing::start);
    }
    TestServers.start(sink).close();
    assertEquals(2, sink.closed());
  }

  @Test
  void a_sink_that_the_writer_is_stuck_in_is_in_use_until_it_returns() throws Exception {
    MemorySink.Gate gate = new MemorySink.Gate(false);
    MemorySink sink = new MemorySink(gate);
    IngestServer stuck =
        TestServers.builder(sink).drainTimeout(Duration.ofMillis(1)).build().start();
    try (Sender sender = new Sender(stuck)) {
      sender.send(event(1));
    }
    gate.awaitEntered();
    stuck.close();
    IllegalStateException e =
        assertThrows(IllegalStateException.class, () -> TestServers.start(sink));
    assertTrue(e.getMessage().contains(stuck.toString()), e::getMessage);
    gate.open();
    TestServers.join(sink.callers().get(0));
    TestServers.start(sink).close();
  }

  @Test
  void nothing_holds_the_sink_of_a_server_that_is_gone() throws Exception {
    WeakReference<Sink> gone = new WeakReference<>(used());
    Ledgers.await(
        () -> {
          System.gc();
          return gone.get() == null;
        });
  }

  private static Sink used() throws Exception {
    MemorySink sink = new MemorySink();
    TestServers.start(sink).close();
    return sink;
  }
}
