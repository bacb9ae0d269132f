package dev.ingest.kafka;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import dev.ingest.kafka.testing.KafkaBroker;
import dev.ingest.kafka.testing.Topic;
import dev.ingest.record.Schema;
import dev.ingest.sink.Sink;
import dev.ingest.testing.TestBatch;
import java.net.InetSocketAddress;
import java.time.Instant;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.utils.Utils;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What consumers get. */
class MessagesIT {
  private static final int PARTITIONS = 5;

  private static final Schema SCHEMA =
      Schema.builder("readings")
          .integer("sensor_id")
          .text("place")
          .optional()
          .real("value")
          .optional()
          .bool("ok")
          .optional()
          .timestamp("at")
          .optional()
          .json("tags")
          .optional()
          .receivedAt("received_at")
          .sender("sender")
          .build();

  private final TestBatch batches = new TestBatch(SCHEMA);
  private KafkaBroker broker;
  private String topic;

  @BeforeEach
  void createTopic() throws Exception {
    broker = KafkaBroker.shared();
    topic = TestSinks.name("messages");
    broker.createTopic(topic, PARTITIONS);
  }

  private List<ConsumerRecord<byte[], byte[]>> write(String options, String... records)
      throws Exception {
    Sink sink = TestSinks.open("kafka:" + broker.bootstrap() + "/" + topic + options, SCHEMA);
    sink.write(batches.of(records));
    sink.close();
    return new Topic(broker, topic).messages();
  }

  private static String text(byte[] bytes) {
    return new String(bytes, UTF_8);
  }

  @Test
  void a_message_is_the_record_exactly_as_it_came_and_has_no_key() throws Exception {
    String record = "{ \"sensor_id\" :\n7, \"unknown\":[1,2 ], \"place\":\"\\u00e4 ü\"}";
    ConsumerRecord<byte[], byte[]> message = write("", record).get(0);
    assertEquals(record, text(message.value()));
    assertNull(message.key());
    assertEquals(0, message.headers().toArray().length);
  }

  @Test
  void the_key_decides_the_partition_and_headers_are_text() throws Exception {
    String[] records =
        IntStream.range(0, 50)
            .mapToObj(i -> "{\"sensor_id\":%d,\"at\":1751715061.5}".formatted(i))
            .toArray(String[]::new);
    records[0] = "{\"sensor_id\":0,\"place\":\"Köln\",\"value\":0.5,\"ok\":true,\"tags\":[ 1 ]}";
    List<ConsumerRecord<byte[], byte[]>> messages =
        write("?key=sensor_id&headers=place,value,ok,at,tags,sender", records);
    assertEquals(50, messages.size());
    for (ConsumerRecord<byte[], byte[]> message : messages) {
      byte[] key = message.key();
      assertEquals(Utils.toPositive(Utils.murmur2(key)) % PARTITIONS, message.partition());
      assertEquals(
          text(key).equals("0")
              ? "place=Köln value=0.5 ok=true tags=[ 1 ] sender=127.0.0.1:4711"
              : "at=2025-07-05T11:31:01.500Z sender=127.0.0.1:4711",
          String.join(
              " ",
              Arrays.stream(message.headers().toArray())
                  .map(header -> header.key() + "=" + text(header.value()))
                  .toList()));
      assertEquals(records[Integer.parseInt(text(key))], text(message.value()));
    }
  }

  @Test
  void a_key_that_is_missing_is_no_key() throws Exception {
    List<ConsumerRecord<byte[], byte[]>> messages =
        write("?key=place", "{\"sensor_id\":1}", "{\"sensor_id\":2,\"place\":\"x\"}");
    assertEquals(2, messages.size());
    for (ConsumerRecord<byte[], byte[]> message : messages) {
      boolean first = text(message.value()).contains("1");
      assertArrayEquals(first ? null : "x".getBytes(UTF_8), message.key());
    }
  }

