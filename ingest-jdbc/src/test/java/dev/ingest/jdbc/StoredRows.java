package dev.ingest.jdbc;

import dev.ingest.record.Field;
import dev.ingest.record.Schema;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.sql.Types;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;

/** The rows of a table, with all values, for the contract. */
final class StoredRows {
  private StoredRows() {}

  static List<List<Object>> of(Connection connection, String table, Schema schema)
      throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet result = statement.executeQuery("SELECT * FROM " + table)) {
      List<List<Object>> rows = new ArrayList<>();
      while (result.next()) {
        List<Object> row = new ArrayList<>();
        for (Field field : schema.fields()) {
          row.add(value(result, field));
        }
        rows.add(row);
      }
      return rows;
    }
  }

  private static Object value(ResultSet result, Field field) throws SQLException {
    int column = result.findColumn(field.name());
    Object value =
        switch (field.type()) {
          case INTEGER -> result.getLong(column);
          case REAL -> result.getDouble(column);
          case BOOLEAN -> result.getBoolean(column);
          case TIMESTAMP -> time(result, column);
          case TEXT, JSON -> result.getString(column);
        };
    return result.wasNull() ? null : value;
  }

  private static Instant time(ResultSet result, int column) throws SQLException {
    int type = result.getMetaData().getColumnType(column);
    boolean hasZone =
        type == Types.TIMESTAMP_WITH_TIMEZONE
            || result.getMetaData().getColumnTypeName(column).equals("timestamptz");
    if (hasZone) {
      OffsetDateTime time = result.getObject(column, OffsetDateTime.class);
      return time == null ? null : time.toInstant();
    }
    LocalDateTime time = result.getObject(column, LocalDateTime.class);
    return time == null ? null : time.toInstant(ZoneOffset.UTC);
  }
}
