package dev.ingest;

import static dev.ingest.Events.event;
import static dev.ingest.Events.ids;
import static dev.ingest.ServerStatus.CLOSED;
import static dev.ingest.ServerStatus.CLOSING;
import static dev.ingest.ServerStatus.NEW;
import static dev.ingest.ServerStatus.RUNNING;
import static dev.ingest.ServerStatus.SINK_FAILING;
import static dev.ingest.ServerStatus.STARTING;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ingest.cleanup.CleanupRegistry;
import dev.ingest.policy.RetryPolicy;
import dev.ingest.policy.Spooling;
import dev.ingest.record.RecordBatch;
import dev.ingest.record.Schema;
import dev.ingest.sink.Sink;
import dev.ingest.sink.SinkException;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.logging.Level;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a host sees of a server's status, by asking and by listening. */
class StatusIT {
  @TempDir Path directory;
  private final List<StatusChange> changes = new CopyOnWriteArrayList<>();
  private final SinkException outage = SinkException.retryable("down\u001b[31m");
  private final AtomicBoolean down = new AtomicBoolean();
  private final MemorySink sink = new MemorySink(this::failIfDown);

  private void failIfDown(RecordBatch batch) throws SinkException {
    if (down.get()) {
      throw outage;
    }
  }

  private IngestServerBuilder builder(Sink of) {
    return TestServers.builder(of).onStatus(changes::add);
  }

  /** The changes one after another, as statuses, from NEW on; fails if any was left out. */
  private List<ServerStatus> statuses() {
    List<ServerStatus> statuses = new ArrayList<>(List.of(NEW));
    for (StatusChange change : changes) {
      assertSame(statuses.get(statuses.size() - 1), change.from(), changes::toString);
      statuses.add(change.to());
    }
    return statuses;
  }

  private void awaitTold(ServerStatus... expected) {
    Ledgers.await(() -> changes.size() >= expected.length - 1);
    assertEquals(List.of(expected), statuses());
  }

  private void awaitClosedTold() {
    Ledgers.await(() -> !changes.isEmpty() && changes.get(changes.size() - 1).to() == CLOSED);
  }

  private static void await(ServerStatus status, IngestServer server) {
    Ledgers.await(() -> server.status() == status);
  }

  @Test
  void a_server_goes_through_its_statuses_and_is_ready_while_it_receives() throws Exception {
    MemorySink.Gate gate = new MemorySink.Gate();
    IngestServer server = builder(new MemorySink(gate)).build();
    assertSame(NEW, server.status());
    assertFalse(server.isReady());
    server.start();
    assertSame(RUNNING, server.status());
    assertTrue(server.isReady());
    try (Sender sender = new Sender(server)) {
      sender.send(event(1));
    }
    gate.awaitEntered();
    Thread closer = TestServers.closeInBackground(server);
    await(CLOSING, server);
    assertFalse(server.isReady());
    gate.open();
    TestServers.join(closer);
    assertSame(CLOSED, server.status());
    assertFalse(server.isReady());
    awaitTold(NEW, STARTING, RUNNING, CLOSING, CLOSED);
    assertTrue(changes.stream().allMatch(change -> change.failure().isEmpty()));
  }

  @Test
  void a_start_that_fails_ends_in_closed_with_its_failure() {
    SinkException refusal = SinkException.retryable("not now");
    IngestServer server = builder(StartIT.failingToOpen(refusal)).build();
    assertThrows(SinkException.class, server::start);
    assertSame(CLOSED, server.status());
    awaitTold(NEW, STARTING, CLOSED);
    assertSame(refusal, changes.get(1).failure().orElseThrow());
  }

  @Test
  void a_close_before_the_start_and_one_during_it_end_in_closed() throws Exception {
    try (IngestServer unstarted = builder(sink).build()) {
      assertSame(NEW, unstarted.status());
    }
    awaitTold(NEW, CLOSING, CLOSED);
    changes.clear();
    CountDownLatch opening = new CountDownLatch(1);
    MemorySink hangs =
        new MemorySink() {
          @Override
          public synchronized void open(Schema schema) {
            opening.countDown();
            try {
              new CountDownLatch(1).await();
            } catch (InterruptedException e) {
              throw new IllegalStateException(e);
            }
          }
        };
    IngestServer server = builder(hangs).build();
    Thread starter = new Thread(() -> assertThrows(IOException.class, server::start));
    starter.start();
    opening.await();
    assertSame(STARTING, server.status());
    assertFalse(server.isReady());
    server.close();
    TestServers.join(starter);
    assertSame(CLOSED, server.status());
    awaitTold(NEW, STARTING, CLOSED);
  }

