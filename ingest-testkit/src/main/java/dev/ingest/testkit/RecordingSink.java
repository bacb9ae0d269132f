package dev.ingest.testkit;

import dev.ingest.record.RecordBatch;
import dev.ingest.record.Schema;
import dev.ingest.sink.Sink;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** Passes calls on to a sink, all but those about segments, and notes them. */
final class RecordingSink implements Sink {
  private final Sink sink;

  /** {@code open}, {@code write} and {@code close}, in the order of the calls. */
  final List<String> calls = new CopyOnWriteArrayList<>();

  final List<Thread> threads = new CopyOnWriteArrayList<>();
  final List<Integer> sizes = new CopyOnWriteArrayList<>();

  RecordingSink(Sink sink) {
    this.sink = sink;
  }

  @Override
  public void open(Schema schema) throws Exception {
    note("open");
    sink.open(schema);
  }

  @Override
  public void write(RecordBatch batch) throws Exception {
    note("write");
    sizes.add(batch.size());
    sink.write(batch);
  }

  @Override
  public void close() throws Exception {
    note("close");
    sink.close();
  }

  private void note(String call) {
    calls.add(call);
    threads.add(Thread.currentThread());
  }
}
