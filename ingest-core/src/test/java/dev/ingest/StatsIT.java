package dev.ingest;

import static dev.ingest.Events.event;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ingest.policy.JournalSync;
import dev.ingest.policy.Spooling;
import dev.ingest.record.Schema;
import dev.ingest.sink.SinkException;
import dev.ingest.stats.IngestStats;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a snapshot shows beside the accounts. */
class StatsIT {
  private final AtomicInteger failuresLeft = new AtomicInteger();

  private void fail() throws SinkException {
    if (failuresLeft.getAndUpdate(left -> Math.max(0, left - 1)) > 0) {
      throw SinkException.retryable("made up");
    }
  }

  @Test
  void writes_are_counted_with_their_time_and_failures_apart() throws Exception {
    failuresLeft.set(Integer.MAX_VALUE);
    try (IngestServer server = TestServers.start(new MemorySink(batch -> fail()));
        Sender sender = new Sender(server)) {
      assertEquals(Duration.ZERO, server.stats().writes().maxTime());
      sender.send(event(0));
      IngestStats failing =
          Ledgers.await(server, stats -> stats.writes().consecutiveFailures() >= 3);
      assertEquals(failing.writes().failures(), failing.writes().consecutiveFailures());
      assertEquals(0, failing.writes().batches());
      assertEquals(Duration.ZERO, failing.writes().time());
      failuresLeft.set(0);
      IngestStats stored = Ledgers.await(server, stats -> stats.records().persisted() == 1);
      assertEquals(1, stored.writes().batches(), "in the same step as the records");
      assertEquals(0, stored.writes().consecutiveFailures());
      assertTrue(stored.writes().failures() >= 3, stored::toString);
      assertTrue(stored.writes().time().toNanos() > 0, stored::toString);
      assertEquals(stored.writes().time(), stored.writes().maxTime());
    }
  }

  @Test
  void a_sink_that_does_not_open_counts_as_failing_until_it_does() throws Exception {
    failuresLeft.set(3);
    MemorySink sink =
        new MemorySink() {
          @Override
          public synchronized void open(Schema schema) {
            super.open(schema);
            try {
              fail();
            } catch (SinkException e) {
              throw new IllegalStateException(e);
            }
          }
        };
    try (IngestServer server = TestServers.builder(sink).startWithoutSink(true).build().start();
        Sender sender = new Sender(server)) {
      sender.send(event(0));
      IngestStats stored = Ledgers.await(server, stats -> stats.records().persisted() == 1);
      assertEquals(3, stored.writes().failures());
      assertEquals(0, stored.writes().consecutiveFailures());
    }
  }

  @Test
  void the_oldest_record_is_as_old_as_the_call_that_holds_it_up() throws Exception {
    MemorySink.Gate gate = new MemorySink.Gate();
    IngestServer server =
        TestServers.builder(new MemorySink(gate)).queueCapacity(7).batchSize(2).build();
    assertEquals(7, server.stats().queue().capacity());
    assertEquals(Duration.ZERO, server.start().stats().queue().oldestAge());
    try (server;
        Sender sender = new Sender(server)) {
      sender.send(event(0));
      gate.awaitEntered();
      long entered = System.nanoTime();
      sender.send(event(1));
      Ledgers.await(server, stats -> stats.records().queued() == 2);
      Ledgers.await(() -> System.nanoTime() - entered > Duration.ofMillis(50).toNanos());
      Duration age = server.stats().queue().oldestAge();
      assertTrue(age.compareTo(Duration.ofMillis(50)) > 0, age::toString);
      gate.open();
      IngestStats empty = Ledgers.await(server, stats -> stats.records().queued() == 0);
      assertEquals(Duration.ZERO, empty.queue().oldestAge());
    }
    assertEquals(7, server.stats().queue().capacity());
    assertEquals(Duration.ZERO, server.stats().queue().oldestAge());
    assertSame(server.stats(), server.stats(), "the final one");
  }

  @Test
  void what_was_in_the_spool_ages_from_when_it_was_read_back(@TempDir Path directory)
      throws Exception {
    failuresLeft.set(Integer.MAX_VALUE);
    try (IngestServer server =
            TestServers.builder(new MemorySink(batch -> fail()))
                .retryPolicy(TestServers.quickRetries().maxAttempts(2).build())
                .spool(Spooling.in(directory))
                .build()
                .start();
        Sender sender = new Sender(server)) {
      sender.send(event(0));
      Ledgers.await(server, stats -> stats.records().spooled() == 1);
    }
    MemorySink.Gate gate = new MemorySink.Gate();
    try (IngestServer next =
        TestServers.builder(new MemorySink(gate)).spool(Spooling.in(directory)).build().start()) {
      gate.awaitEntered();
      Ledgers.await(next, stats -> stats.queue().oldestAge().toMillis() > 10);
      gate.open();
      IngestStats empty = Ledgers.await(next, stats -> stats.records().persisted() == 1);
      assertEquals(Duration.ZERO, empty.queue().oldestAge());
    }
  }

  @Test
  void the_bytes_of_the_spool_are_those_of_its_files(@TempDir Path directory) throws Exception {
    Spooling spooling = Spooling.in(directory).journal(JournalSync.NEVER);
    MemorySink sink = new MemorySink();
    IngestServer server = TestServers.builder(sink).spool(spooling).build().start();
    try (server;
        Sender sender = new Sender(server)) {
      assertEquals(0, server.stats().spoolBytes());
      sender.send(event(0));
      long one = Ledgers.await(server, s -> s.records().persisted() == 1).spoolBytes();
      assertTrue(one > event(0).length(), "the line is there until its segment is removed");
      sender.send(event(1));
      assertEquals(2 * one, Ledgers.await(server, s -> s.records().persisted() == 2).spoolBytes());
    }
    assertEquals(0, server.stats().spoolBytes(), "all is stored, and the files are gone");
  }
}
