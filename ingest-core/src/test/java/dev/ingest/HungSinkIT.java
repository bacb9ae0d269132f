package dev.ingest;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.ingest.policy.JournalSync;
import dev.ingest.policy.OverflowPolicy;
import dev.ingest.policy.Spooling;
import dev.ingest.source.Udp;
import dev.ingest.stats.IngestStats;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A sink that never returns, and a spool that has room. */
class HungSinkIT {
  private static final int SENDERS = 8;

  @TempDir Path directory;

  @ParameterizedTest
  @CsvSource({
    "BLOCK, 1, false",
    "BLOCK, 4, true",
    "SPOOL, 1, true",
    "SPOOL, 4, false",
    "DROP_NEWEST, 1, true",
    "DROP_NEWEST, 4, false",
    "DROP_OLDEST, 1, false",
    "DROP_OLDEST, 4, true"
  })
  void at_the_drain_timeout_nothing_is_lost(OverflowPolicy policy, int receivers, boolean journal)
      throws Exception {
    Spooling spooling = Spooling.in(directory);
    IngestServer server =
        TestServers.builder(new MemorySink(new MemorySink.Gate(false)))
            .source(Udp.on(0).receivers(receivers))
            .spool(journal ? spooling.journal(JournalSync.NEVER) : spooling)
            .overflowPolicy(policy)
            .queueCapacity(10)
            .drainTimeout(Duration.ofMillis(100))
            .build()
            .start();
    List<Sender> senders = new ArrayList<>();
    for (int i = 0; i < SENDERS; i++) {
      senders.add(new Sender(server));
    }
    for (long id = 0; id < 100; id++) {
      senders.get((int) id % SENDERS).send(Events.array(4 * id, 4 * id + 4));
    }
    for (Sender sender : senders) {
      sender.close();
    }
    server.close();
    IngestStats end = Ledgers.balanced(server.stats());
    assertEquals(100, end.messages().received() + end.kernelDrops().orElse(0));
    assertEquals(0, end.records().lost(), end::toString);
    assertEquals(
        end.records().decoded(), end.records().spooled() + end.records().dropped(), end::toString);
    MemorySink well = new MemorySink();
    try (IngestServer next = TestServers.builder(well).spool(spooling).build().start()) {
      assertEquals(end.records().spooled(), next.stats().records().recovered());
      Ledgers.await(next, stats -> stats.records().spooled() + stats.records().queued() == 0);
    }
    assertEquals(end.records().spooled(), well.stored().stream().distinct().count());
    assertEquals(end.records().spooled(), well.stored().size());
  }
}
