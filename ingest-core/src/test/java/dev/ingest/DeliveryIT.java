package dev.ingest;

import static dev.ingest.Events.array;
import static dev.ingest.Events.event;
import static dev.ingest.Events.ids;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ingest.policy.RetryPolicy;
import dev.ingest.record.RecordBatch;
import dev.ingest.sink.SinkException;
import dev.ingest.stats.DropReason;
import dev.ingest.stats.IngestStats;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What becomes of records when the sink fails. */
class DeliveryIT {
  private static IngestServer start(MemorySink sink, RetryPolicy.Builder retries) throws Exception {
    return TestServers.builder(sink).retryPolicy(retries.build()).build().start();
  }

  /** The events from 0 on without some, in order. */
  private static List<Long> idsWithout(Set<Long> some, long to) {
    return ids(0, to).stream().filter(id -> !some.contains(id)).toList();
  }

  private static boolean hasAny(RecordBatch batch, Set<Long> bad) {
    return MemorySink.ids(batch).stream().anyMatch(bad::contains);
  }

  @Test
  void s6_a_retryable_failure_is_retried_until_it_succeeds_and_receiving_goes_on()
      throws Exception {
    AtomicInteger failures = new AtomicInteger();
    AtomicBoolean down = new AtomicBoolean(true);
    MemorySink sink =
        new MemorySink(
            batch -> {
              if (down.get()) {
                failures.incrementAndGet();
                throw SinkException.retryable("not now");
              }
            });
    try (IngestServer server = TestServers.start(sink);
        Sender sender = new Sender(server)) {
      sender.flood(server, 0, 500);
      int before = failures.get();
      sender.flood(server, 500, 1_000); // the whole flood is received while the sink is down
      IngestStats stats = Ledgers.await(server, s -> failures.get() >= before + 3);
      assertEquals(0, stats.records().persisted());
      assertEquals(1_000, stats.records().queued());
      down.set(false);
      Ledgers.await(server, s -> s.records().persisted() == 1_000);
      assertEquals(ids(0, 1_000), sink.stored());
    }
  }

  @Test
  void if_every_third_write_fails_nothing_is_lost_or_out_of_order() throws Exception {
    AtomicInteger writes = new AtomicInteger();
    MemorySink sink =
        new MemorySink(
            batch -> {
              if (writes.incrementAndGet() % 3 == 0) {
                throw SinkException.retryable("the third");
              }
            });
    try (IngestServer server = TestServers.start(sink);
        Sender sender = new Sender(server)) {
      sender.flood(server, 0, 2_000);
      Ledgers.await(server, s -> s.records().persisted() == 2_000);
      assertEquals(ids(0, 2_000), sink.stored());
    }
  }

  @Test
  void s6_other_exceptions_are_retried() throws Exception {
    AtomicInteger writes = new AtomicInteger();
    MemorySink sink =
        new MemorySink(
            batch -> {
              switch (writes.incrementAndGet()) {
                case 1 -> throw new IllegalStateException("a bug");
                case 2 -> throw new InterruptedException("from elsewhere");
                case 3 -> throw new Exception("anything");
                default -> {}
              }
            });
    try (IngestServer server = TestServers.start(sink);
        Sender sender = new Sender(server)) {
      sender.send(event(1));
      Ledgers.await(server, s -> s.records().persisted() == 1);
      assertEquals(4, sink.attempts());
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 5})
  void a_write_is_tried_at_most_max_attempts_times(long attempts) throws Exception {
    MemorySink sink =
        new MemorySink(
            batch -> {
              throw SinkException.retryable("never");
            });
    try (IngestServer server = start(sink, TestServers.quickRetries().maxAttempts((int) attempts));
        Sender sender = new Sender(server)) {
      sender.send(event(1));
      Ledgers.await(
          server, s -> s.records().droppedByReason().equals(Map.of(DropReason.REFUSED, 1L)));
      assertEquals(attempts, sink.attempts());
    }
  }

  @Test
  void s7_after_the_last_attempt_the_bad_records_are_found_by_halving() throws Exception {
    Set<Long> bad = Set.of(13L, 77L);
    MemorySink sink =
        new MemorySink(
            batch -> {
              if (hasAny(batch, bad)) {
                throw SinkException.retryable("not these");
              }
            });
    try (IngestServer server = start(sink, TestServers.quickRetries().maxAttempts(3));
        Sender sender = new Sender(server)) {
      sender.send(array(0, 100));
      Ledgers.await(server, s -> s.records().persisted() == 98 && s.records().dropped() == 2);
      assertEquals(idsWithout(bad, 100), sink.stored());
    }
  }

