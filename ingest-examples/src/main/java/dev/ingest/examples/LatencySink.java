package dev.ingest.examples;

import dev.ingest.record.RecordBatch;
import dev.ingest.record.Schema;
import dev.ingest.sink.Sink;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.BitSet;
import java.util.concurrent.atomic.AtomicLong;
import org.HdrHistogram.SingleWriterRecorder;

/**
 * Another sink, and for each record that it has stored the time since the record was sent, which
 * stands in a field of it. Only the writer thread records; any thread may ask.
 */
final class LatencySink implements Sink {
  private static final int SIGNIFICANT_DIGITS = 3;

  private final Sink sink;
  private final int sentColumn;
  private final SingleWriterRecorder micros = new SingleWriterRecorder(SIGNIFICANT_DIGITS);
  private final AtomicLong recordingNanos = new AtomicLong();

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
    for (int row = 0; row < batch.size(); row++) {
      // Both processes read the same clock, but one may set it meanwhile.
      micros.recordValue(Math.max(0, now - batch.getLong(row, sentColumn)) / 1_000);
    }
    recordingNanos.addAndGet(System.nanoTime() - start);
  }

  /** What was recorded since the last call; it begins anew. */
  Latency take() {
    return Latency.of(micros.getIntervalHistogram(), recordingNanos.getAndSet(0));
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