  @Test
  void many_closes_race_with_the_start_and_no_status_is_skipped() throws Exception {
    for (int i = 0; i < 50; i++) {
      changes.clear();
      IngestServer server = builder(new MemorySink()).build();
      Thread closer = new Thread(server::close);
      closer.start();
      try {
        server.start();
      } catch (IOException | IllegalStateException e) {
        // Closed before or meanwhile.
      }
      TestServers.join(closer);
      awaitClosedTold();
      List<ServerStatus> seen = statuses();
      assertTrue(
          List.of(
                  List.of(NEW, CLOSING, CLOSED),
                  List.of(NEW, STARTING, CLOSED),
                  List.of(NEW, STARTING, RUNNING, CLOSING, CLOSED))
              .contains(seen),
          seen::toString);
    }
  }

  @Test
  void a_write_that_fails_retryably_is_a_failing_sink_until_one_succeeds() throws Exception {
    try (IngestServer server = builder(sink).build().start();
        Sender sender = new Sender(server)) {
      down.set(true);
      sender.send(event(1));
      await(SINK_FAILING, server);
      assertTrue(server.isReady());
      assertSame(outage, server.failure().orElseThrow(), "as it was thrown, not escaped");
      down.set(false);
      await(RUNNING, server);
      assertEquals(Optional.empty(), server.failure());
      assertEquals(List.of(1L), sink.stored());
    }
    awaitTold(NEW, STARTING, RUNNING, SINK_FAILING, RUNNING, CLOSING, CLOSED);
    assertSame(outage, changes.get(2).failure().orElseThrow());
    assertEquals(Optional.empty(), changes.get(3).failure());
  }

  @Test
  void a_sink_that_fails_at_the_close_is_no_failure_of_the_server() throws Exception {
    IngestServer server = builder(sink).drainTimeout(Duration.ofMillis(1)).build().start();
    down.set(true);
    try (Sender sender = new Sender(server)) {
      sender.send(event(1));
    }
    await(SINK_FAILING, server);
    server.close();
    assertEquals(Optional.empty(), server.failure());
    awaitTold(NEW, STARTING, RUNNING, SINK_FAILING, CLOSING, CLOSED);
  }

  @Test
  void a_record_that_is_refused_for_good_is_no_failing_sink() throws Exception {
    MemorySink refuses =
        new MemorySink(
            batch -> {
              throw SinkException.permanent("never");
            });
    try (IngestServer server = builder(refuses).build().start();
        Sender sender = new Sender(server)) {
      sender.sendEvents(0, 4);
      sender.awaitArrival();
      assertTrue(server.flush(TestServers.SOON));
      assertEquals(4, server.stats().records().dropped());
      assertSame(RUNNING, server.status());
      assertEquals(Optional.empty(), server.failure());
    }
    awaitTold(NEW, STARTING, RUNNING, CLOSING, CLOSED);
  }

  @Test
  void a_sink_fails_while_the_spool_is_replayed_though_nothing_is_queued() throws Exception {
    IngestServerBuilder spooling =
        builder(sink)
            .retryPolicy(TestServers.quickRetries().maxAttempts(1).build())
            .spool(Spooling.in(directory));
    down.set(true);
    try (IngestServer server = spooling.build().start();
        Sender sender = new Sender(server)) {
      sender.send(event(1));
      Ledgers.await(server, stats -> stats.records().spooled() == 1);
      await(SINK_FAILING, server);
    }
    awaitClosedTold();
    changes.clear();
    try (IngestServer server = spooling.build().start()) {
      await(SINK_FAILING, server);
      assertSame(outage, server.failure().orElseThrow());
      down.set(false);
      await(RUNNING, server);
      assertEquals(List.of(1L), sink.stored());
    }
    awaitClosedTold();
    List<ServerStatus> seen = statuses(); // the replay may fail before the start has ended
    assertTrue(seen.indexOf(SINK_FAILING) < seen.lastIndexOf(RUNNING), seen::toString);
  }

  @Test
  void a_sink_that_cannot_be_opened_yet_is_failing_and_the_server_is_ready() throws Exception {
    down.set(true);
    MemorySink opensLater =
        new MemorySink() {
          @Override
          public synchronized void open(Schema schema) {
            if (down.get()) {
              throw new IllegalStateException("not yet");
            }
          }
        };
    try (IngestServer server = builder(opensLater).startWithoutSink(true).build().start()) {
      await(SINK_FAILING, server);
      assertTrue(server.isReady());
      assertEquals("not yet", server.failure().orElseThrow().getMessage());
      down.set(false);
      await(RUNNING, server);
    }
    awaitClosedTold();
    List<ServerStatus> seen = statuses(); // the sink may have failed before the start has ended
    assertTrue(seen.indexOf(SINK_FAILING) < seen.lastIndexOf(RUNNING), seen::toString);
  }

