package dev.ingest.kafka;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ingest.kafka.testing.KafkaBroker;
import dev.ingest.record.JournalPosition;
import dev.ingest.record.RecordBatch;
import dev.ingest.record.Schema;
import dev.ingest.sink.Sink;
import dev.ingest.sink.SinkException;
import dev.ingest.testing.TestBatch;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.LongStream;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Two sinks that have the same transactional id, and one that was fenced off by chance. */
class SharedIdIT {
  private static final Schema SCHEMA = LoadedServer.SCHEMA;

  private final TestBatch batches = new TestBatch(SCHEMA);
  private KafkaBroker broker;
  private String topic;
  private String uri;

  @BeforeEach
  void createTopic() throws Exception {
    broker = KafkaBroker.shared();
    topic = TestSinks.name("shared");
    broker.createTopic(topic, 1);
    uri = "kafka:" + broker.bootstrap() + "/" + topic + "?transactional_id=" + topic;
  }

  private RecordBatch batch(String segment, long from, long to) {
    return batches.at(
        new JournalPosition(segment, from),
        LongStream.range(from, to).mapToObj(id -> "{\"id\":" + id + "}").toArray(String[]::new));
  }

  @Test
  void the_last_one_keeps_the_id_and_the_others_report_that_and_take_nothing_back()
      throws Exception {
    Sink first = TestSinks.open(uri, SCHEMA);
    first.write(batch("a", 0, 10));
    Sink second = TestSinks.open(uri, SCHEMA);
    for (int i = 0; i < 5; i++) {
      SinkException failure =
          assertThrows(SinkException.class, () -> first.write(batch("a", 10, 20)));
      assertTrue(failure.isRetryable(), failure::toString);
      if (i > 0) { // the first write has only learned that the broker refuses it
        assertTrue(failure.getMessage().contains("taken the transactional_id '" + topic + "'"));
      }
      second.write(batch("b", 20 + i, 21 + i)); // is not disturbed
    }
    first.close();
    second.close();
    assertEquals(
        LongStream.concat(LongStream.range(0, 10), LongStream.range(20, 25)).boxed().toList(),
        LoadedServer.ids(broker, topic));
  }

  @Test
  void one_that_is_opened_again_takes_the_id_over() throws Exception {
    Sink first = TestSinks.open(uri, SCHEMA);
    first.write(batch("a", 0, 10));
    Sink second = TestSinks.open(uri, SCHEMA);
    assertEquals(10, second.stored("a").cardinality());
    second.close();
    Sink again = TestSinks.open(uri, SCHEMA);
    again.write(batch("a", 0, 20));
    again.close();
    first.close();
    assertEquals(LoadedServer.ids(0, 20), LoadedServer.ids(broker, topic));
  }

  @Test
  void one_whose_transaction_the_broker_has_ended_goes_on_by_itself() throws Exception {
    Sink sink = TestSinks.open(uri, SCHEMA);
    sink.write(batch("a", 0, 10));
    try (KafkaProducer<byte[], byte[]> other =
        new KafkaProducer<>(
            new HashMap<>(
                Map.of("bootstrap.servers", broker.bootstrap(), "transactional.id", topic)),
            new ByteArraySerializer(),
            new ByteArraySerializer())) {
      other.initTransactions(); // as a timeout does: fences off, and takes nothing
    }
    SinkException failure = assertThrows(SinkException.class, () -> sink.write(batch("a", 10, 20)));
    assertTrue(failure.isRetryable(), failure::toString);
    sink.write(batch("a", 10, 20));
    sink.close();
    assertEquals(LoadedServer.ids(0, 20), LoadedServer.ids(broker, topic));
  }
}
