package dev.ingest.testkit;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ingest.IngestServer;
import dev.ingest.IngestServerBuilder;
import dev.ingest.cleanup.CleanupRegistry;
import dev.ingest.record.FieldType;
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
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.opentest4j.TestAbortedException;

/** What the author of a sink supplies for {@link SinkContract}, and what its tests share. */
abstract class SinkUnderTest {
  /**
   * The schema of the records, named {@code contract}: required fields of each type, and optional
   * ones of each type. A time is sent as a number of nanoseconds.
   */
  protected static final Schema SCHEMA = ContractRecords.SCHEMA;

  static final long BAD = 13;

  /** Long enough for a machine that does everything else first. */
  static final Duration LIMIT = Duration.ofSeconds(60);

  static final long LOOK_MILLIS = 10;

  /** Sent at once, so that the socket's buffer holds them. */
  private static final int BURST = 10;

  @RegisterExtension static final ContractReport REPORT = new ContractReport();

  @TempDir Path contractDirectory;

  /**
   * Makes a sink that is not open. All sinks of one test write to the same store, which is empty
   * when the test begins.
   *
   * @return a new sink
   * @throws Exception to fail the test
   */
  protected abstract Sink newSink() throws Exception;

  /**
   * Reads what is stored, past the sink, while the sink is open or after its close.
   *
   * @return a list for each stored record, in any order, with a value for each field of {@link
   *     #SCHEMA}: a {@link Long} of an INTEGER, a {@link Double} of a REAL, a {@link String} of a
   *     TEXT, a {@link Boolean} of a BOOLEAN, an {@link Instant} of a TIMESTAMP, the text of a JSON
   *     as a {@link String}, and null for a value that is absent
   * @throws Exception to fail the test
   */
  protected abstract List<List<@Nullable Object>> storedRows() throws Exception;

  /**
   * Makes a sink whose {@code open} throws: for instance of a file in a directory that is not
   * there, or with a wrong password. Called several times in one test.
   *
   * @return a new sink
   * @throws Exception to fail the test; {@link #cannot} if every {@code open} succeeds
   */
  protected abstract Sink sinkThatCannotOpen() throws Exception;

  /**
   * Makes the store refuse, for good, every record of an id, until what is returned is closed: for
   * instance by a trigger or a constraint. Called while a sink is open.
   *
   * @param id the value of the field {@code id}
   * @return ends this
   * @throws Exception to fail the test; {@link #cannot} if the store takes everything
   */
  protected abstract AutoCloseable refuse(long id) throws Exception;

  /**
   * Makes the store hold up every write, until what is returned is closed: for instance by a lock,
   * or by a process that is stopped. Called while a sink is open, from other threads than the
   * sink's. The sink must not end the wait by itself for the next minute: set its timeouts so in
   * {@link #newSink}.
   *
   * @return ends this
   * @throws Exception to fail the test; {@link #cannot} if nothing can hold the store up
   */
  protected abstract AutoCloseable block() throws Exception;

  /**
   * Tells whether the sink remembers the positions of records, so that {@link Sink#stored} returns
   * what is stored (S10, S11).
   *
   * @return false unless overridden
   */
  protected boolean remembersPositions() {
    return false;
  }

  /**
   * Breaks the next write of the sink that was opened last, during its commit: the sink does not
   * learn its outcome. The store has committed the write, has not, or does so later. Called between
   * two writes, on the thread that writes, if the sink {@linkplain #remembersPositions remembers
   * positions}. What comes after the broken write may fail for some time with retryable {@link
   * SinkException}s. A store with several such faults has a subclass of the contract for each.
   *
   * @throws Exception to fail the test; {@link #cannot} if there is no such fault
   */
  protected void breakDuringCommit() throws Exception {
    throw new AssertionError(
        "breakDuringCommit() is not overridden: a sink that remembers positions must override it,"
            + " to break the next commit, or to throw cannot(reason)");
  }

  /**
   * Waits until the store has nothing in hand any more of a write that {@link #breakDuringCommit}
   * broke: it has committed it, or never will. Called after the records were written again.
   *
   * @throws Exception to fail the test
   */
  protected void settle() throws Exception {}

  /**
   * Declares what the store changes or refuses. Nothing else is allowed for.
   *
   * @return none unless overridden
   */
  protected Set<Deviation> deviations() {
    return Set.of();
  }

