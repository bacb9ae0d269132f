package dev.ingest.internal.batch;

import dev.ingest.internal.log.Addresses;
import dev.ingest.record.FieldType;
import dev.ingest.record.JournalPosition;
import dev.ingest.record.RecordBatch;
import dev.ingest.record.Schema;
import java.net.SocketAddress;
import java.util.Arrays;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;

/** A range of a {@link Batch}'s rows, as a sink sees it. */
public final class Rows implements RecordBatch {
  private final Batch batch;
  private int from;
  private int size;

  Rows(Batch batch) {
    this.batch = batch;
  }

  Rows over(int from, int to) {
    this.from = from;
    this.size = to - from;
    return this;
  }

  @Override
  public Schema schema() {
    return batch.schema();
  }

  @Override
  public int size() {
    return size;
  }

  @Override
  public boolean isNull(int row, int column) {
    return batch.isNull(index(row), column);
  }

  @Override
  public long getLong(int row, int column) {
    FieldType type = batch.type(column);
    if (type != FieldType.INTEGER && type != FieldType.TIMESTAMP) {
      throw wrongType("getLong", column);
    }
    return cell(row, column);
  }

  @Override
  public double getDouble(int row, int column) {
    FieldType type = batch.type(column);
    if (type == FieldType.REAL) {
      return Double.longBitsToDouble(cell(row, column));
    }
    if (type == FieldType.TIMESTAMP) {
      return seconds(cell(row, column));
    }
    throw wrongType("getDouble", column);
  }

  @Override
  public String getString(int row, int column) {
    checkText("getString", column);
    return batch.text(present(row, column), column);
  }

  @Override
  public byte[] getUtf8(int row, int column) {
    checkText("getUtf8", column);
    return batch.utf8(present(row, column), column);
  }

  @Override
  public boolean getBoolean(int row, int column) {
    if (batch.type(column) != FieldType.BOOLEAN) {
      throw wrongType("getBoolean", column);
    }
    return cell(row, column) != 0;
  }

  @Override
  public Rows slice(int from, int to) {
    Objects.checkFromToIndex(from, to, size);
    if (from == to) {
      throw new IndexOutOfBoundsException(
          "slice from " + from + " to " + to + ": expected at least one row");
    }
    return new Rows(batch).over(this.from + from, this.from + to);
  }

  @Override
  public byte[] json(int row) {
    int offset = batch.payloadOffset(index(row));
    int end = offset + batch.payloadLength(index(row));
    return Arrays.copyOfRange(batch.payload(), offset, end);
  }

  @Override
  public Optional<JournalPosition> position() {
    return onDisk() == size ? batch.position(from) : Optional.empty();
  }

  /** Returns the number of rows, from the first, that stand in the spool. */
  public int onDisk() {
    return Math.max(0, Math.min(size, batch.onDisk() - from));
  }

  /** Returns who sent a record, or if that is not known which line of the spool it stands on. */
  public String source(int row) {
    int index = index(row);
    SocketAddress address = batch.sender(index);
    int header = batch.headerLength(index);
    if (address == null && header > 0) {
      return ArrivalHeader.sender(batch.payload(), batch.headerOffset(index), header);
    }
    return address != null
        ? Addresses.toText(address)
        : batch.position(index).map(Object::toString).orElse("spool");
  }

  /** Returns when a record arrived, in nanoseconds since 1970; empty if that was not kept. */
  public OptionalLong arrival(int row) {
    int index = index(row);
    return batch.headerLength(index) == 0
        ? OptionalLong.empty()
        : OptionalLong.of(ArrivalHeader.receivedAt(batch.payload(), batch.headerOffset(index)));
  }

  /** Returns the line of the spool that a record of a known source was read back from, if so. */
  public Optional<JournalPosition> readFrom(int row) {
    int index = index(row);
    return batch.sender(index) == null && batch.headerLength(index) > 0
        ? batch.position(index)
        : Optional.empty();
  }

  private void checkText(String method, int column) {
    FieldType type = batch.type(column);
    if (type != FieldType.TEXT && type != FieldType.JSON) {
      throw wrongType(method, column);
    }
  }

  private long cell(int row, int column) {
    return batch.cell(present(row, column), column);
  }

  /** Returns the index in the batch of a row whose cell is not null. */
  private int present(int row, int column) {
    int index = index(row);
    if (batch.isNull(index, column)) {
      throw new IllegalStateException(
          name(column)
              + " of row "
              + row
              + " is null: ask isNull before reading an optional field");
    }
    return index;
  }

  private int index(int row) {
    return from + Objects.checkIndex(row, size);
  }

  private IllegalStateException wrongType(String getter, int column) {
    return new IllegalStateException(
        name(column)
            + " is of type "
            + batch.type(column)
            + ", which "
            + getter
            + " does not read");
  }

  private String name(int column) {
    return "field '" + batch.schema().fields().get(column).name() + "'";
  }

  /**
   * Returns nanoseconds as seconds, correctly rounded: the quotient of the rounded dividend, put
   * right by what the rounding of the dividend and of the quotient left over.
   */
  private static double seconds(long nanos) {
    double dividend = nanos;
    double quotient = dividend / 1e9;
    double rest = Math.fma(-quotient, 1e9, dividend) + (nanos - (long) dividend);
    return quotient + rest / 1e9;
  }
}
