package dev.ingest.kafka;

import dev.ingest.kafka.testing.KafkaBroker;
import dev.ingest.kafka.testing.Topic;
import dev.ingest.sink.Sink;
import dev.ingest.testing.TestBatch;
import dev.ingest.testkit.SinkContract;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;

/** The contract in a topic of its own for each test. */
abstract class KafkaContract extends SinkContract {
  KafkaBroker broker;
  String topic;

  @BeforeEach
  void createTopic() throws Exception {
    broker = KafkaBroker.shared();
    topic = TestSinks.name("contract");
    broker.createTopic(topic, 3);
  }

  /** Returns the options of the sink's URI. */
  abstract String options() throws Exception;

  @Override
  protected Sink newSink() throws Exception {
    return TestSinks.of("kafka:" + broker.bootstrap() + "/" + topic + "?" + options());
  }

  @Override
  protected List<List<Object>> storedRows() {
    TestBatch decoder = new TestBatch(SCHEMA);
    return new Topic(broker, topic)
        .values().stream().map(value -> rowOf(decoder.of(value), 0)).toList();
  }

  @Override
  protected Sink sinkThatCannotOpen() throws Exception {
    return TestSinks.of("kafka:" + broker.bootstrap() + "/no-such-topic?" + options());
  }

  @Override
  protected AutoCloseable refuse(long id) {
    throw cannot("a topic takes every message that is not too large");
  }

  @Override
  protected AutoCloseable block() throws Exception {
    broker.freeze();
    return broker::thaw;
  }
}
