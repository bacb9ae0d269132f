package dev.ingest.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ingest.IngestServer;
import dev.ingest.policy.RetryPolicy;
import dev.ingest.record.JournalPosition;
import dev.ingest.sink.Sink;
import dev.ingest.sink.SinkException;
import dev.ingest.stats.IngestStats;
import java.nio.file.Files;
import java.time.Duration;
import java.util.BitSet;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;

/**
 * The contract of {@link Sink} as a test: rules S1 to S11, each by tests that begin with its
 * number. The author of a sink proves them with a subclass, which makes the sink, reads back what
 * is stored, and says how the store can be made to fail:
 *
 * <pre>{@code
 * class FileSinkTest extends SinkContract {
 *   @TempDir Path directory;
 *
 *   @Override
 *   protected Sink newSink() {
 *     return new FileSink(directory.resolve("records"));
 *   }
 *
 *   @Override
 *   protected List<List<Object>> storedRows() throws IOException {
 *     return FileSink.read(directory.resolve("records")); // every value of every record
 *   }
 *
 *   @Override
 *   protected Sink sinkThatCannotOpen() {
 *     return new FileSink(directory); // no file
 *   }
 *
 *   @Override
 *   protected AutoCloseable refuse(long id) {
 *     throw cannot("a file takes every record");
 *   }
 *
 *   @Override
 *   protected AutoCloseable block() {
 *     throw cannot("nothing can hold up writes to a file");
 *   }
 * }
 * }</pre>
 *
 * <p>A sink that remembers positions also overrides {@link #remembersPositions} and {@link
 * #breakDuringCommit}.
 *
 * <p>The records have each type of field, required and optional, and in each what stores are known
 * to lose: the ends of the range, subnormal numbers, the sign of zero, quotes, newlines, emoji,
 * nanoseconds, nulls. Every test compares all values that are stored with all that were written. If
 * a store cannot keep one, {@link #deviations} declares it.
 *
 * <p>When the tests have run, one line reports which rules are proved and which are not, and why,
 * on standard output and as a report entry of JUnit:
 *
 * <pre>{@code
 * FileSinkTest: proved: S1 S2 S3 S4; NOT proved: S8 (block(): nothing can hold up writes to a
 * file), S5 S6 S7 S9 (refuse(): a file takes every record), S10 S11 (remembersPositions() is false)
 * }</pre>
 *
 * <p>A rule is proved if every test of it has passed; a test is skipped if the fault that it needs
 * {@linkplain #cannot is not there}. What a sink does is tested on it directly; what its caller
 * does, through an {@link IngestServer} with real datagrams on the loopback interface. No other
 * test of the JVM runs meanwhile, since its threads and open files are counted.
 */
@Isolated
public abstract class SinkContract extends SinkFaultContract {
  /** Refused after so many attempts if the sink does not say that no retry helps. */
  private static final int ATTEMPTS = 5;

  /** For the subclass. */
  protected SinkContract() {}

  @Test
  void s1_s2_s3_s9_the_server_opens_writes_and_closes_on_one_thread() throws Exception {
    RecordingSink sink = new RecordingSink(newSink());
    IngestStats stats = serve(builderFor(sink).build());
    checkStored(1, 100);
    assertEquals(100, stats.records().persisted());
    int last = sink.calls.size() - 1;
    assertEquals("open", sink.calls.get(0));
    assertEquals("close", sink.calls.get(last));
    assertTrue(
        sink.calls.subList(1, last).stream().allMatch("write"::equals), sink.calls.toString());
    assertEquals(1, sink.threads.stream().distinct().count(), sink.threads.toString());
    assertTrue(sink.sizes.stream().allMatch(size -> size > 0), sink.sizes.toString());
  }

  @Test
  void s1_an_open_that_fails_fails_the_start() throws Exception {
    RecordingSink sink = new RecordingSink(sinkThatCannotOpen());
    IngestServer server = builderFor(sink).build();
    String message = assertThrows(SinkException.class, server::start).getMessage();
    assertFalse(message == null || message.isBlank());
    assertEquals(List.of("open"), sink.calls);
  }

