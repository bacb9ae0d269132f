package dev.ingest.examples;

import dev.ingest.record.RecordBatch;
import dev.ingest.record.Schema;
import dev.ingest.sink.Sink;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.BitSet;
import org.HdrHistogram.Histogram;

/**
 * Another sink, and for each record that it has stored the time since the record was sent, which
 * stands in a field of it. The lock is taken once a batch, and costs less than a histogram that any
 * thread may read at any time.
 */
final class LatencySink implements Sink {
  private static final int SIGNIFICANT_DIGITS = 3;

  private final Sink sink;
  private final int sentColumn;
  private final Object lock = new Object();
  private final Histogram micros = new Histogram(SIGNIFICANT_DIGITS);
  private long recordingNanos;

  /** Takes the column that holds the time of sending. */
  LatencySink(Sink sink, int sentColumn) {
    this.sink = sink;
    this.sentColumn = sentColumn;
  }

  @Override
  public void write(RecordBatch batch) throws Exception {
    sink.write(batch);
    long start = System.nanoTime();
    long now = ChronoUnit.NANOS.between(Instant.EPOCH, Instant.now());
    synchronized (lock) {
      for (int row = 0; row < batch.size(); row++) {
        // Both processes read the same clock, but one may set it meanwhile.
        micros.recordValue(Math.max(0, now - batch.getLong(row, sentColumn)) / 1_000);
      }
      recordingNanos += System.nanoTime() - start;
    }
  }

  /** What was recorded since the last call; it begins anew. */
  Latency take() {
    synchronized (lock) {
      Latency latency = Latency.of(micros, recordingNanos);
      micros.reset();
      recordingNanos = 0;
      return latency;
    }
  }

  @Override
  public void open(Schema schema) throws Exception {
    sink.open(schema);
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
