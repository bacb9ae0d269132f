package dev.ingest;

import static dev.ingest.Events.array;
import static dev.ingest.Events.event;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ingest.cleanup.CleanupRegistry;
import dev.ingest.policy.JournalSync;
import dev.ingest.policy.OverflowPolicy;
import dev.ingest.policy.Spooling;
import dev.ingest.sink.SinkException;
import dev.ingest.source.Udp;
import dev.ingest.stats.DropReason;
import dev.ingest.stats.IngestStats;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Threads of the server that die: here of a log that throws an Error. */
class FailureIT {
  @TempDir Path directory;

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
  void the_server_drains_and_closes_if_the_receiver_dies() throws Exception {
    IngestServer server = start();
    DeadlyLog.in(server, "dev.ingest.receive");
    try (Logged errors = new Logged(Level.SEVERE);
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

  @ParameterizedTest
  @EnumSource(
      value = OverflowPolicy.class,
      names = {"DROP_OLDEST", "DROP_NEWEST"})
  void a_message_is_counted_once_if_the_receiver_dies_of_dropping(OverflowPolicy policy)
      throws Exception {
    MemorySink.Gate gate = new MemorySink.Gate();
    IngestServer server =
        TestServers.builder(new MemorySink(gate))
            .queueCapacity(2)
            .overflowPolicy(policy)
            .build()
            .start();
    int sent = 0;
    DeadlyLog deadly = DeadlyLog.in(server, "dev.ingest.receive");
    try (Sender sender = new Sender(server)) {
      while (!deadly.hasThrown()) { // one at a time, since what is unread then is lost
        sender.send(event(sent++));
        long expected = sent;
        Ledgers.await(() -> server.stats().messages().received() >= expected);
      }
      gate.open();
      server.awaitClose();
    }
    assertEquals(sent, Ledgers.balanced(server.stats()).messages().received());
  }

  @Test
  void the_server_drains_and_closes_if_the_receiver_dies_of_the_journal() throws Exception {
    MemorySink.Gate gate = new MemorySink.Gate();
    IngestServer server =
        TestServers.builder(new MemorySink(gate))
            .source(Udp.on(0).maxDatagramSize(65_000))
            .spool(Spooling.in(directory).limit(1 << 20).journal(JournalSync.NEVER))
            .build()
            .start();
    String filler = ",\"filler\":\"" + "x".repeat(50_000) + "\"}";
    int sent = 0;
    DeadlyLog deadly = DeadlyLog.in(server, "dev.ingest.spool");
    try (Sender sender = new Sender(server)) {
      while (!deadly.hasThrown()) {
        sender.send("{\"id\":" + sent++ + filler);
        long expected = sent;
        Ledgers.await(() -> server.stats().messages().received() >= expected);
      }
      gate.open();
      server.awaitClose();
    }
    IngestStats end = Ledgers.balanced(server.stats());
    assertEquals(sent, end.messages().received());
    assertEquals(sent, end.records().persisted());
    assertTrue(end.notJournaled() > 0, end::toString);
  }

  @Test
  void a_loss_that_cannot_be_logged_disturbs_no_close() throws Exception {
    List<CloseEvent> events = new ArrayList<>();
    IngestServer server =
        TestServers.builder(new MemorySink(new MemorySink.Gate(false)))
            .drainTimeout(Duration.ofMillis(50))
            .cleanupRegistry(registry)
            .onClose(events::add)
            .build()
            .start();
    try (Sender sender = new Sender(server)) {
      sender.send(event(0));
      Ledgers.await(server, stats -> stats.records().queued() == 1);
    }
    Handler deadly = new DeadlyHandler();
    Logger logger = Logger.getLogger("dev.ingest"); // held, or it could be forgotten
    logger.addHandler(deadly);
    try {
      server.close();
    } finally {
      logger.removeHandler(deadly);
    }
    assertEquals(1, Ledgers.balanced(events.get(0).stats()).records().lost());
    assertEquals(CloseReason.CLOSED, server.awaitClose());
    assertEquals(0, registry.size());
  }

  private static final class DeadlyHandler extends Handler {
    @Override
    public void publish(LogRecord line) {
      throw new StackOverflowError("in the handler");
    }

    @Override
    public void flush() {}

    @Override
    public void close() {}
  }

  @Test
  void the_server_closes_and_counts_the_loss_if_the_writer_dies() throws Exception {
    IngestServer server = start();
    DeadlyLog.in(server, "dev.ingest.deliver");
    try (Logged errors = new Logged(Level.SEVERE);
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
