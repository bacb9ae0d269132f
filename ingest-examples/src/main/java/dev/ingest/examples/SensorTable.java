package dev.ingest.examples;

import dev.ingest.sink.SinkConfig;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The table that a sink fills, read through a connection of its own. */
final class SensorTable implements StoredReadings {
  /** Counting the rows of a large table takes long, and nobody waits for it at an exit. */
  private static final int MAX_SECONDS = 10;

  private final Connection connection;
  private final String table;

  private SensorTable(Connection connection, String... table) throws SQLException {
    this.connection = connection;
    String quote = connection.getMetaData().getIdentifierQuoteString();
    this.table =
        Stream.of(table)
            .map(name -> quote + name.replace(quote, quote + quote) + quote)
            .collect(Collectors.joining("."));
  }

  /** Opens the table of sensor readings in a file of SQLite. */
  static SensorTable ofFile(Path file) throws SQLException {
    return ofSqlite(SinkConfig.parse("sqlite:" + file), SensorReading.SCHEMA.name());
  }

  /** Opens the database of the SQLite sink. */
  static SensorTable ofSqlite(SinkConfig uri, String schema) throws SQLException {
    String file = uri.path();
    if (file.startsWith("file:")) {
      file +=
          uri.options().entrySet().stream()
              .filter(option -> option.getKey().equals("mode") || option.getKey().equals("cache"))
              .map(option -> option.getKey() + "=" + option.getValue())
              .collect(Collectors.joining("&", "?", ""));
    }
    return new SensorTable(
        DriverManager.getConnection("jdbc:sqlite:" + file), uri.option("table").orElse(schema));
  }

  /** Opens the database of the JDBC sink. */
  static SensorTable ofJdbc(SinkConfig uri, String schema) throws Exception {
    String table = uri.option("table").orElse(schema);
    return new SensorTable(
        DatabaseLogin.connect(uri),
        uri.option("table").isEmpty() ? new String[] {table} : table.split("\\.", 2));
  }

  @Override
  public String place() {
    return "the table";
  }

  @Override
  public long total() throws SQLException {
    try (Statement statement = statement();
        ResultSet rows = statement.executeQuery("SELECT COUNT(*) FROM " + table)) {
      rows.next();
      return rows.getLong(1);
    }
  }

  @Override
  public List<Reading> all() throws SQLException {
    return select("");
  }

  @Override
  public List<Reading> last(int count) throws SQLException {
    return select(" ORDER BY ingested_at DESC LIMIT " + count);
  }

  private List<Reading> select(String which) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet rows =
            statement.executeQuery(
                "SELECT sensor_id, temperature, humidity, ingested_at FROM " + table + which)) {
      List<Reading> list = new ArrayList<>();
      while (rows.next()) {
        list.add(
            new Reading(rows.getLong(1), rows.getDouble(2), rows.getDouble(3), seconds(rows, 4)));
      }
      return list;
    }
  }

  /** SQLite keeps a time as a number of seconds, others have a type for it. */
  private static double seconds(ResultSet rows, int column) throws SQLException {
    if (rows.getObject(column) instanceof Number number) {
      return number.doubleValue();
    }
    OffsetDateTime time = rows.getObject(column, OffsetDateTime.class);
    return time.toEpochSecond() + time.getNano() / 1e9;
  }

  private Statement statement() throws SQLException {
    Statement statement = connection.createStatement();
    statement.setQueryTimeout(MAX_SECONDS);
    return statement;
  }

  @Override
  public void close() throws SQLException {
    connection.close();
  }
}
