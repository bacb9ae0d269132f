package dev.ingest;

import static dev.ingest.Events.array;
import static dev.ingest.Events.event;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ingest.cleanup.CleanupRegistry;
import dev.ingest.sink.SinkException;
import dev.ingest.stats.DropReason;
import dev.ingest.stats.IngestStats;
import java.util.List;
import java.util.Map;
import java.util.logging.Level;
import org.junit.jupiter.api.Test;

/** Threads of the server that die: here of the host's log handler, which throws an Error. */
class FailureIT {
  private final CleanupRegistry registry = CleanupRegistry.create();
  private final MemorySink sink =
      new MemorySink(
          batch -> {
            if (MemorySink.ids(batch).contains(13L)) {
              throw SinkException.permanent("not 13");
            }
          });

  private IngestServer start() throws Exception {
    return TestServers.builder(sink).cleanupRegistry(registry).build().start();
  }

  @Test
  @SuppressWarnings("try") // the handler is there, which is enough
  void the_server_drains_and_closes_if_the_receiver_dies() throws Exception {
    IngestServer server = start();
    try (DeadlyLog deadly = new DeadlyLog("dev.ingest.receive");
        Logged errors = new Logged(Level.SEVERE);
        Sender sender = new Sender(server)) {
      sender.sendEvents(0, 10);
      sender.send("bad");
      server.awaitClose();
      errors.await("cannot go on and closes");
    }
    IngestStats end = Ledgers.balanced(server.stats());
    assertEquals(10, end.records().persisted());
    assertEquals(1, end.messages().rejected());
    assertEquals(1, sink.closed());
    assertEquals(0, registry.size());
  }

  @Test
  @SuppressWarnings("try") // the handler is there, which is enough
  void the_server_closes_and_counts_the_loss_if_the_writer_dies() throws Exception {
    IngestServer server = start();
    try (DeadlyLog deadly = new DeadlyLog("dev.ingest.deliver");
        Logged errors = new Logged(Level.SEVERE);
        Sender sender = new Sender(server)) {
      sender.send(event(0));
      Ledgers.await(server, stats -> stats.records().persisted() == 1);
      sender.send(array(10, 20));
      server.awaitClose();
      errors.await("cannot go on and closes");
    }
    IngestStats end = Ledgers.balanced(server.stats());
    assertEquals(Map.of(DropReason.REFUSED, 1L), end.records().droppedByReason());
    assertEquals(11, end.records().persisted() + end.records().dropped() + end.records().lost());
    assertTrue(end.records().lost() > 0, end::toString);
    assertEquals(List.of(0L), sink.stored().subList(0, 1));
    assertEquals(1, sink.closed());
    assertEquals(0, registry.size());
  }
}
