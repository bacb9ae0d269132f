package dev.ingest.jdbc;

import dev.ingest.jdbc.testing.PostgresDatabase;
import dev.ingest.record.JournalPosition;
import dev.ingest.record.RecordBatch;
import dev.ingest.record.Schema;
import dev.ingest.sink.Sink;
import dev.ingest.sink.SinkConfig;
import dev.ingest.sink.SinkException;
import dev.ingest.testing.TestBatch;
import java.time.Duration;
import java.util.stream.LongStream;

/** Writes records with a number to the table {@code t}, as the server's writer does. */
final class Writing {
  static final Schema SCHEMA = Schema.builder("t").integer("i").build();

  /** Nothing that a test does takes that long, on a machine that does everything else first. */
  static final Duration SOON = Duration.ofMinutes(2);

  /** Options with which a sink waits so long that a test which waits as well fails. */
  static final String[] PATIENT = {"lock_timeout=3600000", "write_timeout=3600000"};

  private Writing() {}

  static WriterThread sink(PostgresDatabase database, String... options) {
    return sink(database.sinkUri("t", options));
  }

  static WriterThread sink(String uri) {
    return new WriterThread(new JdbcSinkProvider().create(SinkConfig.parse(uri)));
  }

  static WriterThread opened(PostgresDatabase database, String... options) throws Exception {
    WriterThread sink = sink(database, options);
    sink.open(SCHEMA);
    return sink;
  }

  /** Makes a batch without positions, of the numbers from the first to before the last. */
  static RecordBatch batch(long from, long to) {
    return new TestBatch(SCHEMA).of(records(from, to));
  }

  /** Makes a batch of the numbers from the first to before the last, which are its lines, too. */
  static RecordBatch lines(String segment, long from, long to) {
    return new TestBatch(SCHEMA).at(new JournalPosition(segment, from), records(from, to));
  }

  private static String[] records(long from, long to) {
    return LongStream.range(from, to).mapToObj(i -> "{\"i\":" + i + "}").toArray(String[]::new);
  }

  /** Writes until that succeeds, as a server with quick retries does. */
  static void writeAtLast(Sink sink, RecordBatch batch) throws Exception {
    long start = System.nanoTime();
    while (true) {
      try {
        sink.write(batch);
        return;
      } catch (SinkException e) {
        if (!e.isRetryable() || System.nanoTime() - start > SOON.toNanos()) {
          throw e;
        }
        Thread.sleep(1);
      }
    }
  }

  /** Returns how many rows there are, and how many different ones. */
  static String counts(PostgresDatabase database) throws Exception {
    return database.row("SELECT count(*), count(DISTINCT i) FROM t");
  }
}
