package dev.ingest.sqlite;

import dev.ingest.record.RecordBatch;
import dev.ingest.record.Schema;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Types;

/** Binds values through JDBC, which makes a box of each. */
final class JdbcInsert extends RowInsert {
  private final PreparedStatement statement;

  JdbcInsert(Schema schema, PreparedStatement statement) {
    super(schema);
    this.statement = statement;
  }

  @Override
  void insert(RecordBatch batch, int from, int to) throws SQLException {
    bind(batch, from, to);
    statement.executeUpdate();
  }

  @Override
  void bindNull(int parameter) throws SQLException {
    statement.setNull(parameter, Types.NULL);
  }

  @Override
  void bindLong(int parameter, long value) throws SQLException {
    statement.setLong(parameter, value);
  }

  @Override
  void bindDouble(int parameter, double value) throws SQLException {
    statement.setDouble(parameter, value);
  }

  @Override
  void bindText(int parameter, RecordBatch batch, int row, int column) throws SQLException {
    statement.setString(parameter, batch.getString(row, column));
  }
}
