package dev.ingest.bench;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Locale;

/** Reads the table that a program fills meanwhile, through a connection of its own. */
final class DatabaseRecords implements StoredRecords {
  private final Connection connection;
  private final String lastRow;
  private final String sumsAfter;

  /**
   * Connects to a database.
   *
   * @param lastRow the query for the number of the last row
   * @param rowsAfter what to select from for the rows after one, whose number is {@code %d}
   */
  private DatabaseRecords(String url, String lastRow, String rowsAfter) throws SQLException {
    this.connection = DriverManager.getConnection(url);
    this.lastRow = lastRow;
    this.sumsAfter = "SELECT COUNT(*), SUM(sensor_id), SUM(temperature) FROM " + rowsAfter;
  }

  /** Opens a file of SQLite's, in which the number of the last row takes no time to find. */
  static DatabaseRecords ofSqlite(Path database) throws SQLException {
    return new DatabaseRecords(
        "jdbc:sqlite:" + database,
        "SELECT MAX(rowid) FROM sensor_measurements",
        "sensor_measurements WHERE rowid > %d");
  }

  /** Connects to a new QuestDB, which understands PostgreSQL's protocol, and creates the table. */
  static DatabaseRecords ofQuestDb(int port) throws SQLException {
    DatabaseRecords records =
        new DatabaseRecords(
            "jdbc:postgresql://127.0.0.1:"
                + port
                + "/qdb?user=admin&password=quest&sslmode=disable",
            "SELECT COUNT(*) FROM sensor_measurements",
            "(sensor_measurements LIMIT %d, 1000000000000)");
    try (Statement statement = records.connection.createStatement()) {
      statement.execute(
          "CREATE TABLE sensor_measurements (sensor_id LONG, temperature DOUBLE, humidity DOUBLE,"
              + " ingested_at DOUBLE, received TIMESTAMP) TIMESTAMP(received) PARTITION BY DAY");
      return records;
    } catch (SQLException e) {
      records.close();
      throw e;
    }
  }

  @Override
  public long lastRow() throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(lastRow)) {
      rows.next();
      return rows.getLong(1);
    }
  }

  @Override
  public Sums sumsAfter(long row) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(String.format(Locale.ROOT, sumsAfter, row))) {
      rows.next();
      return new Sums(rows.getLong(1), rows.getLong(2), rows.getDouble(3));
    }
  }

  @Override
  public void close() throws SQLException {
    connection.close();
  }
}
