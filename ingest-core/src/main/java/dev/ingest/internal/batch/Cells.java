package dev.ingest.internal.batch;

import dev.ingest.record.Field;
import dev.ingest.record.Schema;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The values of rows, a column each, and which of them are null. Grows; never shrinks. */
final class Cells {
  private final long[][] values;
  private final long[] @Nullable [] nulls;
  private int capacity;

  /** Makes room for so many rows of a schema. */
  Cells(Schema schema, int capacity) {
    List<Field> fields = schema.fields();
    this.capacity = capacity;
    values = new long[fields.size()][capacity];
    nulls = new long[fields.size()][];
    for (int column = 0; column < nulls.length; column++) {
      if (fields.get(column).optional()) {
        nulls[column] = new long[words(capacity)];
      }
    }
  }

  /** Returns the number of rows that there is room for. */
  int capacity() {
    return capacity;
  }

  void grow(int newCapacity) {
    capacity = newCapacity;
    for (int column = 0; column < values.length; column++) {
      values[column] = Arrays.copyOf(values[column], newCapacity);
      long[] bits = nulls[column];
      if (bits != null) {
        nulls[column] = Arrays.copyOf(bits, words(newCapacity));
      }
    }
  }

  /** Sets all optional fields of a row to null. */
  void beginRow(int row) {
    for (long[] bits : nulls) {
      if (bits != null) {
        bits[row >> 6] |= 1L << row;
      }
    }
  }

  void set(int row, int column, long value) {
    values[column][row] = value;
    long[] bits = nulls[column];
    if (bits != null) {
      bits[row >> 6] &= ~(1L << row);
    }
  }

  long get(int row, int column) {
    return values[column][row];
  }

  boolean isNull(int row, int column) {
    long[] bits = nulls[column];
    return bits != null && (bits[row >> 6] & 1L << row) != 0;
  }

  /** Returns a cell that says where something is. */
  static long range(int offset, int length) {
    return (long) offset << 32 | length;
  }

  private static int words(int rows) {
    return (rows + Long.SIZE - 1) / Long.SIZE;
  }
}
