package dev.ingest.examples;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ingest.examples.StoredReadings.Reading;
import dev.ingest.kafka.testing.KafkaBroker;
import dev.ingest.testing.ChildJvm;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The examples against a real broker of Kafka, which is killed and started meanwhile. */
class KafkaIT {
  private static final Duration LIMIT = Duration.ofMinutes(2);

  @TempDir Path directory;

  @Test
  void the_demo_balances_against_kafka() throws Exception {
    KafkaBroker broker = KafkaBroker.shared();
    broker.createTopic("demo", 3);
    String sink = "kafka:" + broker.bootstrap() + "/demo?";
    // The second into the same topic, which holds readings from before then.
    for (String option : List.of("key=sensor_id", "message=batch")) {
      try (ChildJvm demo =
          ExamplesJar.start(directory, Demo.class, "--sink", sink + option, "--seconds", "1")) {
        assertEquals(0, demo.exitStatus(), demo::toString);
        assertTrue(demo.out().contains("it balances: 25,000 sent"), demo::toString);
        assertEquals(List.of(), demo.errLinesOfProgram());
      }
    }
  }

  private static List<Reading> stored(String sink) throws Exception {
    try (StoredReadings readings =
        StoredReadings.open(sink, SensorReading.SCHEMA.name()).orElseThrow()) {
      return readings.all();
    }
  }

  @Test
  void each_record_is_stored_once_while_servers_and_the_broker_are_killed() throws Exception {
    Random random = new Random(5);
    List<String> options = new ArrayList<>();
    options.addAll(List.of("--rounds", "4", "--max-millis", "2500", "--seed", "5"));
    options.addAll(List.of("--directory", ".", "--sink"));
    try (KafkaBroker broker = KafkaBroker.start()) {
      broker.createTopic("crash", 3);
      options.add("kafka:" + broker.bootstrap() + "/crash?transactional_id=crash");
      try (ChildJvm test =
          ExamplesJar.start(directory, CrashTest.class, options.toArray(String[]::new))) {
        while (!test.out().contains("round   4")) {
          Thread.sleep(random.nextInt(4_000)); // when it happens is to be random
          broker.kill();
          broker.restart();
        }
        assertEquals(0, test.exitStatus(), test::toString);
        test.awaitOut("^each exactly once: [1-9][0-9,]+ sent, [1-9][0-9,]+ of them known");
      }
    }
  }

  @Test
  void nothing_is_lost_while_the_broker_is_down_at_the_start_and_later() throws Exception {
    try (KafkaBroker broker = KafkaBroker.start()) {
      broker.createTopic("down", 1);
      broker.kill();
      String sink = "kafka:" + broker.bootstrap() + "/down?transactional_id=down";
      List<String> options = new ArrayList<>(List.of("--tcp", "127.0.0.1:0", "--spool", "spool"));
      options.addAll(List.of("--journal", "--start-without-sink", "--queue-capacity", "500"));
      options.addAll(List.of("--sink", sink));
      try (ChildJvm server =
          ExamplesJar.start(directory, SensorServer.class, options.toArray(String[]::new))) {
        int port =
            Integer.parseInt(server.awaitOut("listening on tcp://127.0.0.1:([0-9]+),").group(1));
        Lines.send(port, 0, 2_000);
        broker.restart();
        await().atMost(LIMIT).until(() -> stored(sink).size() == 2_000);
        broker.kill();
        Lines.send(port, 2_000, 4_000);
        broker.restart();
        await().atMost(LIMIT).until(() -> stored(sink).size() == 4_000);
        server.signal("TERM");
        assertEquals(143, server.exitStatus(), server::toString);
        server.awaitOut("the topic holds: 4,000 records");
        server.awaitOut("4,000 decoded \\+ 0 recovered = 4,000 persisted \\+ 0 dead-lettered");
      }
      List<Reading> stored = stored(sink);
      assertEquals(4_000, stored.stream().distinct().count());
      assertEquals(3_999 * 2_000, stored.stream().mapToLong(Reading::sensorId).sum());
    }
  }
}
