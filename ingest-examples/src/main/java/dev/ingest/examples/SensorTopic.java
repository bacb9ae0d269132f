package dev.ingest.examples;

import dev.ingest.sink.SinkConfig;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.function.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.json.JsonFactory;

/** The topic that a sink fills: reads all that is committed, from the beginning to its end. */
final class SensorTopic implements StoredReadings {
  private static final Duration POLL = Duration.ofMillis(500);

  /** Reading a large topic takes long, and nobody waits for it at an exit. */
  private static final Duration LIMIT = Duration.ofSeconds(10);

  private final JsonFactory json = new JsonFactory();
  private final KafkaConsumer<byte[], byte[]> consumer;
  private final String topic;

  SensorTopic(SinkConfig uri) throws Exception {
    int slash = uri.path().lastIndexOf('/');
    topic = uri.path().substring(slash + 1);
    Properties settings = new Properties();
    String file = uri.option("properties").orElse("");
    if (!file.isEmpty()) {
      try (InputStream in = Files.newInputStream(Path.of(file.replaceFirst("^file:", "")))) {
        settings.load(in);
      }
    }
    settings.put(ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG, uri.path().substring(0, slash));
    settings.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
    settings.put(ConsumerConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, (int) LIMIT.toMillis());
    consumer =
        new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer());
  }

  @Override
  public String place() {
    return "the topic";
  }

  @Override
  public long total() {
    long[] total = {0};
    read(message -> total[0] += lines(message.value()));
    return total[0];
  }

  /** A message is a record, or a batch of records, each on a line of its own. */
  private static long lines(byte[] message) {
    long lines = 1;
    for (int i = 0; i < message.length - 1; i++) {
      if (message[i] == '\n') {
        lines++;
      }
    }
    return lines;
  }

  @Override
  public List<Reading> all() {
    List<Reading> readings = new ArrayList<>();
    read(message -> addReadings(message.value(), readings));
    return readings;
  }

  @Override
  public List<Reading> last(int count) {
    return all().stream()
        .sorted(Comparator.comparingDouble(Reading::ingestedAt).reversed())
        .limit(count)
        .toList();
  }

  private void read(Consumer<ConsumerRecord<byte[], byte[]>> reader) {
    List<TopicPartition> partitions =
        consumer.partitionsFor(topic).stream()
            .map(partition -> new TopicPartition(topic, partition.partition()))
            .toList();
    consumer.assign(partitions);
    consumer.seekToBeginning(partitions);
    Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
    long deadline = System.nanoTime() + LIMIT.toNanos();
    while (ends.entrySet().stream()
        .anyMatch(end -> consumer.position(end.getKey()) < end.getValue())) {
      if (System.nanoTime() > deadline) {
        throw new IllegalStateException(
            "reading the topic " + topic + " took longer than " + LIMIT.toSeconds() + " s");
      }
      consumer.poll(POLL).forEach(reader);
    }
  }

  private void addReadings(byte[] message, List<Reading> readings) {
    try (JsonParser parser =
        json.createParser(ObjectReadContext.empty(), new ByteArrayInputStream(message))) {
      while (parser.nextToken() == JsonToken.START_OBJECT) {
        readings.add(reading(parser));
      }
    }
  }

  private static Reading reading(JsonParser parser) {
    double[] values = new double[4];
    while (parser.nextToken() != JsonToken.END_OBJECT) {
      String name = parser.currentName();
      parser.nextToken();
      switch (name) {
        case "sensor_id" -> values[0] = parser.getDoubleValue();
        case "temperature" -> values[1] = parser.getDoubleValue();
        case "humidity" -> values[2] = parser.getDoubleValue();
        case "ingested_at" -> values[3] = parser.getDoubleValue();
        default -> parser.skipChildren();
      }
    }
    return new Reading((long) values[0], values[1], values[2], values[3]);
  }

  @Override
  public void close() {
    consumer.close();
  }
}
