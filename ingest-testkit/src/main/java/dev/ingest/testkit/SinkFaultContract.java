package dev.ingest.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import dev.ingest.IngestServer;
import dev.ingest.policy.JournalSync;
import dev.ingest.policy.RetryPolicy;
import dev.ingest.policy.Spooling;
import dev.ingest.record.RecordBatch;
import dev.ingest.record.Schema;
import dev.ingest.sink.Sink;
import dev.ingest.stats.IngestStats;
import java.time.Duration;
import java.util.Arrays;
import java.util.BitSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.opentest4j.TestAbortedException;

/** The part of {@link SinkContract} in which the store holds a write up, or breaks it. */
abstract class SinkFaultContract extends SinkUnderTest {
  private static final String SEGMENT = "segment";

  /** How long an interrupt may take on a machine that does everything else first. */
  private static final Duration PROMPTLY = Duration.ofSeconds(20);

  /** A thread that was inside the sink at so many looks is held up. */
  private static final int LOOKS = 20;

  @Test
  void s8_an_interrupt_ends_a_write_that_the_store_holds_up_and_is_kept() throws Exception {
    ExecutorService writer = Executors.newSingleThreadExecutor(); // a sink is used by one thread
    Sink sink = newSink();
    try {
      writer.submit(() -> writeTenLines(sink)).get();
      interruptHeldUp(sink, writer);
      writer.submit(() -> writeAfterInterrupt(sink)).get();
    } finally {
      writer.submit(() -> close(sink)).get(PROMPTLY.toMillis(), TimeUnit.MILLISECONDS);
      writer.shutdown();
    }
  }

  final void assumePositions() {
    if (!remembersPositions()) {
      throw new TestAbortedException("remembersPositions() is false");
    }
  }

  private Void writeTenLines(Sink sink) throws Exception {
    sink.open(SCHEMA);
    write(sink, positioned(SEGMENT, 0, 1, 10));
    return null;
  }

  @SuppressWarnings("try") // what is closed ends the fault
  private void interruptHeldUp(Sink sink, ExecutorService writer) throws Exception {
    Thread thread = writer.submit(Thread::currentThread).get();
    CountDownLatch begun = new CountDownLatch(1);
    try (AutoCloseable blocked = block()) {
      Future<Boolean> write = writer.submit(() -> isInterruptKept(sink, begun));
      begun.await();
      awaitHeldUp(thread, write);
      thread.interrupt();
      assertTrue(
          write.get(PROMPTLY.toMillis(), TimeUnit.MILLISECONDS),
          "the interrupt is lost: keep the flag, or throw InterruptedException");
    }
  }

  private static boolean isInterruptKept(Sink sink, CountDownLatch begun) {
    LentBatch batch = positioned(SEGMENT, 10, 11, 20);
    begun.countDown();
    try {
      write(sink, batch);
    } catch (InterruptedException e) {
      return true;
    } catch (Exception e) {
      assertMayBeRetried(e);
      return Thread.interrupted();
    }
    return fail("the write returned, as if the records were stored");
  }

  private static void awaitHeldUp(Thread thread, Future<?> write) throws InterruptedException {
    long start = System.nanoTime();
    for (int inside = 0; inside < LOOKS; Thread.sleep(LOOK_MILLIS)) {
      boolean isInside =
          Arrays.stream(thread.getStackTrace())
              .anyMatch(frame -> frame.getClassName().equals(Loan.class.getName()));
      inside += isInside ? 1 : 0;
      assertFalse(write.isDone(), "block() does not hold the write up until it is interrupted");
      assertTrue(System.nanoTime() - start < LIMIT.toNanos(), "the write is not held up");
    }
  }

  private Void writeAfterInterrupt(Sink sink) throws Exception {
    writeUntilStored(sink, positioned(SEGMENT, 10, 11, 20));
    if (remembersPositions()) {
      checkLines(sink, 20);
    } else { // an unknown outcome may be stored twice
      new Comparison(deviations()).checkAtLeastOnce(storedRows(), LongStream.rangeClosed(1, 20));
    }
    return null;
  }

  private static Void close(Sink sink) throws Exception {
    sink.close();
    return null;
  }

  @Test
  void s11_the_same_batch_after_an_unknown_outcome_is_stored_once() throws Exception {
    afterUnknownOutcome(
        sink -> {
          writeUntilStored(sink, positioned(SEGMENT, 10, 11, 20));
          checkLines(sink, 20);
        });
  }

  @Test
  void s11_a_longer_batch_after_an_unknown_outcome_is_stored_once() throws Exception {
    afterUnknownOutcome(
        sink -> {
          writeUntilStored(sink, positioned(SEGMENT, 10, 11, 35));
          checkLines(sink, 35);
        });
  }

  @Test
  void s11_the_halves_of_a_batch_of_unknown_outcome_are_stored_once() throws Exception {
    afterUnknownOutcome(
        sink -> {
          LentBatch batch = positioned(SEGMENT, 10, 11, 20);
          writeUntilStored(sink, batch.slice(0, 5));
          writeUntilStored(sink, batch.slice(5, 10));
          checkLines(sink, 20);
        });
  }

