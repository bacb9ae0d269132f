package dev.ingest.examples;

import dev.ingest.kafka.testing.KafkaBroker;

/** Starts a broker of Kafka, runs the demo against it, and shows the readings. */
final class DemoWithKafka {
  private DemoWithKafka() {}

  /**
   * Runs the demo.
   *
   * @param args the demo's options
   * @throws Exception if the broker or the demo cannot be run
   */
  public static void main(String[] args) throws Exception {
    int status;
    try (KafkaBroker broker = KafkaBroker.start()) {
      broker.createTopic("sensors", 3);
      status = DemoProcess.run("kafka:" + broker.bootstrap() + "/sensors?key=sensor_id", args);
    }
    System.exit(status);
  }
}
