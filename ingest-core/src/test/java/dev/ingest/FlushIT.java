package dev.ingest;

import static dev.ingest.Events.event;
import static dev.ingest.Events.ids;
import static dev.ingest.Events.sorted;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ingest.policy.OverflowPolicy;
import dev.ingest.policy.Spooling;
import dev.ingest.sink.SinkException;
import dev.ingest.source.Tcp;
import dev.ingest.source.Udp;
import dev.ingest.source.Unix;
import dev.ingest.stats.IngestStats;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is settled when a flush has returned true, and when it returns false or throws. */
class FlushIT {
  /** Enough to see that something does not come. */
  private static final Duration SHORT = Duration.ofMillis(100);

  @TempDir Path directory;
  private final MemorySink sink = new MemorySink();

  private static void flush(IngestServer server) throws InterruptedException {
    assertTrue(server.flush(TestServers.SOON), () -> server.stats().toString());
  }

  /** Flushes on another thread; returns when that waits. */
  private static CompletableFuture<Boolean> flushInBackground(IngestServer server) {
    CompletableFuture<Boolean> flushed = new CompletableFuture<>();
    Thread thread =
        new Thread(
            () -> {
              try {
                flushed.complete(server.flush(TestServers.SOON));
              } catch (Throwable t) {
                flushed.completeExceptionally(t);
              }
            });
    thread.start();
    TestServers.awaitWaiting(thread);
    return flushed;
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 3})
  void all_datagrams_that_were_sent_before_are_stored_each_time(int receivers) throws Exception {
    try (IngestServer server =
        TestServers.builder(sink).source(Udp.on(0).receivers(receivers)).build().start()) {
      List<Sender> senders = new ArrayList<>();
      for (int i = 0; i < 4; i++) {
        senders.add(new Sender(server));
      }
      for (long round = 0; round < 200; round++) {
        Sender sender = senders.get((int) round % senders.size());
        sender.sendEvents(10 * round, 10 * round + 10);
        sender.awaitArrival();
        flush(server);
        assertEquals(ids(0, 10 * round + 10), sorted(sink.stored()));
      }
      for (Sender sender : senders) {
        sender.close();
      }
    }
  }

  @Test
  void all_lines_of_all_connections_and_sources_are_stored() throws Exception {
    try (IngestServer server =
            TestServers.builder(sink)
                .source(Tcp.on(0))
                .source(Unix.at(directory.resolve("socket")))
                .source(Udp.on(0))
                .build()
                .start();
        Client first = new Client(server.localAddresses().get(0));
        Client second = new Client(server.localAddresses().get(0));
        Client unix = new Client(server.localAddresses().get(1));
        Sender sender = new Sender(server.localAddresses().get(2))) {
      for (long from = 0; from < 4_000; from += 400) {
        first.sendEvents(from, from + 100);
        second.sendEvents(from + 100, from + 200);
        unix.sendEvents(from + 200, from + 300);
        sender.sendEvents(from + 300, from + 400);
        sender.awaitArrival();
        flush(server);
        assertEquals(ids(0, from + 400), sorted(sink.stored()));
      }
      try (Client late = new Client(server.localAddresses().get(0))) {
        late.sendEvents(4_000, 4_010);
        flush(server); // though it may not have been accepted yet
        assertEquals(ids(0, 4_010), sorted(sink.stored()));
        late.send("{\"id\":");
        flush(server);
        late.send("4010}\n");
        flush(server);
        assertEquals(ids(0, 4_011), sorted(sink.stored()));
      }
    }
  }

  @Test
  void what_is_rejected_ignored_or_a_dead_letter_is_settled_and_counted() throws Exception {
    MemorySink refuses =
        new MemorySink(
            batch -> {
              if (MemorySink.ids(batch).contains(7L)) {
                throw SinkException.permanent("never");
              }
            });
    try (IngestServer server =
            TestServers.builder(refuses)
                .source(Udp.on(0).filter(from -> from.getPort() % 2 == 0))
                .deadLetters(directory.resolve("dead.ndjson"))
                .build()
                .start();
        Sender one = new Sender(server);
        Sender other = new Sender(server)) {
      for (Sender sender : List.of(one, other)) {
        sender.send("bad");
        sender.sendEvents(0, 10);
        sender.awaitArrival();
      }
      flush(server);
      IngestStats stats = Ledgers.balanced(server.stats());
      assertEquals(22, stats.messages().received());
      assertEquals(0, stats.records().queued());
      long heard = List.of(one, other).stream().filter(FlushIT::isHeard).count();
      assertEquals(heard, stats.messages().rejected());
      assertEquals(9 * heard, stats.records().persisted());
      assertEquals(heard, stats.records().deadLettered());
    }
  }

  private static boolean isHeard(Sender sender) {
    try {
      return sender.localAddress().getPort() % 2 == 0;
    } catch (java.io.IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  @ParameterizedTest
  @EnumSource(OverflowPolicy.class)
  void a_flood_that_goes_on_neither_starves_it_nor_stops(OverflowPolicy policy) throws Exception {
    AtomicBoolean over = new AtomicBoolean();
    IngestServerBuilder builder =
        TestServers.builder(
                new MemorySink(
                    batch -> LockSupport.parkNanos(1_000L * batch.size()))) // slower than the flood
            .queueCapacity(256)
            .overflowPolicy(policy);
    if (policy == OverflowPolicy.SPOOL) {
      builder.spool(Spooling.in(directory.resolve("spool")));
    }
    try (IngestServer server = builder.build().start();
        Sender sender = new Sender(server)) {
      Thread flood =
          new Thread(
              () -> {
                try {
                  for (long id = 0; !over.get(); id++) {
                    sender.send(event(id));
                  }
                } catch (java.io.IOException e) {
                  throw new java.io.UncheckedIOException(e);
                }
              });
      flood.start();
      try {
        for (int i = 0; i < 10; i++) {
          long before = server.stats().messages().received();
          flush(server);
          IngestStats after = Ledgers.balanced(server.stats());
          assertTrue(after.messages().received() >= before);
          Ledgers.await(server, stats -> stats.messages().received() > after.messages().received());
        }
      } finally {
        over.set(true);
        TestServers.join(flood);
      }
    }
  }

  @Test
  void a_full_queue_that_blocks_lets_it_time_out_and_later_succeed() throws Exception {
    MemorySink.Gate gate = new MemorySink.Gate();
    MemorySink held = new MemorySink(gate);
    try (IngestServer server =
            TestServers.builder(held)
                .queueCapacity(1)
                .overflowPolicy(OverflowPolicy.BLOCK)
                .build()
                .start();
        Sender sender = new Sender(server)) {
      sender.sendEvents(0, 10);
      sender.awaitArrival();
      gate.awaitEntered();
      assertFalse(server.flush(SHORT));
      assertFalse(server.flush(Duration.ZERO));
      assertFalse(server.flush(Duration.ofSeconds(Long.MIN_VALUE)));
      CompletableFuture<Boolean> flushed = flushInBackground(server);
      gate.open();
      assertTrue(flushed.get());
      assertEquals(ids(0, 10), held.stored());
    }
  }

  @Test
  void a_failing_sink_lets_it_time_out_unless_the_records_get_into_the_spool() throws Exception {
    MemorySink failing =
        new MemorySink(
            batch -> {
              throw SinkException.retryable("down");
            });
    IngestServerBuilder builder = TestServers.builder(failing).drainTimeout(SHORT);
    try (IngestServer server = builder.build().start();
        Sender sender = new Sender(server)) {
      sender.send(event(1));
      sender.awaitArrival();
      assertFalse(server.flush(SHORT));
    }
    builder
        .spool(Spooling.in(directory.resolve("spool")))
        .retryPolicy(TestServers.quickRetries().maxAttempts(2).build());
    try (IngestServer server = builder.build().start();
        Sender sender = new Sender(server)) {
      sender.sendEvents(0, 50);
      sender.awaitArrival();
      flush(server);
      IngestStats stats = Ledgers.balanced(server.stats());
      assertEquals(50, stats.records().decoded());
      // A replay, which fails, takes some of them out of that account for a moment.
      assertEquals(50, stats.records().spooled() + stats.records().queued());
      Ledgers.await(server, s -> s.records().spooled() == 50);
    }
  }

  @Test
  void before_the_end_of_the_start_it_is_refused() throws Exception {
    IngestServer server = TestServers.builder(sink).build();
    IllegalStateException e =
        assertThrows(IllegalStateException.class, () -> server.flush(Duration.ZERO));
    assertTrue(e.getMessage().endsWith("is NEW: expected a server that was started, by start()"));
    server.start();
    flush(server); // of nothing
    server.close();
  }

  @Test
  void a_call_during_the_close_waits_for_that_and_after_it_all_is_settled() throws Exception {
    MemorySink.Gate gate = new MemorySink.Gate();
    MemorySink held = new MemorySink(gate);
    IngestServer server = TestServers.start(held);
    try (Sender sender = new Sender(server)) {
      sender.send(event(1));
    }
    gate.awaitEntered();
    CompletableFuture<Boolean> before = flushInBackground(server);
    Thread closer = TestServers.closeInBackground(server);
    Ledgers.await(() -> server.status() == ServerStatus.CLOSING);
    assertFalse(server.flush(SHORT));
    CompletableFuture<Boolean> during = flushInBackground(server);
    assertFalse(before.isDone() || during.isDone());
    gate.open();
    assertTrue(before.get());
    assertTrue(during.get());
    TestServers.join(closer);
    assertTrue(server.flush(Duration.ZERO));
  }

  @Test
  void a_close_that_loses_records_does_not_end_it_as_if_they_were_settled() throws Exception {
    MemorySink.Gate gate = new MemorySink.Gate(false);
    IngestServer server =
        TestServers.builder(new MemorySink(gate)).drainTimeout(SHORT).build().start();
    try (Sender sender = new Sender(server)) {
      sender.send(event(1));
    }
    gate.awaitEntered();
    CompletableFuture<Boolean> before = flushInBackground(server);
    server.close();
    assertEquals(1, server.stats().records().lost());
    assertFalse(before.get());
    assertFalse(server.flush(TestServers.SOON));
    gate.open();
  }

  @Test
  void on_a_thread_of_the_server_it_is_refused_and_on_the_close_listeners_it_is_not()
      throws Exception {
    AtomicReference<IngestServer> own = new AtomicReference<>();
    List<Object> results = new CopyOnWriteArrayList<>();
    Runnable call =
        () -> {
          try {
            results.add(own.get().flush(TestServers.SOON));
          } catch (IllegalStateException e) {
            results.add(e.getMessage().replaceAll("Thread.*?ingest", "ingest"));
          } catch (InterruptedException e) {
            results.add(e);
          }
        };
    IngestServer server =
        TestServers.builder(new MemorySink(batch -> call.run()))
            .source(
                Udp.on(0)
                    .filter(
                        from -> {
                          call.run();
                          return true;
                        }))
            .onClose(event -> call.run())
            .build();
    own.set(server);
    server.start();
    try (Sender sender = new Sender(server)) {
      sender.send(event(1));
    }
    flush(server);
    assertEquals(2, results.size(), results::toString);
    for (Object result : results) {
      assertTrue(result.toString().contains("expected a thread of the host"), results::toString);
    }
    server.close();
    assertEquals(true, results.get(2));
  }

  @Test
  void an_interrupt_ends_the_wait() throws Exception {
    MemorySink.Gate gate = new MemorySink.Gate();
    try (IngestServer server = TestServers.start(new MemorySink(gate));
        Sender sender = new Sender(server)) {
      sender.send(event(1));
      gate.awaitEntered();
      AtomicReference<Throwable> thrown = new AtomicReference<>();
      Thread waiting =
          new Thread(
              () ->
                  thrown.set(assertThrows(Throwable.class, () -> server.flush(TestServers.SOON))));
      waiting.start();
      TestServers.awaitWaiting(waiting);
      waiting.interrupt();
      TestServers.join(waiting);
      assertEquals(InterruptedException.class, thrown.get().getClass());
      gate.open();
    }
  }

  @Test
  void many_threads_may_flush_at_once() throws Exception {
    try (IngestServer server = TestServers.start(sink)) {
      List<Thread> threads = new ArrayList<>();
      List<Throwable> failures = new CopyOnWriteArrayList<>();
      for (int i = 0; i < 4; i++) {
        long first = 1_000L * i;
        threads.add(
            new Thread(
                () -> {
                  try (Sender sender = new Sender(server)) {
                    for (long id = first; id < first + 50; id++) {
                      sender.send(event(id));
                      sender.awaitArrival();
                      flush(server);
                      assertTrue(sink.stored().contains(id));
                    }
                  } catch (Throwable t) {
                    failures.add(t);
                  }
                }));
      }
      threads.forEach(Thread::start);
      for (Thread thread : threads) {
        TestServers.join(thread);
      }
      assertEquals(List.of(), failures);
    }
  }
}
