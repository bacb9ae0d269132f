package dev.ingest;

import static dev.ingest.Events.array;
import static dev.ingest.Events.event;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ingest.policy.OverflowPolicy;
import dev.ingest.policy.Spooling;
import dev.ingest.sink.SinkException;
import dev.ingest.source.Udp;
import dev.ingest.stats.DropReason;
import dev.ingest.stats.IngestStats;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class LedgerIT {
  @TempDir Path directory;

  @ParameterizedTest
  @EnumSource(OverflowPolicy.class)
  void l1_l2_hold_in_every_snapshot_whatever_happens(OverflowPolicy policy) throws Exception {
    AtomicInteger writes = new AtomicInteger();
    MemorySink sink =
        new MemorySink(
            batch -> {
              if (writes.incrementAndGet() % 5 == 0) {
                throw SinkException.retryable("every fifth time");
              }
              for (long id : MemorySink.ids(batch)) {
                if (id % 100 == 0) {
                  throw SinkException.permanent("no hundreds");
                }
              }
            });
    int[] stranger = new int[1];
    IngestServerBuilder settings =
        TestServers.builder(sink)
            .queueCapacity(64)
            .overflowPolicy(policy)
            .source(Udp.on(0).filter(sender -> sender.getPort() != stranger[0]));
    if (policy == OverflowPolicy.SPOOL) {
      settings.spool(Spooling.in(directory.resolve("spool")));
    }
    IngestServer server = settings.build().start();
    AtomicBoolean ended = new AtomicBoolean();
    CompletableFuture<Void> watch =
        CompletableFuture.runAsync(
            () -> {
              while (!ended.get()) {
                Ledgers.balanced(server.stats());
              }
            });
    try (server;
        Sender sender = new Sender(server);
        Sender ignored = new Sender(server)) {
      stranger[0] = ignored.localAddress().getPort();
      for (int id = 0; id < 4_000; id += 10) {
        sender.sendEvents(id, id + 5);
        sender.send("bad");
        sender.send(array(id + 5, id + 10));
        ignored.send(event(id));
      }
      Ledgers.await(server, stats -> stats.records().queued() + stats.records().spooled() == 0);
      // One that is refused for certain, since others may have been dropped; as may this one.
      Ledgers.await(
          () -> {
            sender.send(event(4_000));
            return server.stats().records().droppedByReason().containsKey(DropReason.REFUSED);
          });
    } finally {
      ended.set(true);
    }
    watch.join();
    IngestStats end = Ledgers.balanced(server.stats());
    assertTrue(end.messages().rejected() > 0 && end.messages().ignored() > 0, end::toString);
    assertEquals(0, end.records().queued());
    assertEquals(0, end.records().lost());
    assertEquals(end.records().persisted(), sink.stored().size());
  }

  @Test
  @EnabledOnOs(value = OS.LINUX, disabledReason = "only Linux reports what the kernel dropped")
  void l3_what_the_kernel_drops_is_counted() throws Exception {
    MemorySink.Gate gate = new MemorySink.Gate();
    IngestServer server =
        TestServers.builder(new MemorySink(gate))
            .source(Udp.on(0).receiveBuffer(4096))
            .queueCapacity(5)
            .build()
            .start();
    try (server;
        Sender sender = new Sender(server)) {
      sender.send(event(0));
      gate.awaitEntered();
      sender.sendEvents(1, 1_000);
      sender.awaitArrival();
      IngestStats full = Ledgers.await(server, stats -> stats.records().queued() == 5);
      long dropped = full.kernelDrops().orElseThrow();
      assertTrue(dropped > 0, "the kernel dropped none");
      assertTrue(full.messages().received() + dropped < sender.sent(), "some are still unread");
      gate.open();
      Ledgers.await(
          server,
          stats -> stats.messages().received() + stats.kernelDrops().orElseThrow() == 1_000);
    }
    IngestStats end = Ledgers.balanced(server.stats());
    assertEquals(1_000, end.messages().received() + end.kernelDrops().orElseThrow());
    assertEquals(end.records().decoded(), end.records().persisted());
  }

  @Test
  @EnabledOnOs(value = OS.LINUX, disabledReason = "only Linux reports what the kernel dropped")
  void l3_an_interrupted_thread_sees_kernel_drops_too() throws Exception {
    try (IngestServer server = TestServers.start(new MemorySink())) {
      Thread.currentThread().interrupt();
      boolean known = server.stats().kernelDrops().isPresent();
      assertTrue(Thread.interrupted());
      assertTrue(known);
    }
  }

  @Test
  void kernel_drops_are_unknown_before_the_start() {
    IngestServer server = TestServers.builder(new MemorySink()).build();
    assertTrue(server.stats().kernelDrops().isEmpty());
    assertEquals(0, Ledgers.balanced(server.stats()).messages().received());
  }
}
