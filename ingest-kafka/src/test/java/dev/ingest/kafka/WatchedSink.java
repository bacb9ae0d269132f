package dev.ingest.kafka;

import dev.ingest.record.RecordBatch;
import dev.ingest.record.Schema;
import dev.ingest.sink.Sink;
import java.util.BitSet;

/** Passes calls on, and keeps what the last open or write threw. */
class WatchedSink implements Sink {
  private final Sink sink;
  private volatile String failure = "";

  WatchedSink(Sink sink) {
    this.sink = sink;
  }

  /** Returns what the last call threw, as text; empty if it did not throw. Any thread. */
  String failure() {
    return failure;
  }

  @Override
  public void open(Schema schema) throws Exception {
    watch(() -> sink.open(schema));
  }

  @Override
  public void write(RecordBatch batch) throws Exception {
    watch(() -> sink.write(batch));
  }

  private interface Call {
    void run() throws Exception;
  }

  private void watch(Call call) throws Exception {
    try {
      call.run();
      failure = "";
    } catch (Exception e) {
      failure = e.toString();
      throw e;
    }
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
