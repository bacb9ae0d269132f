package dev.ingest;

import static dev.ingest.Events.array;
import static dev.ingest.Events.event;
import static dev.ingest.Events.ids;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ingest.policy.OverflowPolicy;
import dev.ingest.stats.DropReason;
import dev.ingest.stats.IngestStats;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What a full queue does, behind a sink that is held up in its first write, of event 0 alone. */
class OverflowIT {
  private final MemorySink.Gate gate = new MemorySink.Gate();
  private final MemorySink sink = new MemorySink(gate);

  /** A server that has given event 0 to the sink, and the sink holds it. */
  private IngestServer heldUp(OverflowPolicy policy, int capacity, int batchSize) throws Exception {
    IngestServer server =
        TestServers.builder(sink)
            .overflowPolicy(policy)
            .queueCapacity(capacity)
            .batchSize(batchSize)
            .build()
            .start();
    try (Sender sender = new Sender(server)) {
      sender.send(event(0));
    }
    gate.awaitEntered();
    return server;
  }

  @Test
  void block_keeps_what_does_not_fit_in_the_kernel() throws Exception {
    try (IngestServer server = heldUp(OverflowPolicy.BLOCK, 10, 4);
        Sender sender = new Sender(server)) {
      sender.sendEvents(1, 100);
      IngestStats full = Ledgers.await(server, stats -> stats.records().queued() == 10);
      assertEquals(10, full.messages().received());
      gate.open();
      Ledgers.await(server, stats -> stats.records().persisted() == 100);
      assertEquals(ids(0, 100), sink.stored());
      assertEquals(0, server.stats().records().dropped());
    }
  }

  @Test
  void drop_newest_keeps_the_oldest() throws Exception {
    try (IngestServer server = heldUp(OverflowPolicy.DROP_NEWEST, 10, 4);
        Sender sender = new Sender(server)) {
      sender.sendEvents(1, 100);
      IngestStats full = Ledgers.await(server, stats -> stats.messages().received() == 100);
      assertEquals(10, full.records().queued());
      assertEquals(Map.of(DropReason.OVERFLOW, 90L), full.records().droppedByReason());
      gate.open();
      Ledgers.await(server, stats -> stats.records().persisted() == 10);
      assertEquals(ids(0, 10), sink.stored());
      sender.send(event(100));
      Ledgers.await(server, stats -> stats.records().persisted() == 11); // there is room again
    }
  }

  @Test
  void drop_oldest_keeps_the_newest() throws Exception {
    try (IngestServer server = heldUp(OverflowPolicy.DROP_OLDEST, 10, 4);
        Sender sender = new Sender(server)) {
      sender.sendEvents(1, 100);
      IngestStats full = Ledgers.await(server, stats -> stats.messages().received() == 100);
      long kept = full.records().queued() - 1;
      assertTrue(kept > 10 - 1 - 4 && kept < 10, "room for nine, of which one batch was dropped");
      assertEquals(Map.of(DropReason.OVERFLOW, 99 - kept), full.records().droppedByReason());
      gate.open();
      Ledgers.await(server, stats -> stats.records().persisted() == 1 + kept);
      assertEquals(0L, sink.stored().get(0));
      assertEquals(ids(100 - kept, 100), sink.stored().subList(1, (int) kept + 1));
    }
  }

  @Test
  void drop_oldest_drops_what_arrives_if_the_sink_has_all_that_fits() throws Exception {
    try (IngestServer server = heldUp(OverflowPolicy.DROP_OLDEST, 1, 1);
        Sender sender = new Sender(server)) {
      sender.sendEvents(1, 20);
      IngestStats full = Ledgers.await(server, stats -> stats.messages().received() == 20);
      assertEquals(1, full.records().queued());
      assertEquals(Map.of(DropReason.OVERFLOW, 19L), full.records().droppedByReason());
      gate.open();
      Ledgers.await(server, stats -> stats.records().persisted() == 1);
    }
  }

  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "SPOOL")
  void the_queue_holds_no_more_than_its_capacity(OverflowPolicy policy) throws Exception {
    try (IngestServer server = heldUp(policy, 1, 1);
        Sender sender = new Sender(server)) {
      sender.sendEvents(1, 50);
      if (policy != OverflowPolicy.BLOCK) {
        Ledgers.await(server, stats -> stats.messages().received() == 50);
      }
      assertEquals(1, server.stats().records().queued());
      gate.open();
      IngestStats end =
          Ledgers.await(
              server, stats -> stats.records().persisted() + stats.records().dropped() == 50);
      assertEquals(policy == OverflowPolicy.BLOCK ? 50 : 1, end.records().persisted());
    }
  }

  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "SPOOL")
  void the_queue_holds_no_more_than_its_capacity_and_one_datagram(OverflowPolicy policy)
      throws Exception {
    int records = 50;
    int datagrams = 40;
    try (IngestServer server = heldUp(policy, 120, 60);
        Sender sender = new Sender(server)) {
      for (int i = 0; i < datagrams; i++) {
        long first = 1 + (long) i * records;
        sender.send(array(first, first + records));
        assertTrue(server.stats().records().queued() < 120 + records, "the queue holds more");
      }
      if (policy == OverflowPolicy.BLOCK) {
        Ledgers.await(server, stats -> stats.records().queued() >= 120);
      } else {
        Ledgers.await(server, stats -> stats.messages().received() == 1 + datagrams);
      }
      assertTrue(server.stats().records().queued() < 120 + records, "the queue holds more");
      gate.open();
      IngestStats end =
          Ledgers.await(
              server,
              stats ->
                  stats.records().persisted() + stats.records().dropped()
                      == 1 + records * datagrams);
      assertEquals(policy == OverflowPolicy.BLOCK, end.records().dropped() == 0);
      assertEquals(
          0, end.records().dropped() % records); // a datagram is dropped whole or not at all
      assertEquals(sink.stored().stream().sorted().distinct().toList(), sink.stored());
    }
  }

  @Test
  void rejected_datagrams_are_counted_while_the_queue_is_full() throws Exception {
    try (IngestServer server = heldUp(OverflowPolicy.DROP_NEWEST, 1, 1);
        Sender sender = new Sender(server)) {
      for (int i = 1; i <= 10; i++) {
        sender.send(event(i));
        sender.send("not JSON");
      }
      IngestStats full = Ledgers.await(server, stats -> stats.messages().received() == 21);
      assertEquals(10, full.messages().rejected());
      assertEquals(10, full.records().dropped());
      gate.open();
    }
    assertEquals(List.of(0L), sink.stored());
  }
}
