package dev.ingest.testkit;

import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.ingest.IngestServer;
import dev.ingest.IngestServerBuilder;
import dev.ingest.cleanup.CleanupRegistry;
import dev.ingest.record.JournalPosition;
import dev.ingest.record.RecordBatch;
import dev.ingest.record.Schema;
import dev.ingest.sink.Sink;
import dev.ingest.sink.SinkException;
import dev.ingest.stats.IngestStats;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.LongStream;
import org.junit.jupiter.api.io.TempDir;

/** What the author of a sink supplies for {@link SinkContract}, and what its tests share. */
abstract class SinkUnderTest {
  /** What the records of the tests look like. */
  protected static final Schema SCHEMA =
      Schema.builder("contract")
          .integer("id")
          .real("value")
          .text("name")
          .optional()
          .bool("active")
          .timestamp("at")
          .build();

  static final long BAD = 13;

  /** Long enough for a machine that does everything else first. */
  static final Duration LIMIT = Duration.ofSeconds(60);

  @TempDir Path contractDirectory;

  private final TestBatch batches = new TestBatch(SCHEMA);

  /**
   * Makes a sink that is not open. All sinks of one test write to the same store, which is empty
   * when the test begins.
   *
   * @return a new sink
   * @throws Exception to fail the test
   */
  protected abstract Sink newSink() throws Exception;

  /**
   * Reads what is stored, past the sink, while it is open or after its close.
   *
   * @return the field {@code id} of every stored record, in any order
   * @throws Exception to fail the test
   */
  protected abstract List<Long> storedIds() throws Exception;

  /**
   * Makes a sink whose {@code open} throws.
   *
   * @return the sink; empty, unless overridden, if there is no such thing
   * @throws Exception to fail the test
   */
  protected Optional<Sink> sinkThatCannotOpen() throws Exception {
    return Optional.empty();
  }

  /**
   * Makes the store refuse, for good, every record of an id, or take such records again. Called
   * while the sink is open.
   *
   * @param id the record's id
   * @param refused whether it is to be refused
   * @return false, unless overridden, if the store takes everything
   * @throws Exception to fail the test
   */
  protected boolean refuse(long id, boolean refused) throws Exception {
    return false;
  }

  /**
   * Makes the store hold up every write, for instance by a lock that something else holds, or let
   * the writes go on again. Called while the sink is open, from other threads than the sink's. The
   * sink must not end the wait by itself for the next minute: set its timeouts so in {@link
   * #newSink}.
   *
   * @param blocked whether writes are to be held up
   * @return false, unless overridden, if nothing can hold the store up
   * @throws Exception to fail the test
   */
  protected boolean block(boolean blocked) throws Exception {
    return false;
  }

  /**
   * Breaks the next write of the sink that was opened last, during its commit: the sink does not
   * learn its outcome. The store has committed the write, has not, or does so later. Called between
   * two writes, on the thread that writes. What comes after the broken write may fail for some time
   * with retryable {@link SinkException}s. A store with several such faults has a subclass of the
   * contract for each.
   *
   * @return false, unless overridden, if there is no such fault
   * @throws Exception to fail the test
   */
  protected boolean breakDuringCommit() throws Exception {
    return false;
  }

  /**
   * Waits until the store has nothing in hand any more of a write that {@link #breakDuringCommit}
   * broke: it has committed it, or never will. Called after the records were written again.
   *
   * @throws Exception to fail the test
   */
  protected void settle() throws Exception {}

  RecordBatch positioned(String segment, long line, long first, long last) {
    return batches.at(
        new JournalPosition(segment, line),
        LongStream.rangeClosed(first, last).mapToObj(SinkUnderTest::json).toArray(String[]::new));
  }

  Sink open() throws Exception {
    Sink sink = newSink();
    sink.open(SCHEMA);
    return sink;
  }

  void assumeRefused() throws Exception {
    assumeTrue(refuse(BAD, true), "refuse() is not overridden");
  }

  RecordBatch batch(long first, long last) {
    return batches.of(
        LongStream.rangeClosed(first, last).mapToObj(SinkUnderTest::json).toArray(String[]::new));
  }

  static String json(long id) {
    return "{\"id\":%d,\"value\":0.5,%s\"active\":true,\"at\":1751715061.12}"
        .formatted(id, id % 2 == 0 ? "" : "\"name\":\"n" + id + "\",");
  }

  static List<Long> ids(long first, long last) {
    return LongStream.rangeClosed(first, last).boxed().toList();
  }

  List<Long> stored() throws Exception {
    return storedIds().stream().sorted().toList();
  }

  interface WhenReady {
    void accept(IngestServer server) throws Exception;
  }

  IngestServerBuilder builderFor(Sink sink) {
    return IngestServer.builder()
        .schema(SCHEMA)
        .sink(sink)
        .deadLetters(contractDirectory.resolve("dead.ndjson"))
        .drainTimeout(Duration.ofMinutes(10))
        .cleanupRegistry(CleanupRegistry.create());
  }

  /** Sends records 1 to 100, one a datagram, to a server with the sink, and closes it. */
  IngestStats serve(Sink sink, WhenReady whenReady) throws Exception {
    IngestServer server = builderFor(sink).build();
    try (server) {
      server.start();
      whenReady.accept(server);
      send(server, 1, 100);
      await(server, stats -> stats.messages().received() >= 100);
    }
    return server.stats();
  }

  /** Sends records, one a datagram. */
  static void send(IngestServer server, long first, long last) throws IOException {
    try (DatagramSocket socket = new DatagramSocket()) {
      for (long id = first; id <= last; id++) {
        byte[] bytes = json(id).getBytes(StandardCharsets.UTF_8);
        socket.send(new DatagramPacket(bytes, bytes.length, server.localAddress()));
      }
    }
  }

  static void await(IngestServer server, Predicate<IngestStats> condition)
      throws InterruptedException {
    long start = System.nanoTime();
    while (!condition.test(server.stats())) {
      assertTrue(
          System.nanoTime() - start < LIMIT.toNanos(), () -> "not in time: " + server.stats());
      Thread.sleep(1);
    }
  }
}