  @Test
  void s1_an_open_that_fails_leaves_nothing_behind() throws Exception {
    Leftovers.check(
        () -> {
          Sink sink = sinkThatCannotOpen();
          assertThrows(Exception.class, () -> sink.open(SCHEMA), "open() of sinkThatCannotOpen()");
        });
    Sink sink = open();
    write(sink, batch(1, 10));
    sink.close();
    checkStored(1, 10);
  }

  @Test
  void s3_a_batch_is_read_only_during_the_write_and_by_its_thread() throws Exception {
    Sink sink = open();
    LentBatch first = batch(1, 10);
    LentBatch second = batch(11, 20);
    write(sink, first);
    write(sink, second);
    sink.close();
    checkStored(1, 20);
    assertEquals(List.of(), List.copyOf(first.loan().breaches()));
    assertEquals(List.of(), List.copyOf(second.loan().breaches()));
  }

  @Test
  void s4_every_value_is_stored_as_it_came() throws Exception {
    Sink sink = open();
    write(sink, batch(ContractRecords.FIRST_EXTREME, ContractRecords.LAST_EXTREME));
    sink.close();
    checkStored(ContractRecords.FIRST_EXTREME, ContractRecords.LAST_EXTREME);
  }

  @Test
  void s4_a_long_text_is_stored_whole() throws Exception {
    Sink sink = open();
    write(sink, batch(ContractRecords.LONG, ContractRecords.LONG));
    sink.close();
    checkStored(ContractRecords.LONG, ContractRecords.LONG);
  }

  @Test
  void s4_text_with_a_nul_is_stored_or_refused_for_good() throws Exception {
    LentBatch batch = batch(ContractRecords.WITH_NUL, ContractRecords.WITH_NUL);
    Sink sink = open();
    if (deviations().contains(Deviation.NUL_IS_REFUSED)) {
      assertRefused(sink, batch);
      sink.close();
      checkStored(LongStream.empty());
    } else {
      write(sink, batch);
      sink.close();
      checkStored(ContractRecords.WITH_NUL, ContractRecords.WITH_NUL);
    }
  }

  @Test
  void s4_what_write_returned_for_is_stored_before_the_close() throws Exception {
    Sink sink = open();
    try {
      write(sink, batch(1, 1));
      checkStored(1, 1);
      write(sink, batch(2, 1000));
      checkStored(1, 1000);
    } finally {
      sink.close();
    }
    checkStored(1, 1000);
  }

  @Test
  void s4_a_slice_is_stored_and_nothing_around_it() throws Exception {
    Sink sink = open();
    write(sink, batch(1, 100).slice(30, 40));
    sink.close();
    checkStored(31, 40);
  }

  @Test
  void s5_s6_a_write_that_ends_halfway_and_comes_again_stores_every_record_once() throws Exception {
    Sink sink = open();
    LentBatch ending = new LentBatch(new Loan(BAD), 1, 20, null);
    assertMayBeRetried(assertThrows(Exception.class, () -> write(sink, ending)));
    writeUntilStored(sink, batch(1, 20));
    sink.close();
    checkStored(1, 20);
  }

  @Test
  @SuppressWarnings("try") // what is closed ends the fault
  void s5_writing_again_after_a_failure_stores_every_record_once() throws Exception {
    Sink sink = open();
    try (AutoCloseable refusing = refuse(BAD)) {
      assertThrows(Exception.class, () -> write(sink, batch(1, 20)));
    }
    write(sink, batch(1, 20));
    sink.close();
    checkStored(1, 20);
  }

  @Test
  @SuppressWarnings("try") // what is closed ends the fault
  void s6_a_refused_record_is_a_failure_that_no_retry_helps() throws Exception {
    Sink sink = open();
    try (AutoCloseable refusing = refuse(BAD)) {
      assertRefused(sink, batch(1, 20));
    }
    sink.close();
  }

