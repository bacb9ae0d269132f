package dev.ingest;

import static dev.ingest.Events.array;
import static dev.ingest.Events.event;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ingest.record.DropReason;
import dev.ingest.sink.SinkException;
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
                throw new SinkException("every fifth time", true);
              }
              for (long id : MemorySink.ids(batch)) {
                if (id % 100 == 0) {
                  throw new SinkException("no hundreds", false);
                }
              }
            });
    int[] stranger = new int[1];
    IngestServerBuilder settings =
        TestServers.builder(sink)
            .queueCapacity(64)
            .overflowPolicy(policy)
            .sourceFilter(source -> source.getPort() != stranger[0]);
    if (policy == OverflowPolicy.SPOOL) {
      settings.spool(directory.resolve("spool"));
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
      Ledgers.await(server, stats -> stats.queued() + stats.spooled() == 0);
      // One that is refused for certain, since others may have been dropped; as may this one.
      Ledgers.await(
          () -> {
            sender.send(event(4_000));
            return server.stats().dropped().containsKey(DropReason.REFUSED);
          });
    } finally {
      ended.set(true);
    }
    watch.join();
    IngestStats end = Ledgers.balanced(server.stats());
    assertTrue(end.datagramsRejected() > 0 && end.datagramsIgnored() > 0, end::toString);
    assertEquals(0, end.queued());
    assertEquals(0, end.lost());
    assertEquals(end.persisted(), sink.stored().size());
  }

  @Test
  @EnabledOnOs(value = OS.LINUX, disabledReason = "only Linux reports what the kernel dropped")
  void l3_what_the_kernel_drops_is_counted() throws Exception {
    MemorySink.Gate gate = new MemorySink.Gate();
    IngestServer server =
        TestServers.builder(new MemorySink(gate))
            .receiveBuffer(4096)
            .queueCapacity(5)
            .build()
            .start();
    try (server;
        Sender sender = new Sender(server)) {
      sender.send(event(0));
      gate.awaitEntered();
      sender.sendEvents(1, 1_000);
      sender.awaitArrival();
      IngestStats full = Ledgers.await(server, stats -> stats.queued() == 5);
      long dropped = full.kernelDrops().orElseThrow();
      assertTrue(dropped > 0, "the kernel dropped none");
      assertTrue(full.datagramsReceived() + dropped < sender.sent(), "some are still unread");
      gate.open();
      Ledgers.await(
          server, stats -> stats.datagramsReceived() + stats.kernelDrops().orElseThrow() == 1_000);
    }
    IngestStats end = Ledgers.balanced(server.stats());
    assertEquals(1_000, end.datagramsReceived() + end.kernelDrops().orElseThrow());
    assertEquals(end.recordsDecoded(), end.persisted());
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
    assertEquals(0, Ledgers.balanced(server.stats()).datagramsReceived());
  }
}
