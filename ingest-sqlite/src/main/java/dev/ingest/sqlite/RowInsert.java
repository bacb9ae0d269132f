package dev.ingest.sqlite;

import dev.ingest.record.Field;
import dev.ingest.record.FieldType;
import dev.ingest.record.RecordBatch;
import dev.ingest.record.Schema;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.List;

/**
 * An INSERT for a number of rows at once: binds their values to its parameters, and executes it.
 */
abstract class RowInsert {
  private final FieldType[] types;
  private final boolean[] optional;

  RowInsert(Schema schema) {
    List<Field> fields = schema.fields();
    types = fields.stream().map(Field::type).toArray(FieldType[]::new);
    optional = new boolean[types.length];
    for (int column = 0; column < types.length; column++) {
      optional[column] = fields.get(column).optional();
    }
  }

  /** Returns one that makes the driver's own calls, if it can, and otherwise JDBC's. */
  static RowInsert of(Schema schema, PreparedStatement statement) {
    return DriverInsert.isPossible()
        ? new DriverInsert(schema, statement)
        : new JdbcInsert(schema, statement);
  }

  /** Inserts the rows of a range, which are as many as the statement is for. */
  abstract void insert(RecordBatch batch, int from, int to) throws SQLException;

  /** Binds all values of a range of rows. */
  final void bind(RecordBatch batch, int from, int to) throws SQLException {
    int parameter = 1;
    for (int row = from; row < to; row++) {
      for (int column = 0; column < types.length; column++) {
        bind(parameter++, batch, row, column);
      }
    }
  }

  private void bind(int parameter, RecordBatch batch, int row, int column) throws SQLException {
    if (optional[column] && batch.isNull(row, column)) {
      bindNull(parameter);
      return;
    }
    switch (types[column]) {
      case INTEGER -> bindLong(parameter, batch.getLong(row, column));
      case REAL, TIMESTAMP -> bindDouble(parameter, batch.getDouble(row, column));
      case TEXT, JSON -> bindText(parameter, batch, row, column);
      case BOOLEAN -> bindLong(parameter, batch.getBoolean(row, column) ? 1 : 0);
    }
  }

  abstract void bindNull(int parameter) throws SQLException;

  abstract void bindLong(int parameter, long value) throws SQLException;

  abstract void bindDouble(int parameter, double value) throws SQLException;

  abstract void bindText(int parameter, RecordBatch batch, int row, int column) throws SQLException;
}