  @Test
  void a_message_of_many_records_has_each_on_a_line_of_its_own() throws Exception {
    List<ConsumerRecord<byte[], byte[]>> messages =
        write("?message=batch", "{\"sensor_id\":1}", "{\"sensor_id\":\r\n2}", "{\"sensor_id\":3}");
    assertEquals(1, messages.size());
    assertEquals(
        "{\"sensor_id\":1}\n{\"sensor_id\":  2}\n{\"sensor_id\":3}\n",
        text(messages.get(0).value()));
  }

  @Test
  void a_message_of_many_records_is_split_below_the_limit_of_the_topic() throws Exception {
    broker.createTopic(topic + "-small", 1, Map.of("max.message.bytes", "400"));
    topic = topic + "-small";
    String[] records =
        IntStream.range(0, 100)
            .mapToObj(i -> "{\"sensor_id\":%d}".formatted(100 + i))
            .toArray(String[]::new);
    List<ConsumerRecord<byte[], byte[]>> messages = write("?message=batch", records);
    assertEquals(7, messages.size()); // of 16 lines of 19 bytes and 97 bytes besides
    assertEquals(
        String.join("\n", records) + "\n",
        String.join("", messages.stream().map(message -> text(message.value())).toList()));
  }

  @Test
  void a_value_of_columns_has_the_fields_of_the_schema() throws Exception {
    batches.arriving(
        Instant.parse("2026-01-02T03:04:05.000000006Z"), new InetSocketAddress("192.0.2.1", 99));
    List<ConsumerRecord<byte[], byte[]>> messages =
        write(
            "?value=columns",
            "{\"sensor_id\":7,\"unknown\":1,\"place\":\"\\\"K\\u00f6ln\",\"value\":1.50,"
                + "\"ok\":false,\"at\":1751715061.12,\"tags\":{\"a\": [1]}}",
            "{\"sensor_id\":8}");
    assertEquals(
        List.of(
            "{\"sensor_id\":7,\"place\":\"\\\"Köln\",\"value\":1.5,\"ok\":false,"
                + "\"at\":\"2025-07-05T11:31:01.120Z\",\"tags\":{\"a\": [1]},"
                + "\"received_at\":\"2026-01-02T03:04:05.000000006Z\",\"sender\":\"192.0.2.1:99\"}",
            "{\"sensor_id\":8,\"received_at\":\"2026-01-02T03:04:05.000000006Z\","
                + "\"sender\":\"192.0.2.1:99\"}"),
        messages.stream().map(message -> text(message.value())).sorted().toList());
  }

  @ParameterizedTest
  @ValueSource(strings = {"none", "gzip", "snappy", "lz4", "zstd"})
  void messages_can_be_compressed(String compression) throws Exception {
    String[] records = new String[100];
    Arrays.fill(records, "{\"sensor_id\":7}");
    assertEquals(100, write("?compression=" + compression, records).size());
  }

  @Test
  void the_producer_of_a_host_sends_for_the_sink_and_stays_open() throws Exception {
    try (Producer<byte[], byte[]> producer = producer()) {
      KafkaSink sink = KafkaSink.to(producer, topic).key("sensor_id").headers("place").columns();
      sink.open(SCHEMA);
      sink.write(batches.of("{\"sensor_id\":7,\"place\":\"x\"}"));
      sink.close();
      producer.send(new ProducerRecord<>(topic, "after".getBytes(UTF_8))).get();
    }
    List<ConsumerRecord<byte[], byte[]>> messages = new Topic(broker, topic).messages();
    assertEquals(2, messages.size());
    assertEquals(
        List.of("7"),
        messages.stream().filter(m -> m.key() != null).map(m -> text(m.key())).toList());
  }

  private Producer<byte[], byte[]> producer() {
    return new KafkaProducer<>(
        new HashMap<>(Map.of("bootstrap.servers", broker.bootstrap())),
        new ByteArraySerializer(),
        new ByteArraySerializer());
  }
}
