package dev.ingest.bench;

import dev.ingest.record.RecordBatch;
import dev.ingest.record.Schema;
import dev.ingest.sink.Sink;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.BitSet;
import org.HdrHistogram.Histogram;

/**
 * Stores through another sink, and on request records for each stored record how long ago it was
 * sent, which a field of the record holds. The lock is taken once a batch, and costs less than a
 * histogram that any thread may read at any time.
 */
final class LatencySink implements Sink {
  private static final int SIGNIFICANT_DIGITS = 3;

  private final Sink sink;
  private final int sentColumn;
  private final Histogram micros = new Histogram(SIGNIFICANT_DIGITS);
  private volatile boolean recording;

  /**
   * Wraps a sink.
   *
   * @param sentColumn the column that holds the time of sending
   */
  LatencySink(Sink sink, int sentColumn) {
    this.sink = sink;
    this.sentColumn = sentColumn;
  }

  @Override
  public void write(RecordBatch batch) throws Exception {
    sink.write(batch);
    if (recording) {
      record(batch);
    }
  }

  private void record(RecordBatch batch) {
    long now = ChronoUnit.NANOS.between(Instant.EPOCH, Instant.now());
    synchronized (micros) {
      for (int row = 0; row < batch.size(); row++) {
        // Both processes read the same clock, but somebody may set it back meanwhile.
        micros.recordValue(Math.max(0, now - batch.getLong(row, sentColumn)) / 1_000);
      }
    }
  }

  /** Forgets what was recorded, and begins to record. */
  void start() {
    synchronized (micros) {
      micros.reset();
    }
    recording = true;
  }

  /** Ends recording, and returns what was recorded. */
  Latency stop() {
    recording = false;
    synchronized (micros) {
      return Latency.of(micros);
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
