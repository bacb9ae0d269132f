package dev.ingest;

import static dev.ingest.Events.ids;
import static dev.ingest.Events.sorted;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;

/** How far apart batches are that are not full. */
class LingerIT {
  private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(2);

  private final MemorySink sink = new MemorySink();

  @Test
  void there_is_at_most_one_batch_for_each_linger_and_it_has_all_that_came() throws Exception {
    Duration linger = Duration.ofMillis(100);
    long start = System.nanoTime();
    try (IngestServer server = TestServers.builder(sink).linger(linger).build().start();
        Sender sender = new Sender(server)) {
      for (long id = 0; id < 300; id++) {
        sender.sendEvents(id, id + 1);
        LockSupport.parkNanos(PAUSE_NANOS);
      }
      sender.awaitArrival();
      long lingers = (System.nanoTime() - start) / linger.toNanos();
      assertTrue(server.flush(TestServers.SOON));
      assertEquals(ids(0, 300), sorted(sink.stored()));
      long writes = server.stats().writes().batches();
      assertTrue(writes <= lingers + 2, writes + " writes in " + lingers + " lingers");
    }
  }

  @Test
  void a_flush_does_not_wait_for_the_linger() throws Exception {
    try (IngestServer server =
            TestServers.builder(sink).linger(Duration.ofSeconds(1)).build().start();
        Sender sender = new Sender(server)) {
      long start = System.nanoTime();
      for (long id = 0; id < 20; id++) {
        sender.sendEvents(id, id + 1);
        sender.awaitArrival();
        assertTrue(server.flush(TestServers.SOON));
        assertEquals(ids(0, id + 1), sorted(sink.stored()));
      }
      assertTrue(System.nanoTime() - start < TimeUnit.SECONDS.toNanos(19));
    }
  }
}
