package dev.ingest.examples;

import dev.ingest.sink.SinkConfig;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** Reads the table that the SQLite sink fills, through a connection of its own. */
final class SensorTable implements AutoCloseable {
  private final Connection connection;
  private final String table;

  private SensorTable(Connection connection, String table) {
    this.connection = connection;
    this.table = '"' + table.replace("\"", "\"\"") + '"';
  }

  /** Returns whether another connection sees the rows of a sink. */
  static boolean isVisible(String sinkUri) {
    SinkConfig config = SinkConfig.parse(sinkUri);
    return config.scheme().equals("sqlite") && !config.path().equals(":memory:");
  }

  /** Opens the table of sensor readings in the database of a sink. */
  static SensorTable open(String sinkUri) throws SQLException {
    return open(sinkUri, SensorReading.SCHEMA.name());
  }

  /**
   * Opens the database of a sink. While it is open, a shared database in memory stays.
   *
   * @param schema the schema's name, which is the table's unless the URI says otherwise
   */
  static SensorTable open(String sinkUri, String schema) throws SQLException {
    SinkConfig config = SinkConfig.parse(sinkUri);
    String file = config.path();
    if (file.startsWith("file:")) {
      file +=
          config.options().entrySet().stream()
              .filter(option -> option.getKey().equals("mode") || option.getKey().equals("cache"))
              .map(option -> option.getKey() + "=" + option.getValue())
              .collect(Collectors.joining("&", "?", ""));
    }
    return new SensorTable(
        DriverManager.getConnection("jdbc:sqlite:" + file), config.option("table").orElse(schema));
  }

  /** Returns the number of rows. */
  long total() throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery("SELECT COUNT(*) FROM " + table)) {
      return rows.getLong(1);
    }
  }

  /** A row. */
  record Row(long sensorId, double temperature, double humidity, double ingestedAt) {}

  /** Returns all rows, in the order in which they were stored. */
  List<Row> rows() throws SQLException {
    return select("rowid");
  }

  /** Returns the rows that were stored last, as text. */
  List<String> last(int count) throws SQLException {
    return select("rowid DESC LIMIT " + count).stream()
        .map(
            row ->
                "sensor_id=%d temperature=%s humidity=%s ingested_at=%.6f"
                    .formatted(row.sensorId(), row.temperature(), row.humidity(), row.ingestedAt()))
        .toList();
  }

  private List<Row> select(String order) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet rows =
            statement.executeQuery(
                "SELECT sensor_id, temperature, humidity, ingested_at FROM "
                    + table
                    + " ORDER BY "
                    + order)) {
      List<Row> list = new ArrayList<>();
      while (rows.next()) {
        list.add(new Row(rows.getLong(1), rows.getDouble(2), rows.getDouble(3), rows.getDouble(4)));
      }
      return list;
    }
  }

  @Override
  public void close() throws SQLException {
    connection.close();
  }
}
