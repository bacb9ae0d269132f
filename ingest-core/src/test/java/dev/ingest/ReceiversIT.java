package dev.ingest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ingest.policy.JournalSync;
import dev.ingest.policy.OverflowPolicy;
import dev.ingest.policy.RetryPolicy;
import dev.ingest.policy.Spooling;
import dev.ingest.record.RecordBatch;
import dev.ingest.sink.Sink;
import dev.ingest.source.Udp;
import dev.ingest.stats.IngestStats;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Several receivers on one port; the kernel spreads senders over them on Linux alone. */
@Timeout(600)
@EnabledOnOs(OS.LINUX)
class ReceiversIT {
  private static final int RECEIVERS = 3;

  /** So many that they hardly all get the same receiver. */
  private static final int SENDERS = 24;

  private static final int EACH = 500;

  @TempDir Path directory;
  private final MemorySink sink = new MemorySink();
  private final List<Sender> senders = new ArrayList<>();

  private IngestServerBuilder builder(Sink to) {
    return TestServers.builder(to).source(Udp.on(0).receivers(RECEIVERS));
  }

  @AfterEach
  void closeSenders() throws IOException {
    for (Sender sender : senders) {
      sender.close();
    }
  }

  /** Each sender's numbers begin with its own; a window at a time, which the kernel can hold. */
  private void sendAll(IngestServer server) throws IOException {
    for (int i = 0; i < SENDERS; i++) {
      senders.add(new Sender(server));
    }
    for (int done = 0; done < EACH; done += 5) {
      for (int i = 0; i < SENDERS; i++) {
        long first = (long) i * EACH + done;
        senders.get(i).sendEvents(first, first + 5);
      }
      long sent = (long) SENDERS * (done + 5);
      Ledgers.await(server, stats -> stats.messages().received() == sent);
    }
  }

  private static List<Long> all() {
    return Events.ids(0, SENDERS * EACH);
  }

  @Test
  void receivers_share_the_senders_and_keep_the_order_of_each() throws Exception {
    Set<Thread> receivers = ConcurrentHashMap.newKeySet();
    try (IngestServer server =
        TestServers.builder(sink)
            .source(
                Udp.on(0)
                    .receivers(RECEIVERS)
                    .filter(
                        source -> {
                          receivers.add(Thread.currentThread());
                          return true;
                        }))
            .build()
            .start()) {
      sendAll(server);
      IngestStats stats = Ledgers.await(server, s -> s.records().persisted() == SENDERS * EACH);
      assertEquals(0, stats.kernelDrops().orElseThrow());
    }
    assertEquals(all(), Events.sorted(sink.stored()));
    for (int i = 0; i < SENDERS; i++) {
      long own = i;
      List<Long> ids = sink.stored().stream().filter(id -> id / EACH == own).toList();
      assertEquals(Events.sorted(ids), ids, () -> "order of sender " + own);
    }
    assertTrue(receivers.size() > 1, receivers::toString);
    receivers.forEach(
        thread -> assertTrue(thread.getName().startsWith("ingest-receiver-"), thread.getName()));
  }

  @Test
  void what_the_kernel_has_buffered_for_each_receiver_is_stored_at_the_close() throws Exception {
    MemorySink.Gate gate = new MemorySink.Gate();
    MemorySink held = new MemorySink(gate);
    try (IngestServer server = builder(held).queueCapacity(10).build().start()) {
      for (int i = 0; i < SENDERS; i++) {
        senders.add(new Sender(server));
        senders.get(i).sendEvents(5L * i, 5L * i + 5);
        senders.get(i).awaitArrival();
      }
      gate.open();
    }
    assertEquals(Events.ids(0, 5 * SENDERS), Events.sorted(held.stored()));
  }

  @ParameterizedTest
  @EnumSource(
      value = OverflowPolicy.class,
      names = {"BLOCK", "DROP_OLDEST", "DROP_NEWEST"})
  void memory_is_bounded_under_each_policy(OverflowPolicy policy) throws Exception {
    MemorySink.Gate gate = new MemorySink.Gate();
    try (IngestServer server =
        builder(new MemorySink(gate))
            .queueCapacity(64)
            .batchSize(16)
            .overflowPolicy(policy)
            .build()
            .start()) {
      for (int i = 0; i < SENDERS; i++) {
        senders.add(new Sender(server));
        senders.get(i).sendEvents(0, 100);
      }
      Ledgers.await(
          server,
          stats -> {
            long queued = stats.records().queued();
            assertTrue(queued <= 64 + RECEIVERS * 16, stats::toString);
            return policy == OverflowPolicy.BLOCK ? queued >= 64 : arrived(stats) == SENDERS * 100;
          });
      gate.open();
      Ledgers.await(
          server, stats -> arrived(stats) == SENDERS * 100 && stats.records().queued() == 0);
    }
  }

  private static long arrived(IngestStats stats) {
    return stats.messages().received() + stats.kernelDrops().orElseThrow();
  }

  @Test
  void each_receiver_has_a_journal_of_its_own_and_all_is_replayed_once() throws Exception {
    AtomicBoolean down = new AtomicBoolean(true);
    Sink whenUp =
        new Sink() {
          @Override
          public void write(RecordBatch batch) throws Exception {
            if (down.get()) {
              throw new IOException("down");
            }
            assertTrue(batch.position().isPresent(), "stands on consecutive lines");
            sink.write(batch);
          }
        };
    Path spool = directory.resolve("spool");
    RetryPolicy twice = RetryPolicy.builder().maxAttempts(2).build();
    IngestServer server =
        builder(whenUp)
            .spool(Spooling.in(spool).journal(JournalSync.NEVER))
            .queueCapacity(100)
            .retryPolicy(twice)
            .build()
            .start();
    try (server) {
      sendAll(server);
    }
    assertEquals(SENDERS * EACH, server.stats().records().spooled());
    assertEquals(0, server.stats().notJournaled());
    down.set(false);
    try (IngestServer next =
        builder(whenUp).spool(Spooling.in(spool).journal(JournalSync.NEVER)).build().start()) {
      assertEquals(SENDERS * EACH, next.stats().records().recovered());
      Ledgers.await(next, stats -> stats.records().spooled() == 0 && stats.records().queued() == 0);
    }
    assertEquals(all(), Events.sorted(sink.stored()));
  }

  @Test
  void a_port_that_receivers_share_is_taken_for_all_others() throws Exception {
    try (IngestServer server = builder(sink).build().start()) {
      int port = server.localAddress().getPort();
      IngestServer second =
          TestServers.builder(new MemorySink()).source(Udp.on(port).receivers(RECEIVERS)).build();
      IOException e = assertThrows(IOException.class, second::start);
      assertTrue(e.getMessage().contains(":" + port + ":"), e.getMessage());
    }
  }
}
