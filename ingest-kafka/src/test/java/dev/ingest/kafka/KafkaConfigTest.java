package dev.ingest.kafka;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ingest.sink.SinkConfig;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.apache.kafka.clients.producer.MockProducer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class KafkaConfigTest {
  private static KafkaConfig config(String uri) {
    return KafkaConfig.of(SinkConfig.parse(uri).showing(KafkaConfig.PUBLIC_OPTIONS));
  }

  @Test
  void a_uri_names_brokers_a_topic_and_what_messages_look_like() {
    assertEquals(
        new KafkaConfig(
            "host:9092,[2001:db8::1]:9093,10.0.0.1:1",
            "a.topic_of-mine",
            new Format(
                Optional.of("id"), List.of("a", "b"), Format.Message.RECORD, Format.Value.COLUMNS),
            "lz4",
            Optional.of(Path.of("/run/kafka.properties")),
            Optional.of("server-1")),
        config(
            "kafka:host:9092,[2001:db8::1]:9093,10.0.0.1:1/a.topic_of-mine?key=id&headers=a,b"
                + "&value=COLUMNS&message=record&compression=lz4"
                + "&properties=file:/run/kafka.properties&transactional_id=server-1"));
  }

  @Test
  void the_defaults_send_each_record_as_it_came() {
    assertEquals(
        new KafkaConfig(
            "host:9092", "t", Format.DEFAULT, "none", Optional.empty(), Optional.empty()),
        config("kafka:host:9092/t"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "kafka:",
        "kafka:t",
        "kafka:/t",
        "kafka:host/t",
        "kafka:host:9092",
        "kafka:host:9092/",
        "kafka:host:9092/..",
        "kafka:host:9092/a topic",
        "kafka:host:9092,/t",
        "kafka://host:9092/t",
        "kafka:user:pass@host:9092/t",
        "kafka:host:9092/t;user=x"
      })
  void a_path_that_is_no_brokers_and_a_topic_is_refused(String uri) {
    String message = assertThrows(IllegalArgumentException.class, () -> config(uri)).getMessage();
    assertTrue(message.contains("expected kafka:HOST:PORT,HOST:PORT/TOPIC"), message);
    assertFalse(message.contains("pass@"), message);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      textBlock =
          """
          key=id&message=batch            | neither key nor headers
          headers=id&message=batch        | neither key nor headers
          message=batches                 | 'batches', expected one of [batch, record]
          value=json                      | 'json', expected one of [columns, payload]
          compression=brotli              | 'brotli', expected one of [gzip, lz4, none, snappy, zstd]
          key=                            | key is '', expected text that is not blank
          properties=/etc/kafka           | expected file: and a path
          properties=file:                | expected file: and a path
          transactional_id=a/b            | transactional_id is 'a/b', expected 1 to 234 letters
          kye=id                          | unknown option
          """)
  void an_option_that_makes_no_sense_is_refused(String options, String part) {
    String message =
        assertThrows(
                IllegalArgumentException.class, () -> config("kafka:host:9092/topic?" + options))
            .getMessage();
    assertTrue(message.contains(part), message);
  }

  @Test
  void what_is_in_the_place_of_the_file_is_not_shown() {
    String message =
        assertThrows(
                IllegalArgumentException.class, () -> config("kafka:host:9092/t?properties=s3cret"))
            .getMessage();
    assertFalse(message.contains("s3cret"), message);
  }

  @Test
  void the_topic_for_positions_is_none_for_records() {
    assertThrows(
        IllegalArgumentException.class,
        () -> config("kafka:host:9092/x-ingest-journal?transactional_id=x"));
  }

  @Test
  void all_that_a_sink_from_a_producer_is_given_is_checked() {
    KafkaSink sink = KafkaSink.to(new MockProducer<>(), "t");
    assertThrows(IllegalArgumentException.class, () -> sink.maxMessageBytes(1023));
    assertThrows(NullPointerException.class, () -> sink.key(null));
    assertThrows(NullPointerException.class, () -> KafkaSink.to(null, "t"));
    KafkaSink own =
        (KafkaSink) new KafkaSinkProvider().create(SinkConfig.parse("kafka:host:9092/t"));
    assertThrows(IllegalStateException.class, () -> own.maxMessageBytes(2000));
  }
}
