package dev.ingest.testkit;

import dev.ingest.record.JournalPosition;
import dev.ingest.record.RecordBatch;
import dev.ingest.sink.Sink;
import dev.ingest.sink.SinkException;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;

/** A sink that keeps the contract; those that do not override a part of it. */
class MemorySink implements Sink {
  final MemoryStore store;

  MemorySink(MemoryStore store) {
    this.store = store;
  }

  @Override
  public void write(RecordBatch batch) throws Exception {
    JournalPosition position = batch.position().orElse(new JournalPosition("", 0));
    BitSet known = batch.position().isEmpty() ? new BitSet() : known(position.segment());
    BitSet lines = new BitSet();
    List<List<Object>> rows = new ArrayList<>();
    for (int row = 0; row < batch.size(); row++) {
      int line = (int) position.line() + row;
      if (!known.get(line)) {
        rows.add(row(batch, row));
        lines.set(line);
      }
    }
    awaitStore();
    commit(rows, position.segment(), batch.position().isEmpty() ? new BitSet() : lines);
  }

  /** Returns the lines that are not to be stored again. */
  BitSet known(String segment) {
    return store.lines(segment);
  }

  List<Object> row(RecordBatch batch, int row) {
    return SinkContract.rowOf(batch, row);
  }

  void awaitStore() throws Exception {
    store.awaitGate();
  }

  void commit(List<List<Object>> rows, String segment, BitSet lines) throws SinkException {
    store.commit(rows, segment, lines);
  }

  @Override
  public BitSet stored(String segment) {
    return store.lines(segment);
  }

  @Override
  public void forget(String segment) {
    store.forget(segment);
  }
}
