package dev.ingest.kafka;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ingest.IngestServer;
import dev.ingest.cleanup.CleanupRegistry;
import dev.ingest.kafka.testing.KafkaBroker;
import dev.ingest.kafka.testing.Topic;
import dev.ingest.record.RecordBatch;
import dev.ingest.record.Schema;
import dev.ingest.sink.Sink;
import dev.ingest.sink.SinkException;
import dev.ingest.stats.IngestStats;
import dev.ingest.testing.TestBatch;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.common.config.ConfigResource;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Records that no broker takes. */
class TooLargeIT {
  private static final Schema SCHEMA =
      Schema.builder("t").integer("id").text("text").optional().build();
  private static final int LIMIT = 1000;

  @TempDir Path directory;
  private final TestBatch batches = new TestBatch(SCHEMA);
  private KafkaBroker broker;
  private String topic;

  @BeforeEach
  void createTopic() throws Exception {
    broker = KafkaBroker.shared();
    topic = TestSinks.name("large");
    broker.createTopic(topic, 1, Map.of("max.message.bytes", Integer.toString(LIMIT)));
  }

  private String uri(String options) {
    return "kafka:" + broker.bootstrap() + "/" + topic + "?" + options.replace("ID", topic);
  }

  private static String record(int id, int length) {
    return "{\"id\":%d,\"text\":\"%s\"}".formatted(id, "x".repeat(length));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "message=batch", "transactional_id=ID", "transactional_id=ID&message=batch"})
  void one_among_good_ones_is_a_dead_letter_and_the_others_are_stored_once(String options)
      throws Exception {
    Path dead = directory.resolve("dead.ndjson");
    IngestServer server =
        IngestServer.builder()
            .schema(SCHEMA)
            .sink(TestSinks.of(uri(options)))
            .deadLetters(dead)
            .cleanupRegistry(CleanupRegistry.create())
            .build();
    try (server;
        DatagramSocket socket = new DatagramSocket()) {
      server.start();
      for (int id = 0; id < 50; id++) {
        byte[] bytes = record(id, id == 13 ? LIMIT : 1).getBytes(UTF_8);
        socket.send(new DatagramPacket(bytes, bytes.length, server.localAddress()));
      }
      Awaitility.waitAtMost(Duration.ofMinutes(1))
          .until(() -> server.stats().messages().received() == 50);
    }
    IngestStats stats = server.stats();
    assertEquals(1, stats.records().deadLettered());
    assertEquals(49, stats.records().persisted());
    assertEquals(49, storedRecords());
    List<String> letters = Files.readAllLines(dead);
    assertEquals(1, letters.size());
    assertTrue(letters.get(0).contains("max.message.bytes of the topic allows 1000"));
  }

  private long storedRecords() {
    return new Topic(broker, topic)
        .values().stream().flatMap(String::lines).filter(line -> line.contains("\"id\"")).count();
  }

  @ParameterizedTest
  @ValueSource(strings = {"key=text", "headers=text"})
  void keys_and_headers_count_and_nothing_of_the_batch_is_sent(String option) throws Exception {
    Sink sink = TestSinks.open(uri(option), SCHEMA);
    RecordBatch batch = batches.of(record(1, 1), record(2, LIMIT / 2));
    SinkException failure = assertThrows(SinkException.class, () -> sink.write(batch));
    assertFalse(failure.isRetryable(), failure::toString);
    assertEquals(0, storedRecords());
    sink.write(batch.slice(0, 1));
    sink.close();
    assertEquals(1, storedRecords());
  }

  @Test
  void what_is_just_below_the_limit_is_stored() throws Exception {
    Sink sink = TestSinks.open(uri(""), SCHEMA);
    int length = LIMIT - 97 - record(1, 0).length();
    sink.write(batches.of(record(1, length)));
    assertThrows(SinkException.class, () -> sink.write(batches.of(record(1, length + 1))));
    sink.close();
    assertEquals(1, storedRecords());
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "transactional_id=ID"})
  void a_limit_that_is_lowered_meanwhile_is_found_out(String options) throws Exception {
    Sink sink = TestSinks.open(uri(options), SCHEMA);
    sink.write(batches.of(record(1, 1)));
    try (Admin admin = broker.admin()) {
      admin
          .incrementalAlterConfigs(
              Map.of(
                  new ConfigResource(ConfigResource.Type.TOPIC, topic),
                  List.of(
                      new AlterConfigOp(
                          new ConfigEntry("max.message.bytes", "500"), AlterConfigOp.OpType.SET))))
          .all()
          .get();
    }
    AtomicInteger retryable = new AtomicInteger();
    Awaitility.waitAtMost(Duration.ofMinutes(1))
        .until(() -> isRefused(sink, batches.of(record(2, 600)), retryable));
    assertEquals(1, retryable.get(), "the broker's refusal is not for good: nothing is halved");
    SinkException failure =
        assertThrows(SinkException.class, () -> sink.write(batches.of(record(2, 600))));
    assertTrue(failure.getMessage().contains("allows 500"), failure::getMessage);
    sink.write(batches.of(record(3, 100)));
    sink.close();
  }

  /** The broker learns of a setting a moment after it has answered. */
  private static boolean isRefused(Sink sink, RecordBatch batch, AtomicInteger retryable)
      throws Exception {
    try {
      sink.write(batch);
      return false;
    } catch (SinkException e) {
      retryable.addAndGet(e.isRetryable() ? 1 : 0);
      return !e.isRetryable();
    }
  }
}
