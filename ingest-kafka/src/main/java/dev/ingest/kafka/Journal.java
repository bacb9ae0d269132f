package dev.ingest.kafka;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TimeoutException;

/**
 * The journal topic of a transactional id, as it was read: which sink has the id, and which lines
 * of the spool are stored.
 *
 * @param owner names the sink that has taken the id last; empty if none ever has
 * @param since when that was
 */
record Journal(String owner, Instant since, Positions positions) {
  /** The one key that is no position. */
  private static final String OWNER = "owner";

  private static final Duration POLL = Duration.ofMillis(100);
  private static final Duration LIMIT = Duration.ofSeconds(30);

  /**
   * Reads what is committed.
   *
   * @param properties of a consumer that reads what is committed
   * @param end the offset to read to; the messages before it are waited for
   */
  static Journal read(Map<String, Object> properties, String topic, long end) {
    TopicPartition partition = new TopicPartition(topic, 0);
    Consumer<byte[], byte[]> consumer = new KafkaConsumer<>(properties);
    try {
      consumer.assign(List.of(partition));
      consumer.seekToBeginning(List.of(partition));
      Journal journal = new Journal("", Instant.EPOCH, new Positions(topic));
      long start = System.nanoTime();
      while (consumer.position(partition) < end) {
        for (ConsumerRecord<byte[], byte[]> message : consumer.poll(POLL)) {
          journal = journal.with(message);
          start = System.nanoTime();
        }
        if (System.nanoTime() - start > LIMIT.toNanos()) {
          throw new TimeoutException(
              "the topic "
                  + topic
                  + " cannot be read to its end at "
                  + end
                  + ", only to "
                  + consumer.position(partition));
        }
      }
      return journal;
    } finally {
      close(consumer);
    }
  }

  private Journal with(ConsumerRecord<byte[], byte[]> message) {
    String key = new String(message.key(), UTF_8);
    if (key.equals(OWNER)) {
      return new Journal(
          new String(message.value(), UTF_8), Instant.ofEpochMilli(message.timestamp()), positions);
    }
    positions.read(key, message.value());
    return this;
  }

  /** Returns the message that makes a sink the owner. */
  static ProducerRecord<byte[], byte[]> owner(String topic, String owner) {
    return new ProducerRecord<>(topic, OWNER.getBytes(UTF_8), owner.getBytes(UTF_8));
  }

  /** Without a wait for the broker, and for all of it whether interrupted or not. */
  private static void close(Consumer<byte[], byte[]> consumer) {
    boolean interrupted = Thread.interrupted();
    try {
      consumer.close(CloseOptions.timeout(Duration.ZERO));
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