  @Test
  void s7_s9_only_the_refused_record_is_a_dead_letter() throws Exception {
    RecordingSink sink = new RecordingSink(newSink());
    RetryPolicy few =
        RetryPolicy.builder().maxAttempts(ATTEMPTS).firstDelay(Duration.ofMillis(10)).build();
    IngestServer server = builderFor(sink).retryPolicy(few).build();
    AutoCloseable refusing = null;
    try (server) {
      server.start();
      refusing = refuse(BAD);
      send(server, 1, 100);
    } finally {
      if (refusing != null) {
        refusing.close();
      }
    }
    IngestStats stats = server.stats();
    assertEquals(1, stats.records().deadLettered(), stats::toString);
    assertEquals(99, stats.records().persisted(), stats::toString);
    checkStored(LongStream.rangeClosed(1, 100).filter(id -> id != BAD));
    List<String> letters = Files.readAllLines(contractDirectory.resolve("dead.ndjson"));
    assertEquals(1, letters.size());
    assertTrue(letters.get(0).contains("\\\"id\\\":13,"), letters.get(0));
    assertEquals(1, sink.calls.stream().filter("close"::equals).count());
    assertEquals("close", sink.calls.get(sink.calls.size() - 1));
  }

  @Test
  void s8_an_interrupt_ends_the_write_promptly_and_is_kept() throws Exception {
    boolean kept =
        assertTimeoutPreemptively(
            LIMIT,
            () -> { // all of it, since a sink is used by one thread
              Sink sink = open();
              boolean flag = writeInterrupted(sink);
              sink.close();
              return flag;
            });
    assertTrue(kept, "the interrupt is lost: keep the flag, or throw InterruptedException");
  }

  private static boolean writeInterrupted(Sink sink) {
    Thread.currentThread().interrupt();
    try {
      write(sink, batch(1, 10));
    } catch (InterruptedException e) {
      return true;
    } catch (Exception e) {
      assertMayBeRetried(e);
    }
    return Thread.interrupted();
  }

  @Test
  void s9_a_sink_closes_without_a_write() throws Exception {
    open().close();
    checkStored(LongStream.empty());
  }

  @Test
  void s9_a_sink_closes_after_a_write_that_failed() throws Exception {
    Sink sink = open();
    LentBatch ending = new LentBatch(new Loan(1), 1, 1, null);
    assertThrows(Exception.class, () -> write(sink, ending));
    sink.close();
    checkStored(LongStream.empty());
  }

  @Test
  void s9_a_sink_that_is_closed_leaves_nothing_behind() throws Exception {
    AtomicLong first = new AtomicLong(1);
    Leftovers.check(
        () -> {
          Sink sink = open();
          long id = first.getAndAdd(10);
          write(sink, batch(id, id + 9));
          sink.close();
        });
  }

  @Test
  void s10_what_a_sink_reports_as_stored_is_stored_and_nothing_else() throws Exception {
    Sink sink = open();
    write(sink, positioned("segment", 0, 21, 30));
    write(sink, positioned("segment", 10, 31, 35));
    write(sink, positioned("segment", 20, 41, 50));
    write(sink, positioned("other", 0, 51, 60));
    BitSet expected = new BitSet();
    if (remembersPositions()) {
      expected.set(0, 15);
      expected.set(20, 30);
    }
    assertEquals(expected, sink.stored("segment"), "if remembersPositions() tells the truth");
    LentBatch ending = new LentBatch(new Loan(BAD), BAD, 1, new JournalPosition("segment", 30));
    assertThrows(Exception.class, () -> write(sink, ending));
    sink.close();
    checkStored(LongStream.rangeClosed(21, 60).filter(id -> id <= 35 || id > 40));
    assumePositions();
    Sink next = open();
    assertEquals(expected, next.stored("segment"), "by another sink on the same store");
    assertTrue(next.stored("third").isEmpty());
    next.forget("segment");
    next.close();
    Sink last = open();
    assertTrue(last.stored("segment").isEmpty());
    assertEquals(10, last.stored("other").cardinality());
    last.close();
  }

  @Test
  @SuppressWarnings("try") // what is closed ends the fault
  void s10_records_that_failed_are_not_reported_as_stored() throws Exception {
    assumePositions();
    Sink sink = open();
    write(sink, positioned("segment", 0, 1, 10));
    try (AutoCloseable refusing = refuse(BAD)) {
      assertThrows(Exception.class, () -> write(sink, positioned("segment", 10, 11, 20)));
    }
    BitSet expected = new BitSet();
    expected.set(0, 10);
    assertEquals(expected, sink.stored("segment"));
    sink.close();
  }
}
