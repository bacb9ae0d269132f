package dev.ingest.examples;

import dev.ingest.jdbc.testing.PostgresServer;

/** Starts PostgreSQL, runs the demo against it, and shows the rows. */
final class DemoWithPostgres {
  private DemoWithPostgres() {}

  /**
   * Runs the demo.
   *
   * @param args the demo's options
   * @throws Exception if there is no PostgreSQL for this system, or the demo cannot be run
   */
  public static void main(String[] args) throws Exception {
    int status;
    try (PostgresServer server = PostgresServer.start("fsync=on")) {
      String uri = server.database().sinkUri(SensorReading.SCHEMA.name());
      status = DemoProcess.run(uri, args);
      System.out.println(
          "sensor_id | readings | mean temperature | latest, as PostgreSQL shows them:");
      server
          .database()
          .rows(
              "SELECT sensor_id, count(*), round(avg(temperature)::numeric, 3), max(ingested_at)"
                  + " FROM sensor_measurements GROUP BY sensor_id ORDER BY sensor_id LIMIT 5")
          .forEach(row -> System.out.println("           " + row));
    }
    System.exit(status);
  }
}