  @Test
  void s7_halving_finds_exactly_the_bad_records_and_stores_the_others_once() throws Exception {
    Set<Long> bad = Set.of(0L, 3L, 4L, 50L, 98L, 99L);
    MemorySink sink =
        new MemorySink(
            batch -> {
              if (hasAny(batch, bad)) {
                throw SinkException.permanent("not these");
              }
            });
    try (IngestServer server = TestServers.start(sink);
        Sender sender = new Sender(server)) {
      sender.send(array(0, 100));
      IngestStats stats =
          Ledgers.await(server, s -> s.records().queued() == 0 && s.records().decoded() == 100);
      assertEquals(Map.of(DropReason.REFUSED, 6L), stats.records().droppedByReason());
      assertEquals(94, stats.records().persisted());
      assertEquals(idsWithout(bad, 100), sink.stored());
      sender.send(event(100)); // and the server goes on
      Ledgers.await(server, s -> s.records().persisted() == 95);
    }
  }

  @Test
  void s7_a_batch_of_only_bad_records_is_refused_whole() throws Exception {
    MemorySink sink =
        new MemorySink(
            batch -> {
              throw SinkException.permanent("none");
            });
    try (IngestServer server = TestServers.start(sink);
        Sender sender = new Sender(server)) {
      sender.send(array(0, 33));
      Ledgers.await(server, s -> s.records().dropped() == 33);
      assertEquals(2 * 33 - 1, sink.attempts());
    }
  }

  @Test
  void s7_a_half_that_fails_with_a_retryable_failure_is_retried() throws Exception {
    AtomicInteger writes = new AtomicInteger();
    MemorySink sink =
        new MemorySink(
            batch -> {
              if (hasAny(batch, Set.of(5L))) {
                throw SinkException.permanent("not this");
              }
              if (writes.incrementAndGet() % 2 == 1) {
                throw SinkException.retryable("not now");
              }
            });
    try (IngestServer server = TestServers.start(sink);
        Sender sender = new Sender(server)) {
      sender.send(array(0, 40));
      Ledgers.await(server, s -> s.records().persisted() == 39 && s.records().dropped() == 1);
      assertEquals(idsWithout(Set.of(5L), 40), sink.stored());
    }
  }

  @ParameterizedTest
  @ValueSource(classes = {AssertionError.class, OutOfMemoryError.class})
  void s6_an_error_is_not_retried_and_the_writer_survives_it(Class<? extends Error> kind)
      throws Exception {
    MemorySink sink =
        new MemorySink(
            batch -> {
              if (hasAny(batch, Set.of(7L))) {
                throw kind == AssertionError.class
                    ? new AssertionError("seven")
                    : new OutOfMemoryError("seven");
              }
            });
    try (IngestServer server = TestServers.start(sink);
        Sender sender = new Sender(server)) {
      sender.send(event(7));
      Ledgers.await(server, s -> s.records().dropped() == 1);
      assertEquals(1, sink.attempts());
      sender.send(array(0, 20));
      Ledgers.await(server, s -> s.records().persisted() == 19 && s.records().dropped() == 2);
      assertEquals(idsWithout(Set.of(7L), 20), sink.stored());
    }
  }

  @Test
  void an_interrupt_flag_left_by_the_sink_shortens_no_pause_and_reaches_no_later_call()
      throws Exception {
    List<Boolean> flags = new ArrayList<>();
    MemorySink sink =
        new MemorySink(
            batch -> {
              flags.add(Thread.currentThread().isInterrupted());
              Thread.currentThread().interrupt();
              if (flags.size() == 1) {
                throw SinkException.retryable("not now");
              }
            }) {
          @Override
          public synchronized void close() {
            flags.add(Thread.currentThread().isInterrupted());
            super.close();
          }
        };
    Duration never = Duration.ofHours(1);
    try (IngestServer server =
            start(sink, RetryPolicy.builder().firstDelay(never).maxDelay(never).jitter(0));
        Sender sender = new Sender(server)) {
      sender.send(event(1));
      Ledgers.await(() -> sink.attempts() == 1);
      long until = System.nanoTime() + 50_000_000;
      Ledgers.await(() -> System.nanoTime() > until);
      assertEquals(1, sink.attempts());
    }
    assertEquals(List.of(false, false, false), flags);
    assertTrue(sink.stored().contains(1L));
  }

  @Test
  void s9_the_sink_is_closed_once_even_after_a_failed_write() throws Exception {
    MemorySink sink =
        new MemorySink(
            batch -> {
              throw SinkException.permanent("never");
            });
    try (IngestServer server = TestServers.start(sink);
        Sender sender = new Sender(server)) {
      sender.send(event(1));
      Ledgers.await(server, s -> s.records().dropped() == 1);
    }
    assertEquals(1, sink.closed());
  }
}
