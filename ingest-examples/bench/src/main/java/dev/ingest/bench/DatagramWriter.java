package dev.ingest.bench;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Makes up the datagrams of a shape. From the same seed {@code send.c} makes the same datagrams,
 * byte for byte: keep the two alike.
 */
final class DatagramWriter {
  private static final List<String> PIECES =
      List.of(
          "reading taken at noon ",
          "valve closed, ",
          "\\\"quoted\\\" ",
          "C:\\\\data\\\\log ",
          "line\\nbreak\\ttab ",
          "21 °C ",
          "größer als erwartet ",
          "\\u00e9t\\u00e9 ",
          "温度センサー ",
          "\\ud83d\\ude00 😀 ");

  private final ByteArrayOutputStream text = new ByteArrayOutputStream();
  private final List<Integer> stamps = new ArrayList<>();
  private long sumSensorId;
  private double sumTemperature;
  private long state;

  private DatagramWriter(long seed) {
    state = seed;
  }

  static List<Datagram> datagrams(RecordShape shape, long seed) {
    DatagramWriter writer = new DatagramWriter(seed);
    return writer.make(shape.differentDatagrams(), () -> writer.putJson(shape));
  }

  /** Makes the records of {@link RecordShape#SENSOR} as lines of InfluxDB's line protocol. */
  static List<Datagram> lineProtocol(long seed) {
    DatagramWriter writer = new DatagramWriter(seed);
    return writer.make(RecordShape.SENSOR.differentDatagrams(), writer::putLineProtocol);
  }

  private List<Datagram> make(int count, Runnable put) {
    List<Datagram> datagrams = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      text.reset();
      stamps.clear();
      sumSensorId = 0;
      sumTemperature = 0;
      put.run();
      ByteBuffer bytes = ByteBuffer.allocateDirect(text.size()).put(text.toByteArray()).flip();
      datagrams.add(new Datagram(bytes, List.copyOf(stamps), sumSensorId, sumTemperature));
    }
    return datagrams;
  }

  private void putJson(RecordShape shape) {
    switch (shape) {
      case SENSOR -> putSensor();
      case SHORT -> putShort();
      case WIDE -> putWide();
      case TEXT -> putText();
      case OPTIONAL -> putOptional();
      case NESTED -> putNested();
      case ARRAY -> {
        for (int i = 0; i < shape.recordsPerDatagram(); i++) {
          put(i == 0 ? "[" : "}, ");
          putSensor();
        }
      }
    }
    put(shape == RecordShape.ARRAY ? "}]" : "}");
  }

  private void putLineProtocol() {
    putSensorId("sensor_measurements sensor_id=");
    putTemperature("i,temperature=", decimal(1, 35));
    put(",humidity=" + decimal(1, 12));
    putTime(",ingested_at=");
  }

  private void putSensor() {
    putSensorId("{\"sensor_id\": ");
    putTemperature(", \"temperature\": ", decimal(1, 35));
    put(", \"humidity\": " + decimal(1, 12));
    putTime(", \"ingested_at\": ");
  }

  private void putNested() {
    putSensorId("{\"device\": {\"id\": ");
    put(", \"model\": \"TH-2\"}, \"readings\": [");
    putTemperature("{\"kind\": \"temperature\", \"value\": ", decimal(1, 35));
    put("}, {\"kind\": \"humidity\", \"value\": " + decimal(1, 12));
    putTime("}], \"at\": {\"unix\": ");
    put("}");
  }

  private void putShort() {
    putSensorId("{\"sensor_id\":");
    putTemperature(",\"temperature\":", (1 + random(34)) + "." + random(10));
    putTime(",\"ingested_at\":");
  }

  private void putWide() {
    putSensor();
    for (int i = 1; i <= 4; i++) {
      put(", \"integer_" + i + "\": " + (random(1_000_000_000_000L) - 500_000_000_000L));
    }
    for (int i = 1; i <= 4; i++) {
      put(", \"real_" + i + "\": " + decimal(0, 1_000));
    }
    for (int i = 1; i <= 3; i++) {
      put(", \"text_" + i + "\": \"station " + random(100_000) + '"');
    }
    for (int i = 1; i <= 3; i++) {
      put(", \"bool_" + i + "\": " + (random(2) == 1));
    }
    for (int i = 1; i <= 2; i++) {
      put(", \"time_" + i + "\": \"2025-07-05T11:" + digits(random(60), 2) + ":01.12Z\"");
    }
  }

  private void putText() {
    putSensor();
    put(", \"message\": \"");
    for (int i = 0; i < 24; i++) {
      put(PIECES.get((int) random(PIECES.size())));
    }
    put("\"");
  }

  private void putOptional() {
    putSensor();
    for (int i = 1; i <= 4; i++) {
      if (random(2) == 1) {
        put(", \"real_" + i + "\": " + decimal(0, 1_000));
      }
    }
    for (int i = 1; i <= 2; i++) {
      if (random(2) == 1) {
        put(", \"integer_" + i + "\": " + random(1_000_000));
      }
    }
    for (int i = 1; i <= 2; i++) {
      if (random(2) == 1) {
        put(", \"text_" + i + "\": \"station " + random(100_000) + '"');
      }
    }
  }

  private void putSensorId(String name) {
    long id = 10 + random(990);
    sumSensorId += id;
    put(name + id);
  }

  private void putTemperature(String name, String number) {
    sumTemperature += Double.parseDouble(number);
    put(name + number);
  }

  private void putTime(String name) {
    put(name);
    stamps.add(text.size());
    put("1751715061." + digits(random(1_000_000), 6));
  }

  private void put(String part) {
    text.writeBytes(part.getBytes(StandardCharsets.UTF_8));
  }

  private String decimal(int least, int most) {
    return (least + random(most - least)) + "." + digits(random(100_000_000_000_000L), 14);
  }

  private static String digits(long number, int width) {
    return String.format(Locale.ROOT, "%0" + width + "d", number);
  }

  /** Returns the next number of SplitMix64, from 0 to less than the bound. */
  private long random(long bound) {
    state += 0x9E3779B97F4A7C15L;
    long z = (state ^ (state >>> 30)) * 0xBF58476D1CE4E5B9L;
    z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
    z ^= z >>> 31;
    return (z >>> 1) % bound;
  }
}
