package dev.ingest.kafka.testing;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/** Reads what is committed in a topic, past the sink. */
public final class Topic {
  private static final long LIMIT_NANOS = Duration.ofMinutes(2).toNanos();

  private final String bootstrap;
  private final String name;

  /** Takes the name of a topic that exists. */
  public Topic(KafkaBroker broker, String name) {
    this(broker.bootstrap(), name);
  }

  /** Takes the brokers, and the name of a topic that exists. */
  public Topic(String bootstrap, String name) {
    this.bootstrap = bootstrap;
    this.name = name;
  }

  /**
   * Returns all committed messages, those of each partition in their order. Waits for the outcome
   * of transactions that are open.
   */
  public List<ConsumerRecord<byte[], byte[]>> messages() {
    Map<TopicPartition, Long> ends;
    try (KafkaConsumer<byte[], byte[]> consumer = consumer(IsolationLevel.READ_UNCOMMITTED)) {
      List<TopicPartition> partitions =
          IntStream.range(0, consumer.partitionsFor(name).size())
              .mapToObj(partition -> new TopicPartition(name, partition))
              .toList();
      ends = consumer.endOffsets(partitions);
    }
    List<ConsumerRecord<byte[], byte[]>> messages = new ArrayList<>();
    try (KafkaConsumer<byte[], byte[]> consumer = consumer(IsolationLevel.READ_COMMITTED)) {
      consumer.assign(ends.keySet());
      consumer.seekToBeginning(ends.keySet());
      long start = System.nanoTime();
      while (ends.entrySet().stream()
          .anyMatch(end -> consumer.position(end.getKey()) < end.getValue())) {
        consumer.poll(Duration.ofMillis(100)).forEach(messages::add);
        if (System.nanoTime() - start > LIMIT_NANOS) {
          throw new AssertionError("a transaction in " + name + " has no outcome");
        }
      }
    }
    return messages;
  }

  /** Returns the values of {@link #messages} as text. */
  public List<String> values() {
    return messages().stream().map(message -> new String(message.value(), UTF_8)).toList();
  }

  private KafkaConsumer<byte[], byte[]> consumer(IsolationLevel isolation) {
    return new KafkaConsumer<>(
        new HashMap<>(
            Map.of(
                "bootstrap.servers", bootstrap,
                "isolation.level", isolation.toString(),
                "enable.auto.commit", "false",
                "fetch.max.wait.ms", "10",
                "auto.offset.reset", "earliest")),
        new ByteArrayDeserializer(),
        new ByteArrayDeserializer());
  }
}
