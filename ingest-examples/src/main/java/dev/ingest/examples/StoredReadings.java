package dev.ingest.examples;

import dev.ingest.sink.SinkConfig;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;

/** The sensor readings that a sink has stored, read past the sink. */
interface StoredReadings extends AutoCloseable {
  /** A reading. */
  record Reading(long sensorId, double temperature, double humidity, double ingestedAt) {
    @Override
    public String toString() {
      return "sensor_id=%d temperature=%s humidity=%s ingested_at=%.6f"
          .formatted(sensorId, temperature, humidity, ingestedAt);
    }
  }

  /**
   * Opens what a sink stores to. While it is open, a shared database in memory stays.
   *
   * @param sinkUri the sink's URI
   * @param schema the schema's name, which is the table's unless the URI says otherwise
   * @return empty if nothing but the sink sees what it stores
   * @throws Exception if it cannot be opened
   */
  static Optional<StoredReadings> open(String sinkUri, String schema) throws Exception {
    SinkConfig uri = SinkConfig.parse(sinkUri);
    return switch (uri.scheme()) {
      case "sqlite" ->
          uri.path().equals(":memory:")
              ? Optional.empty()
              : Optional.of(SensorTable.ofSqlite(uri, schema));
      case "jdbc" -> Optional.of(SensorTable.ofJdbc(uri, schema));
      case "kafka" -> Optional.of(new SensorTopic(uri));
      default -> Optional.empty();
    };
  }

  /** Returns what holds the readings, for people: the table, or the topic. */
  String place();

  /** Returns the number of readings, or of other records if the schema is another. */
  long total() throws Exception;

  /** Returns all readings, in no particular order. */
  List<Reading> all() throws Exception;

  /** Returns the readings that were measured last, the last one first. */
  List<Reading> last(int count) throws Exception;

  @Override
  void close() throws SQLException;
}
