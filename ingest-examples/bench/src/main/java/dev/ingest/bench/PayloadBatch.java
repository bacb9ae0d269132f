package dev.ingest.bench;

import dev.ingest.examples.SensorReading;
import dev.ingest.record.JournalPosition;
import dev.ingest.record.RecordBatch;
import dev.ingest.record.Schema;
import java.util.List;
import java.util.Optional;

/** Records as they came, at a position of a spool: all that a sink needs that sends them on. */
record PayloadBatch(List<byte[]> records, JournalPosition first) implements RecordBatch {
  @Override
  public Schema schema() {
    return SensorReading.SCHEMA;
  }

  @Override
  public int size() {
    return records.size();
  }

  @Override
  public byte[] json(int row) {
    return records.get(row).clone();
  }

  @Override
  public RecordBatch slice(int from, int to) {
    return new PayloadBatch(
        records.subList(from, to), new JournalPosition(first.segment(), first.line() + from));
  }

  @Override
  public Optional<JournalPosition> position() {
    return Optional.of(first);
  }

  @Override
  public boolean isNull(int row, int column) {
    throw new IllegalStateException("only the payload is there");
  }

  @Override
  public long getLong(int row, int column) {
    throw new IllegalStateException("only the payload is there");
  }

  @Override
  public double getDouble(int row, int column) {
    throw new IllegalStateException("only the payload is there");
  }

  @Override
  public String getString(int row, int column) {
    throw new IllegalStateException("only the payload is there");
  }

  @Override
  public boolean getBoolean(int row, int column) {
    throw new IllegalStateException("only the payload is there");
  }
}
