package dev.ingest.kafka;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.ingest.kafka.testing.KafkaBroker;
import dev.ingest.sink.Sink;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What becomes of records while their broker is killed, frozen or not there. */
class BrokerFaultsIT {
  /** Short, so that a broker that does not answer is a failure soon. */
  private static final String SOON =
      "request.timeout.ms=1000\ndelivery.timeout.ms=1020\nmax.block.ms=1000\n";

  private static KafkaBroker broker;

  @TempDir Path directory;
  private String topic;

  @BeforeAll
  static void startBroker() throws Exception {
    broker = KafkaBroker.start();
  }

  @AfterAll
  static void closeBroker() {
    broker.close();
  }

  @BeforeEach
  void createTopic() throws Exception {
    topic = TestSinks.name("faults");
    broker.createTopic(topic, 3);
  }

  private Sink sink(String properties) throws Exception {
    return TestSinks.of(
        "kafka:%s/%s?transactional_id=%s&properties=%s"
            .formatted(
                broker.bootstrap(), topic, topic, TestSinks.properties(directory, properties)));
  }

  @Test
  void a_broker_that_is_killed_under_load_and_comes_back_has_each_record_once() throws Exception {
    try (LoadedServer server = new LoadedServer(sink(""), directory)) {
      server.send(0, 5000);
      server.await(stats -> stats.records().persisted() > 0);
      broker.kill();
      server.send(5000, 10_000);
      broker.restart();
      server.send(10_000, 15_000);
      server.await(stats -> stats.records().persisted() == 15_000);
      assertEquals(0, server.stats().records().deadLettered());
    }
    assertEquals(LoadedServer.ids(0, 15_000), LoadedServer.ids(broker, topic));
  }

  @Test
  void a_broker_that_is_frozen_under_load_and_thawed_has_each_record_once() throws Exception {
    try (LoadedServer server = new LoadedServer(sink(SOON), directory)) {
      server.send(0, 5000);
      server.await(stats -> stats.records().persisted() > 0);
      broker.freeze();
      server.send(5000, 10_000);
      server.awaitFailure("Exception");
      broker.thaw();
      server.send(10_000, 15_000);
      server.await(stats -> stats.records().persisted() == 15_000);
      assertEquals(0, server.stats().records().deadLettered());
    }
    assertEquals(LoadedServer.ids(0, 15_000), LoadedServer.ids(broker, topic));
  }

  @Test
  void a_broker_that_is_down_at_the_start_gets_all_of_it_later() throws Exception {
    broker.kill();
    try (LoadedServer server = new LoadedServer(sink(""), directory)) {
      server.send(0, 5000);
      server.awaitFailure("Exception");
      broker.restart();
      server.await(stats -> stats.records().persisted() == 5000);
    }
    assertEquals(LoadedServer.ids(0, 5000), LoadedServer.ids(broker, topic));
  }

  @Test
  void a_topic_that_is_deleted_is_named_and_gets_the_rest_when_it_is_back() throws Exception {
    try (LoadedServer server = new LoadedServer(sink(SOON), directory)) {
      server.send(0, 1000);
      server.await(stats -> stats.records().persisted() == 1000);
      broker.deleteTopic(topic);
      server.send(1000, 2000);
      server.awaitFailure("'" + topic + "' does not exist");
      broker.createTopic(topic, 1);
      server.await(stats -> stats.records().persisted() == 2000);
      assertEquals(0, server.stats().records().deadLettered());
    }
    assertEquals(LoadedServer.ids(1000, 2000), LoadedServer.ids(broker, topic));
  }
}
