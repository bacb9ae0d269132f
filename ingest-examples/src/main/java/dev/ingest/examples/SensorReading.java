package dev.ingest.examples;

import dev.ingest.record.Schema;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.concurrent.ThreadLocalRandom;

/** The schema of what the sensors send, and made-up readings. */
public final class SensorReading {
  /** The schema of a reading: four numbers. */
  public static final Schema SCHEMA =
      Schema.builder("sensor_measurements")
          .integer("sensor_id")
          .real("temperature")
          .real("humidity")
          .timestamp("ingested_at")
          .build();

  private SensorReading() {}

  /** Returns a made-up reading as a sensor sends it: a datagram of one JSON object. */
  static byte[] random() {
    ThreadLocalRandom random = ThreadLocalRandom.current();
    Instant now = Instant.now();
    String micros = Integer.toString(1_000_000 + now.getNano() / 1000).substring(1);
    String json =
        "{\"sensor_id\": "
            + random.nextInt(10, 1000)
            + ", \"temperature\": "
            + random.nextDouble(1, 35)
            + ", \"humidity\": "
            + random.nextDouble(1, 12)
            + ", \"ingested_at\": "
            + now.getEpochSecond()
            + "."
            + micros
            + "}";
    return json.getBytes(StandardCharsets.UTF_8);
  }
}
