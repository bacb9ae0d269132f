package dev.ingest.bench;

import dev.ingest.examples.SensorReading;
import dev.ingest.record.JournalPosition;
import dev.ingest.record.RecordBatch;
import dev.ingest.record.Schema;
import java.util.Optional;

/** Sensor readings that are decoded already, so that nothing but storing them is measured. */
final class SensorBatch implements RecordBatch {
  private final int from;
  private final int to;
  private final Optional<JournalPosition> position;

  private SensorBatch(int from, int to, Optional<JournalPosition> position) {
    this.from = from;
    this.to = to;
    this.position = position;
  }

  static SensorBatch of(int size) {
    return new SensorBatch(0, size, Optional.empty());
  }

  static SensorBatch at(JournalPosition position, int size) {
    return new SensorBatch(0, size, Optional.of(position));
  }

  @Override
  public Schema schema() {
    return SensorReading.SCHEMA;
  }

  @Override
  public int size() {
    return to - from;
  }

  @Override
  public boolean isNull(int row, int column) {
    return false;
  }

  @Override
  public long getLong(int row, int column) {
    return column == 0 ? from + row : 1_751_715_061_120_000_000L + (from + row) * 1_000L;
  }

  @Override
  public double getDouble(int row, int column) {
    return column == 1 ? 20 + (from + row) % 100 * 0.1 : 40 + (from + row) % 50 * 0.5;
  }

  @Override
  public RecordBatch slice(int first, int end) {
    return new SensorBatch(
        from + first,
        from + end,
        position.map(start -> new JournalPosition(start.segment(), start.line() + first)));
  }

  @Override
  public Optional<JournalPosition> position() {
    return position;
  }

  @Override
  public String getString(int row, int column) {
    throw new UnsupportedOperationException("no field is text");
  }

  @Override
  public boolean getBoolean(int row, int column) {
    throw new UnsupportedOperationException("no field is a boolean");
  }

  @Override
  public byte[] json(int row) {
    throw new UnsupportedOperationException("the records did not come as JSON");
  }
}