  @Test
  void a_thread_that_dies_closes_the_server_and_the_listener_learns_of_what() throws Exception {
    IngestServer server = builder(new MemorySink()).build().start();
    DeadlyLog deadly = DeadlyLog.in(server, "dev.ingest.receive");
    try (Sender sender = new Sender(server)) {
      sender.send("bad");
      server.awaitClose();
    }
    awaitTold(NEW, STARTING, RUNNING, CLOSING, CLOSED);
    assertSame(deadly.error(), changes.get(2).failure().orElseThrow());
    assertSame(deadly.error(), changes.get(3).failure().orElseThrow());
  }

  @Test
  void a_listener_that_blocks_holds_up_nothing_and_misses_only_failures_it_slept_through()
      throws Exception {
    CountDownLatch blocked = new CountDownLatch(1);
    CountDownLatch free = new CountDownLatch(1);
    AtomicInteger writes = new AtomicInteger();
    MemorySink flapping =
        new MemorySink(
            batch -> {
              if (writes.incrementAndGet() % 2 == 1) {
                throw outage;
              }
            });
    int records = 2 * StatusReporter.CAPACITY;
    AtomicInteger inside = new AtomicInteger();
    IngestServer server =
        TestServers.builder(flapping)
            .retryPolicy(RetryPolicy.builder().firstDelay(Duration.ofMillis(1)).build())
            .onStatus(
                change -> {
                  assertEquals(1, inside.incrementAndGet(), "one at a time");
                  blocked.countDown();
                  try {
                    free.await();
                  } catch (InterruptedException e) {
                    throw new IllegalStateException(e);
                  }
                  changes.add(change);
                  inside.decrementAndGet();
                })
            .build()
            .start();
    blocked.await();
    try (Logged log = new Logged(Level.WARNING);
        Sender sender = new Sender(server)) {
      for (long id = 0; id < records; id++) {
        sender.send(event(id));
        sender.awaitArrival();
        assertTrue(server.flush(TestServers.SOON));
      }
      server.close();
      assertEquals(ids(0, records), flapping.stored());
      log.await("changes of the status were left out");
      assertTrue(changes.isEmpty());
    } finally {
      free.countDown();
    }
    awaitClosedTold();
    int told = statuses().size();
    assertTrue(
        told > StatusReporter.CAPACITY && told < StatusReporter.CAPACITY + 5, changes::toString);
  }

  @Test
  void a_listener_that_throws_is_logged_and_called_again() throws Exception {
    try (Logged log = new Logged(Level.SEVERE)) {
      IngestServer server =
          TestServers.builder(new MemorySink())
              .onStatus(
                  change -> {
                    changes.add(change);
                    throw new AssertionError("of the host's");
                  })
              .build()
              .start();
      server.close();
      awaitTold(NEW, STARTING, RUNNING, CLOSING, CLOSED);
      log.await("onStatus listener", "RUNNING to CLOSING");
    }
  }

  @Test
  void a_listener_may_close_the_server_and_flush_it() throws Exception {
    CountDownLatch sent = new CountDownLatch(1);
    AtomicBoolean flushed = new AtomicBoolean();
    IngestServer[] own = new IngestServer[1];
    IngestServer server =
        TestServers.builder(sink)
            .onStatus(
                change -> {
                  changes.add(change);
                  if (change.to() == RUNNING) {
                    try {
                      sent.await();
                      flushed.set(own[0].flush(TestServers.SOON));
                    } catch (InterruptedException e) {
                      throw new IllegalStateException(e);
                    }
                    own[0].close();
                  }
                })
            .build();
    own[0] = server;
    server.start();
    try (Sender sender = new Sender(server)) {
      sender.send(event(1));
    }
    sent.countDown();
    assertSame(CloseReason.CLOSED, server.awaitClose());
    assertTrue(flushed.get());
    awaitTold(NEW, STARTING, RUNNING, CLOSING, CLOSED);
  }

  @Test
  void a_listener_that_blocks_holds_up_no_exit() throws Exception {
    CleanupRegistry registry = CleanupRegistry.create();
    CountDownLatch free = new CountDownLatch(1);
    IngestServer server =
        TestServers.builder(sink)
            .cleanupRegistry(registry)
            .onStatus(
                change -> {
                  try {
                    free.await();
                  } catch (InterruptedException e) {
                    throw new IllegalStateException(e);
                  }
                })
            .build()
            .start();
    try {
      registry.run();
      assertSame(CLOSED, server.status());
      assertSame(CloseReason.EXIT, server.awaitClose());
    } finally {
      free.countDown();
    }
  }
}
