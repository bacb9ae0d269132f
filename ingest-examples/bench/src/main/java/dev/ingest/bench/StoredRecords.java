package dev.ingest.bench;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;

/** Reads the table that a program fills meanwhile, through a connection of its own. */
final class StoredRecords implements AutoCloseable {
  private final Connection connection;

  StoredRecords(Path database) throws SQLException {
    this.connection = DriverManager.getConnection("jdbc:sqlite:" + database);
  }

  /**
   * Returns the number of the last row. Since no row is ever deleted it is the number of rows, and
   * takes no time to find.
   */
  long lastRow() throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery("SELECT MAX(rowid) FROM sensor_measurements")) {
      return rows.getLong(1);
    }
  }

  /** The number of some rows, and the sums of their columns. */
  record Sums(long rows, long sensorId, double temperature) {}

  /** Returns the sums of the rows after one. */
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
