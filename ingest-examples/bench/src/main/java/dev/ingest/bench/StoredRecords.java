package dev.ingest.bench;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;

/** A look into the table that a program fills, while it does, through a connection of its own. */
final class StoredRecords implements AutoCloseable {
  private final Connection connection;

  StoredRecords(Path database) throws SQLException {
    this.connection = DriverManager.getConnection("jdbc:sqlite:" + database);
  }

  /** The number of the last row: that of the rows, since none is ever deleted. Takes no time. */
  long lastRow() throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery("SELECT MAX(rowid) FROM sensor_measurements")) {
      return rows.getLong(1);
    }
  }

  /** What rows add up to. */
  record Sums(long rows, long sensorId, double temperature) {}

  /** What the rows after one add up to. */
  Sums sumsAfter(long row) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet rows =
            statement.executeQuery(
                "SELECT COUNT(*), SUM(sensor_id), SUM(temperature) FROM sensor_measurements"
                    + " WHERE rowid > "
                    + row)) {
      return new Sums(rows.getLong(1), rows.getLong(2), rows.getDouble(3));
    }
  }

  @Override
  public void close() throws SQLException {
    connection.close();
  }
}
