package dev.ingest.sqlite;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.StringJoiner;

/** A database, past the sink. */
final class Database implements AutoCloseable {
  private final Connection connection;

  Database(Path file) throws SQLException {
    this(file.toString());
  }

  Database(String name) throws SQLException {
    connection = DriverManager.getConnection("jdbc:sqlite:" + name);
  }

  void execute(String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  /** The rows of a query, their columns joined by a bar. */
  List<String> rows(String sql) throws SQLException {
    List<String> rows = new ArrayList<>();
    try (Statement statement = connection.createStatement();
        ResultSet result = statement.executeQuery(sql)) {
      int columns = result.getMetaData().getColumnCount();
      while (result.next()) {
        StringJoiner row = new StringJoiner("|");
        for (int column = 1; column <= columns; column++) {
          row.add(result.getString(column));
        }
        rows.add(row.toString());
      }
    }
    return rows;
  }

  String value(String sql) throws SQLException {
    return rows(sql).get(0);
  }

  Connection connection() {
    return connection;
  }

  @Override
  public void close() throws SQLException {
    connection.close();
  }
}