  /**
   * Declares, from one of the methods above, that the store has no such fault. The rules that need
   * it are then reported as not proved, with the reason.
   *
   * @param reason why not; not blank
   * @return what the method has to throw
   * @throws IllegalArgumentException if the reason is blank
   */
  protected static RuntimeException cannot(String reason) {
    if (reason.isBlank()) {
      throw new IllegalArgumentException("the reason is '" + reason + "': expected why not");
    }
    String method =
        StackWalker.getInstance()
            .walk(frames -> frames.skip(1).findFirst().orElseThrow().getMethodName());
    return new TestAbortedException(method + "(): " + reason);
  }

  /**
   * Returns the values of a record as {@link #storedRows} does, for a store that keeps batches or
   * whose records can be decoded again.
   *
   * @param batch records of {@link #SCHEMA}
   * @param row the record
   * @return a new list
   */
  protected static List<@Nullable Object> rowOf(RecordBatch batch, int row) {
    List<@Nullable Object> values = new ArrayList<>();
    for (int column = 0; column < SCHEMA.fields().size(); column++) {
      FieldType type = SCHEMA.fields().get(column).type();
      values.add(batch.isNull(row, column) ? null : valueOf(batch, row, column, type));
    }
    return values;
  }

  private static Object valueOf(RecordBatch batch, int row, int column, FieldType type) {
    return switch (type) {
      case INTEGER -> batch.getLong(row, column);
      case REAL -> batch.getDouble(row, column);
      case BOOLEAN -> batch.getBoolean(row, column);
      case TIMESTAMP -> Instant.EPOCH.plusNanos(batch.getLong(row, column));
      case TEXT, JSON -> batch.getString(row, column);
    };
  }

  static LentBatch batch(long first, long last) {
    return new LentBatch(new Loan(), first, (int) (last - first + 1), null);
  }

  static LentBatch positioned(String segment, long line, long first, long last) {
    return new LentBatch(
        new Loan(), first, (int) (last - first + 1), new JournalPosition(segment, line));
  }

  static void write(Sink sink, LentBatch batch) throws Exception {
    batch.loan().write(sink, batch);
  }

  /** Tries again while a retry may help, as a server does. */
  static void writeUntilStored(Sink sink, LentBatch batch) throws Exception {
    for (long start = System.nanoTime(); ; Thread.sleep(LOOK_MILLIS)) {
      try {
        write(sink, batch);
        return;
      } catch (SinkException e) {
        if (!e.isRetryable() || System.nanoTime() - start > LIMIT.toNanos()) {
          throw e;
        }
      }
    }
  }

  static void assertRefused(Sink sink, LentBatch batch) {
    SinkException failure =
        assertInstanceOf(
            SinkException.class, assertThrows(Exception.class, () -> write(sink, batch)));
    assertFalse(failure.isRetryable(), failure.toString());
  }

  /**
   * Checks a failure that is not the records' fault, so that none of them becomes a dead letter.
   */
  static void assertMayBeRetried(Exception failure) {
    assertTrue(
        !(failure instanceof SinkException told) || told.isRetryable(),
        () -> "the records are refused for good, though they are not at fault: " + failure);
  }

  Sink open() throws Exception {
    Sink sink = newSink();
    sink.open(SCHEMA);
    return sink;
  }

  /** Checks that the records from the first to the last are stored, and nothing else. */
  void checkStored(long first, long last) throws Exception {
    checkStored(LongStream.rangeClosed(first, last));
  }

  void checkStored(LongStream ids) throws Exception {
    new Comparison(deviations()).check(storedRows(), ids);
  }

  IngestServerBuilder builderFor(Sink sink) {
    return IngestServer.builder()
        .schema(SCHEMA)
        .sink(sink)
        .deadLetters(contractDirectory.resolve("dead.ndjson"))
        .drainTimeout(LIMIT)
        .cleanupRegistry(CleanupRegistry.create());
  }

  /** Sends records 1 to 100, one a datagram, to a server, and closes it. */
  static IngestStats serve(IngestServer server) throws Exception {
    try (server) {
      server.start();
      send(server, 1, 100);
    }
    return server.stats();
  }

  /** Sends records, one a datagram. */
  static void send(IngestServer server, long first, long last)
      throws IOException, InterruptedException {
    long before = server.stats().messages().received();
    try (DatagramSocket socket = new DatagramSocket()) {
      for (long id = first; id <= last; id++) {
        byte[] bytes = ContractRecords.json(id).getBytes(StandardCharsets.UTF_8);
        socket.send(new DatagramPacket(bytes, bytes.length, server.localAddress()));
        if ((id - first) % BURST == BURST - 1 || id == last) {
          long sent = before + id - first + 1;
          await(server, stats -> stats.messages().received() >= sent);
        }
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
