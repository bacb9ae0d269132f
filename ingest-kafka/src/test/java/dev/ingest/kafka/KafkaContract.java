package dev.ingest.kafka;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.ingest.kafka.testing.KafkaBroker;
import dev.ingest.kafka.testing.Topic;
import dev.ingest.sink.Sink;
import dev.ingest.testkit.SinkContract;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;

/** The contract in a topic of its own for each test. */
abstract class KafkaContract extends SinkContract {
  private static final Pattern ID = Pattern.compile("\"id\":([0-9]+)");

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
  protected List<Long> storedIds() {
    return new Topic(broker, topic)
        .messages().stream()
            .flatMap(message -> ID.matcher(new String(message.value(), UTF_8)).results())
            .map(id -> Long.valueOf(id.group(1)))
            .toList();
  }

  @Override
  protected Optional<Sink> sinkThatCannotOpen() throws Exception {
    return Optional.of(TestSinks.of("kafka:" + broker.bootstrap() + "/no-such-topic?" + options()));
  }
}
