package dev.ingest.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.ingest.IngestServer;
import dev.ingest.sink.Sink;
import dev.ingest.sink.SinkException;
import dev.ingest.stats.IngestStats;
import java.nio.file.Files;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * The contract of {@link Sink} as a test: rules S1 to S11, each by tests that begin with its
 * number. The author of a sink proves them with a small subclass:
 *
 * <pre>{@code
 * class FileSinkContractTest extends SinkContract {
 *   @TempDir Path directory;
 *
 *   @Override
 *   protected Sink newSink() {
 *     return new FileSink(directory.resolve("records.txt"));
 *   }
 *
 *   @Override
 *   protected List<Long> storedIds() throws IOException {
 *     return Files.readAllLines(directory.resolve("records.txt")).stream().map(FileSink::idOf).toList();
 *   }
 * }
 * }</pre>
 *
 * <p>What a sink does is tested on it directly; what its caller does, through an {@link
 * IngestServer} with real datagrams on the loopback interface. A test that needs {@link
 * #sinkThatCannotOpen}, {@link #refuse}, {@link #block} or {@link #breakDuringCommit} is skipped,
 * with a message, if the subclass does not have it. So are S10 and S11 for a sink that does not
 * remember positions.
 */
public abstract class SinkContract extends SinkFaultContract {
  /** For the subclass. */
  protected SinkContract() {}

  @Test
  void s1_s2_s3_s9_the_server_opens_writes_and_closes_on_one_thread() throws Exception {
    RecordingSink sink = new RecordingSink(newSink());
    IngestStats stats = serve(sink, server -> {});
    assertEquals(ids(1, 100), stored());
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
  void s1_an_open_that_fails_fails_the_start_and_leaves_nothing_behind() throws Exception {
    Optional<Sink> broken = sinkThatCannotOpen();
    assumeTrue(broken.isPresent(), "sinkThatCannotOpen() is not overridden");
    RecordingSink sink = new RecordingSink(broken.get());
    IngestServer server = builderFor(sink).build();
    String message = assertThrows(SinkException.class, server::start).getMessage();
    assertFalse(message.isBlank());
    assertEquals(List.of("open"), sink.calls);
    serve(newSink(), ready -> {});
    assertEquals(ids(1, 100), stored());
  }

  @Test
  void s3_nothing_of_a_batch_is_kept_after_the_write() throws Exception {
    Sink sink = open();
    sink.write(batch(1, 10));
    sink.write(batch(11, 20)); // overwrites what the first one was
    sink.close();
    assertEquals(ids(1, 20), stored());
  }

  @Test
  void s4_what_write_returned_for_is_stored_before_the_close() throws Exception {
    Sink sink = open();
    try {
      sink.write(batch(1, 1));
      assertEquals(ids(1, 1), stored());
      sink.write(batch(2, 1000));
      assertEquals(ids(1, 1000), stored());
    } finally {
      sink.close();
    }
    assertEquals(ids(1, 1000), stored());
  }

  @Test
  void s4_a_slice_is_stored_and_nothing_around_it() throws Exception {
    Sink sink = open();
    sink.write(batch(1, 100).slice(30, 40));
    sink.close();
    assertEquals(ids(31, 40), stored());
  }

  @Test
  void s5_writing_again_after_a_failure_stores_every_record_once() throws Exception {
    Sink sink = open();
    assumeRefused();
    assertThrows(Exception.class, () -> sink.write(batch(1, 20)));
    refuse(BAD, false);
    sink.write(batch(1, 20));
    sink.close();
    assertEquals(ids(1, 20), stored());
  }

  @Test
  void s6_a_refused_record_is_a_failure_that_no_retry_helps() throws Exception {
    Sink sink = open();
    assumeRefused();
    SinkException failure =
        assertInstanceOf(
            SinkException.class, assertThrows(Exception.class, () -> sink.write(batch(1, 20))));
    assertFalse(failure.isRetryable(), failure.toString());
    sink.close();
  }

  @Test
  void s7_s9_only_the_refused_record_is_a_dead_letter() throws Exception {
    RecordingSink sink = new RecordingSink(newSink());
    IngestStats stats = serve(sink, server -> assumeRefused());
    assertEquals(1, stats.records().deadLettered());
    assertEquals(99, stats.records().persisted());
    assertEquals(
        Stream.concat(ids(1, BAD - 1).stream(), ids(BAD + 1, 100).stream()).toList(), stored());
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

  private boolean writeInterrupted(Sink sink) {
    Thread.currentThread().interrupt();
    try {
      sink.write(batch(1, 10));
    } catch (InterruptedException e) {
      return true;
    } catch (Exception e) {
      return Thread.interrupted();
    }
    return Thread.interrupted();
  }

  @Test
  void s9_a_sink_closes_without_a_write_and_after_one_that_failed() throws Exception {
    open().close();
    Sink sink = open();
    assumeRefused();
    assertThrows(Exception.class, () -> sink.write(batch(BAD, BAD)));
    sink.close();
    assertEquals(List.of(), stored());
  }

  @Test
  void s10_what_a_sink_reports_as_stored_is_stored_and_nothing_else() throws Exception {
    Sink sink = open();
    sink.write(positioned("segment", 0, 21, 30));
    sink.write(positioned("segment", 10, 31, 35));
    sink.write(positioned("segment", 20, 41, 50));
    sink.write(positioned("other", 0, 51, 60));
    BitSet expected = new BitSet();
    expected.set(0, 15);
    expected.set(20, 30);
    boolean remembers = !sink.stored("segment").isEmpty();
    if (remembers) {
      assertEquals(expected, sink.stored("segment"));
      if (refuse(BAD, true)) {
        assertThrows(Exception.class, () -> sink.write(positioned("segment", 30, BAD, BAD)));
        assertEquals(expected, sink.stored("segment"), "after a write that failed");
      }
    }
    sink.close();
    assertEquals(35, stored().size());
    assumeTrue(remembers, "the sink does not remember positions");
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
}
