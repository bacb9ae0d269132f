package dev.ingest.jdbc;

import dev.ingest.record.Field;
import dev.ingest.record.FieldType;
import dev.ingest.record.RecordBatch;
import dev.ingest.record.Schema;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.postgresql.core.Oid;

/**
 * Makes arrays of a batch's fields, as {@code array_recv} of PostgreSQL's arrayfuncs.c reads them:
 * the number of dimensions, whether a value is null, the type, the number of values and the first
 * index; then for each value its length, or -1 for null, and its binary form. pgjdbc makes the same
 * of arrays of Java's, but not of booleans or times, and text it quotes, which costs the server
 * more. One buffer serves all batches.
 */
final class PostgresArrays {
  private static final int HEADER = 20;

  /** From 1970-01-01 to 2000-01-01. */
  private static final long EPOCH_MICROS = 946_684_800_000_000L;

  private final FieldType[] types;
  private final boolean[] optional;
  private ByteBuffer buffer = ByteBuffer.allocate(1 << 16);

  PostgresArrays(Schema schema) {
    this.types = schema.fields().stream().map(Field::type).toArray(FieldType[]::new);
    this.optional = new boolean[types.length];
    for (int column = 0; column < types.length; column++) {
      optional[column] = schema.fields().get(column).optional();
    }
  }

  /** Returns the type of a field's values as they are sent. */
  static String type(Field field) {
    return switch (field.type()) {
      case INTEGER -> "int8";
      case REAL -> "float8";
      case BOOLEAN -> "bool";
      case TIMESTAMP -> "timestamptz";
      case TEXT, JSON -> "text";
    };
  }

  /** Returns the number of the type of a field's array. */
  int oid(int column) {
    return switch (types[column]) {
      case INTEGER -> Oid.INT8_ARRAY;
      case REAL -> Oid.FLOAT8_ARRAY;
      case BOOLEAN -> Oid.BOOL_ARRAY;
      case TIMESTAMP -> Oid.TIMESTAMPTZ_ARRAY;
      case TEXT, JSON -> Oid.TEXT_ARRAY;
    };
  }

  private int elementOid(int column) {
    return switch (types[column]) {
      case INTEGER -> Oid.INT8;
      case REAL -> Oid.FLOAT8;
      case BOOLEAN -> Oid.BOOL;
      case TIMESTAMP -> Oid.TIMESTAMPTZ;
      case TEXT, JSON -> Oid.TEXT;
    };
  }

  /** Returns the values of a field. */
  byte[] encode(RecordBatch batch, int column) {
    int size = batch.size();
    buffer.clear();
    reserve(HEADER + 12 * size); // enough but for text
    buffer.putInt(1).putInt(0).putInt(elementOid(column)).putInt(size).putInt(1);
    boolean isText = types[column] == FieldType.TEXT || types[column] == FieldType.JSON;
    for (int row = 0; row < size; row++) {
      if (optional[column] && batch.isNull(row, column)) {
        reserve(4);
        buffer.putInt(-1).putInt(4, 1);
      } else if (isText) {
        byte[] text = batch.getUtf8(row, column);
        reserve(4 + text.length);
        buffer.putInt(text.length).put(text);
      } else {
        put(batch, row, column);
      }
    }
    return Arrays.copyOf(buffer.array(), buffer.position());
  }

  private void put(RecordBatch batch, int row, int column) {
    switch (types[column]) {
      case INTEGER -> buffer.putInt(8).putLong(batch.getLong(row, column));
      case REAL -> buffer.putInt(8).putDouble(batch.getDouble(row, column));
      case TIMESTAMP -> buffer.putInt(8).putLong(micros(batch.getLong(row, column)));
      case BOOLEAN -> buffer.putInt(1).put((byte) (batch.getBoolean(row, column) ? 1 : 0));
      default -> throw new AssertionError(types[column]);
    }
  }

  /** Returns microseconds since 2000 of nanoseconds since 1970, rounded half up. */
  static long micros(long nanos) {
    long rounded = Math.floorMod(nanos, 1000) >= 500 ? 1 : 0;
    return Math.floorDiv(nanos, 1000) + rounded - EPOCH_MICROS;
  }

  private void reserve(int bytes) {
    if (bytes > buffer.remaining()) {
      int needed = buffer.position() + bytes;
      buffer = ByteBuffer.allocate(Math.max(needed, 2 * buffer.capacity())).put(buffer.flip());
    }
  }
}
