package dev.ingest.kafka;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ingest.record.RecordBatch;
import dev.ingest.record.Schema;
import dev.ingest.sink.SinkException;
import dev.ingest.testing.TestBatch;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.errors.InvalidTxnStateException;
import org.apache.kafka.common.errors.TimeoutException;
import org.junit.jupiter.api.Test;

/** A broker that refuses transactions, which none does when it is asked to. */
class RefusedTransactionTest {
  private static final Schema SCHEMA = Schema.builder("t").integer("i").build();

  private final List<RuntimeException> failures = new ArrayList<>();
  private final List<String> events = new ArrayList<>();
  private final RecordBatch batch = new TestBatch(SCHEMA).of("{\"i\":1}");

  private final class Broker implements Target {
    @Override
    public String topic() {
      return "t";
    }

    @Override
    public Connection open() {
      events.add("connect");
      return new Transactions();
    }

    @Override
    public Connection reconnect() {
      return open();
    }
  }

  private final class Transactions extends Connection {
    Transactions() {
      super(new MockProducer<>(), new Limits(1000, "the test", false));
    }

    @Override
    void store(
        List<ProducerRecord<byte[], byte[]>> messages,
        RecordBatch stored,
        BitSet known,
        Collection<String> forgotten)
        throws ExecutionException {
      events.add("store " + messages.size());
      if (!failures.isEmpty()) {
        throw new ExecutionException(failures.remove(0));
      }
    }

    @Override
    void close() {
      events.add("close");
    }
  }

  private KafkaSink opened() throws SinkException {
    KafkaSink sink = new KafkaSink(new Broker(), Format.DEFAULT);
    sink.open(SCHEMA);
    return sink;
  }

  @Test
  void once_it_is_tried_again_at_once_with_a_new_producer() throws Exception {
    failures.add(new InvalidTxnStateException("refused"));
    opened().write(batch);
    assertEquals(List.of("connect", "store 1", "close", "connect", "store 1"), events);
  }

  @Test
  void twice_the_write_fails_and_may_be_tried_again() throws Exception {
    failures.add(new InvalidTxnStateException("refused"));
    failures.add(new InvalidTxnStateException("refused again"));
    KafkaSink sink = opened();
    SinkException failure = assertThrows(SinkException.class, () -> sink.write(batch));
    assertTrue(failure.isRetryable(), failure::toString);
    sink.write(batch);
    assertEquals(3, events.stream().filter("store 1"::equals).count(), events::toString);
  }

  @Test
  void a_write_whose_outcome_is_unknown_is_not_tried_again_by_the_sink() throws Exception {
    failures.add(new TimeoutException("no answer"));
    KafkaSink sink = opened();
    assertThrows(SinkException.class, () -> sink.write(batch));
    assertEquals(List.of("connect", "store 1", "close"), events);
  }
}
