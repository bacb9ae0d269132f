package dev.ingest.internal.json;

import dev.ingest.record.Schema;
import java.util.List;
import java.util.Random;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Made-up records of several kinds, the same ones in every run. */
final class Records {
  /** Four numbers. */
  static final Schema READING =
      Schema.builder("sensor_measurements")
          .integer("sensor_id")
          .real("temperature")
          .real("humidity")
          .timestamp("ingested_at")
          .build();

  /** The same four numbers, each of them in an object or an array of its own. */
  static final Schema NESTED =
      Schema.builder("sensor_measurements")
          .integer("sensor_id")
          .from("/sensor/id")
          .real("temperature")
          .from("/data/temperature")
          .real("humidity")
          .from("/obs/0/1")
          .timestamp("ingested_at")
          .from("/at/0")
          .build();

  /** The same four numbers, and as many members without a field, with nothing nested. */
  static final Schema FLAT =
      Schema.builder("sensor_measurements")
          .integer("id")
          .real("temperature")
          .real("humidity")
          .timestamp("at")
          .build();

  /** Little but text. */
  static final Schema MESSAGE =
      Schema.builder("messages")
          .timestamp("at")
          .text("host")
          .text("logger")
          .text("message")
          .build();

  /** Twenty fields, four of each type. */
  static final Schema WIDE = wide();

  private Records() {}

  private static Schema wide() {
    Schema.Builder builder = Schema.builder("machines");
    for (int i = 0; i < 4; i++) {
      builder
          .integer("counter_" + i)
          .real("pressure_" + i)
          .text("name_" + i)
          .bool("running_" + i)
          .timestamp("started_at_" + i);
    }
    return builder.build();
  }

  static List<String> readings(int count) {
    return made(count, Records::reading);
  }

  static List<String> nested(int count) {
    return made(count, Records::nested);
  }

  static List<String> flat(int count) {
    return made(count, Records::flat);
  }

  static List<String> messages(int count) {
    return made(count, Records::message);
  }

  static List<String> wideRecords(int count) {
    return made(count, Records::wideRecord);
  }

  private static List<String> made(int count, Function<Random, String> maker) {
    Random random = new Random(1);
    return Stream.generate(() -> maker.apply(random)).limit(count).toList();
  }

  private static String reading(Random random) {
    return "{\"sensor_id\": %s, \"temperature\": %s, \"humidity\": %s, \"ingested_at\": %s}"
        .formatted(random.nextInt(1_000), real(random), real(random), seconds(random));
  }

  private static String nested(Random random) {
    return "{\"sensor\": {\"id\": %s}, \"data\": {\"temperature\": %s}, \"obs\": [[0, %s]], \"at\": [%s]}"
        .formatted(random.nextInt(1_000), real(random), real(random), seconds(random));
  }

  private static String flat(Random random) {
    return "{\"sensor\": 0, \"id\": %s, \"data\": 0, \"temperature\": %s, \"obs\": 0, \"humidity\": %s, \"at\": %s}"
        .formatted(random.nextInt(1_000), real(random), real(random), seconds(random));
  }

  /** Some 600 characters, mostly of ASCII, with an escape now and then. */
  private static String message(Random random) {
    String words =
        Stream.generate(
                () -> random.nextInt(10) == 0 ? "größer\\n" : "word" + random.nextInt(1_000))
            .limit(70)
            .collect(Collectors.joining(" "));
    return "{\"at\": %s, \"host\": \"host-%s.example.org\", \"logger\": \"%s\", \"message\": \"%s\"}"
        .formatted(
            seconds(random), random.nextInt(100), "org.example.billing.InvoiceService", words);
  }

  private static String wideRecord(Random random) {
    return WIDE.fields().stream()
        .map(
            field ->
                "\"%s\": %s"
                    .formatted(
                        field.name(),
                        switch (field.type()) {
                          case INTEGER -> random.nextInt();
                          case REAL -> real(random);
                          case TEXT -> "\"machine " + random.nextInt(100) + "\"";
                          case BOOLEAN -> random.nextBoolean();
                          case TIMESTAMP -> seconds(random);
                          case JSON -> "[" + random.nextInt(100) + "]";
                        }))
        .collect(Collectors.joining(", ", "{", "}"));
  }

  /** With all its digits, as sensors' programs print it. */
  private static double real(Random random) {
    return random.nextDouble() * 35;
  }

  private static String seconds(Random random) {
    return (1_751_715_061 + random.nextInt(1_000)) + "." + (10 + random.nextInt(90));
  }
}
