package dev.ingest.bench;

import dev.ingest.examples.SensorReading;
import dev.ingest.record.Schema;
import java.util.Locale;

/** What the records of a load look like. {@link DatagramWriter} makes their text. */
enum RecordShape {
  /** The record of the README. */
  SENSOR,
  /** Three fields, short numbers, no spaces. */
  SHORT,
  /** Twenty fields of all types. */
  WIDE,
  /** A text of some hundreds of bytes, with escapes and with characters outside ASCII. */
  TEXT,
  /** Eight optional fields, of which half are missing. */
  OPTIONAL,
  /** The README's values inside of objects and an array. */
  NESTED,
  /** Fifty of the README's records in an array. */
  ARRAY;

  Schema schema() {
    return switch (this) {
      case SENSOR, ARRAY -> SensorReading.SCHEMA;
      case SHORT ->
          Schema.builder(SensorReading.SCHEMA.name())
              .integer("sensor_id")
              .real("temperature")
              .timestamp("ingested_at")
              .build();
      case WIDE -> wide();
      case TEXT -> sensorAnd().text("message").build();
      case OPTIONAL -> optional();
      case NESTED ->
          Schema.builder(SensorReading.SCHEMA.name())
              .integer("sensor_id")
              .from("/device/id")
              .real("temperature")
              .from("/readings/0/value")
              .real("humidity")
              .from("/readings/1/value")
              .timestamp("ingested_at")
              .from("/at/unix")
              .build();
    };
  }

  /** Tells whether {@code limit.c} knows it. */
  boolean isKnownToLimit() {
    return this != NESTED && this != ARRAY;
  }

  int recordsPerDatagram() {
    return this == ARRAY ? 50 : 1;
  }

  /** Returns how many different datagrams are made, which are then sent round and round. */
  int differentDatagrams() {
    return this == ARRAY ? 128 : 4_096;
  }

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }

  private static Schema.Builder sensorAnd() {
    Schema.Builder schema = Schema.builder(SensorReading.SCHEMA.name());
    SensorReading.SCHEMA.fields().forEach(schema::field);
    return schema;
  }

  private static Schema wide() {
    Schema.Builder schema = sensorAnd();
    for (int i = 1; i <= 4; i++) {
      schema.integer("integer_" + i);
    }
    for (int i = 1; i <= 4; i++) {
      schema.real("real_" + i);
    }
    for (int i = 1; i <= 3; i++) {
      schema.text("text_" + i);
    }
    for (int i = 1; i <= 3; i++) {
      schema.bool("bool_" + i);
    }
    return schema.timestamp("time_1").timestamp("time_2").build();
  }

  private static Schema optional() {
    Schema.Builder schema = sensorAnd();
    for (int i = 1; i <= 4; i++) {
      schema.real("real_" + i).optional();
    }
    for (int i = 1; i <= 2; i++) {
      schema.integer("integer_" + i).optional();
    }
    for (int i = 1; i <= 2; i++) {
      schema.text("text_" + i).optional();
    }
    return schema.build();
  }
}