  @Test
  void s11_what_a_sink_reports_after_an_unknown_outcome_is_what_is_stored() throws Exception {
    afterUnknownOutcome(
        sink -> {
          writeUntilStored(sink, positioned(SEGMENT, 20, 21, 25)); // not what is in doubt
          writeRest(sink);
          checkLines(sink, 25);
        });
  }

  @Test
  void s11_another_sink_after_an_unknown_outcome_stores_only_the_rest() throws Exception {
    afterUnknownOutcome(
        sink -> { // is not closed before, as in a crash
          Sink next = open();
          writeRest(next);
          checkLines(next, 20);
          next.close();
        });
  }

  @Test
  void s11_another_sink_that_is_given_everything_again_stores_it_once() throws Exception {
    afterUnknownOutcome(
        sink -> {
          Sink next = open();
          writeUntilStored(next, positioned(SEGMENT, 0, 1, 30));
          checkLines(next, 30);
          next.close();
        });
  }

  @Test
  void s11_a_server_stores_each_record_once_after_an_unknown_outcome() throws Exception {
    assumePositions();
    BreakingSink sink = new BreakingSink(newSink());
    IngestServer server = serverWithJournal(sink);
    try (server) {
      server.start();
      send(server, 1, 40);
      await(server, stats -> stats.records().persisted() == 40);
      sink.armed = true;
      send(server, 41, 100);
      await(server, stats -> stats.records().persisted() == 100);
    }
    sink.checkBroken();
    settle();
    checkStored(1, 100);
    IngestServer next = serverWithJournal(newSink());
    try (next) {
      next.start();
    }
    IngestStats after = next.stats();
    assertEquals(0, after.records().persisted(), after::toString);
    checkStored(1, 100);
  }

  private IngestServer serverWithJournal(Sink sink) {
    Duration soon = Duration.ofMillis(10);
    return builderFor(sink)
        .retryPolicy(RetryPolicy.builder().firstDelay(soon).maxDelay(soon.multipliedBy(10)).build())
        .spool(Spooling.in(contractDirectory.resolve("spool")).journal(JournalSync.EVERY_SECOND))
        .build();
  }

  private interface Rest {
    void of(Sink sink) throws Exception;
  }

  /** Stores lines 0 to 9, breaks the write of 10 to 19, and goes on. */
  @SuppressWarnings("try") // the close comes last, which is enough
  private void afterUnknownOutcome(Rest rest) throws Exception {
    assumePositions();
    Sink sink = open();
    try (AutoCloseable closing = sink::close) {
      write(sink, positioned(SEGMENT, 0, 1, 10));
      breakDuringCommit();
      try {
        write(sink, positioned(SEGMENT, 10, 11, 20));
      } catch (Exception e) {
        assertFalse(e instanceof InterruptedException, e::toString); // the outcome is unknown
      }
      rest.of(sink);
    }
  }

  /** Writes what is not reported as stored of lines 10 to 19, as a server does after a crash. */
  private static void writeRest(Sink sink) throws Exception {
    BitSet reported = sink.stored(SEGMENT);
    for (int line = reported.nextClearBit(10); line < 20; line = reported.nextClearBit(line)) {
      int next = reported.nextSetBit(line);
      int end = next < 0 ? 20 : Math.min(next, 20);
      writeUntilStored(sink, positioned(SEGMENT, line, line + 1, end));
      reported.set(line, end);
    }
  }

  /** Checks that the first lines, which hold the ids from 1 on, are stored once, and remembered. */
  private void checkLines(Sink sink, int count) throws Exception {
    BitSet lines = new BitSet();
    lines.set(0, count);
    assertEquals(lines, sink.stored(SEGMENT));
    checkStored(1, count);
    settle();
    assertEquals(lines, sink.stored(SEGMENT));
    checkStored(1, count);
  }

  /** Passes calls on, and breaks the first write after it was armed. */
  private final class BreakingSink implements Sink {
    private final Sink sink;
    private final CompletableFuture<Boolean> broken = new CompletableFuture<>();
    private volatile boolean armed;

    BreakingSink(Sink sink) {
      this.sink = sink;
    }

    /** Throws what {@link #breakDuringCommit} has thrown on the thread of the server. */
    void checkBroken() throws Exception {
      try {
        broken.get(LIMIT.toMillis(), TimeUnit.MILLISECONDS);
      } catch (ExecutionException e) {
        if (e.getCause() instanceof TestAbortedException cannot) {
          throw cannot;
        }
        throw e;
      }
    }

    @Override
    public void open(Schema schema) throws Exception {
      sink.open(schema);
    }

    @Override
    public void write(RecordBatch batch) throws Exception {
      if (armed && !broken.isDone()) {
        try {
          breakDuringCommit();
          broken.complete(true);
        } catch (Exception | AssertionError e) {
          broken.completeExceptionally(e);
        }
      }
      sink.write(batch);
    }

    @Override
    public BitSet stored(String segment) throws Exception {
      return sink.stored(segment);
    }

    @Override
    public void forget(String segment) throws Exception {
      sink.forget(segment);
    }

    @Override
    public void close() throws Exception {
      sink.close();
    }
  }
}
