package dev.ingest.testkit;

import dev.ingest.record.Schema;
import dev.ingest.sink.Sink;
import java.io.IOException;
import java.util.List;

/** The contract on a store in memory. */
abstract class MemoryContract extends SinkContract {
  final MemoryStore store = new MemoryStore();

  @Override
  protected Sink newSink() {
    return new MemorySink(store);
  }

  @Override
  protected List<List<Object>> storedRows() {
    return store.rows();
  }

  @Override
  protected Sink sinkThatCannotOpen() {
    return new MemorySink(store) {
      @Override
      public void open(Schema schema) throws IOException {
        throw new IOException("the store is not there");
      }
    };
  }

  @Override
  protected AutoCloseable refuse(long id) {
    store.refused.add(id);
    return () -> store.refused.remove(id);
  }

  @Override
  protected AutoCloseable block() throws InterruptedException {
    return store.block();
  }

  @Override
  protected boolean remembersPositions() {
    return true;
  }

  @Override
  protected void breakDuringCommit() {
    store.breaksNextCommit = true;
  }
}
