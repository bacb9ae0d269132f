package dev.ingest.testkit;

import dev.ingest.record.FieldType;
import dev.ingest.record.JournalPosition;
import dev.ingest.record.RecordBatch;
import dev.ingest.record.Schema;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Records of the contract, with ids that follow each other. Like a batch of the server it belongs
 * to one write, on one thread; unlike that one it notices when it is read elsewhere.
 */
final class LentBatch implements RecordBatch {
  private final Loan loan;
  private final long firstId;
  private final int size;
  private final @Nullable JournalPosition position;

  LentBatch(Loan loan, long firstId, int size, @Nullable JournalPosition position) {
    this.loan = loan;
    this.firstId = firstId;
    this.size = size;
    this.position = position;
  }

  Loan loan() {
    return loan;
  }

  @Override
  public Schema schema() {
    return ContractRecords.SCHEMA;
  }

  @Override
  public int size() {
    return size;
  }

  @Override
  public boolean isNull(int row, int column) {
    return value(row, column) == null;
  }

  @Override
  public long getLong(int row, int column) {
    Object value = present(row, column);
    if (value instanceof Instant time) {
      return ContractRecords.nanos(time);
    }
    return as(Long.class, value, column);
  }

  @Override
  public double getDouble(int row, int column) {
    Object value = present(row, column);
    if (value instanceof Instant time) {
      return ContractRecords.seconds(time);
    }
    return as(Double.class, value, column);
  }

  @Override
  public String getString(int row, int column) {
    return as(String.class, present(row, column), column);
  }

  @Override
  public boolean getBoolean(int row, int column) {
    return as(Boolean.class, present(row, column), column);
  }

  @Override
  public byte[] json(int row) {
    return ContractRecords.json(id(row)).getBytes(StandardCharsets.UTF_8);
  }

  @Override
  public LentBatch slice(int from, int to) {
    Objects.checkFromToIndex(from, to, size);
    if (from == to) {
      throw new IndexOutOfBoundsException("the range from " + from + " to " + to + " is empty");
    }
    JournalPosition start =
        position == null ? null : new JournalPosition(position.segment(), position.line() + from);
    return new LentBatch(loan, firstId + from, to - from, start);
  }

  @Override
  public Optional<JournalPosition> position() {
    return Optional.ofNullable(position);
  }

  private long id(int row) {
    long id = firstId + Objects.checkIndex(row, size);
    loan.read(id);
    return id;
  }

  private @Nullable Object value(int row, int column) {
    return ContractRecords.value(
        id(row), Objects.checkIndex(column, ContractRecords.SCHEMA.fields().size()));
  }

  private Object present(int row, int column) {
    Object value = value(row, column);
    if (value == null) {
      throw new IllegalStateException(
          ContractRecords.SCHEMA.fields().get(column) + " of row " + row + " is absent");
    }
    return value;
  }

  private static <T> T as(Class<T> type, Object value, int column) {
    if (!type.isInstance(value)) {
      FieldType actual = ContractRecords.SCHEMA.fields().get(column).type();
      throw new IllegalStateException("column " + column + " is of type " + actual);
    }
    return type.cast(value);
  }
}
