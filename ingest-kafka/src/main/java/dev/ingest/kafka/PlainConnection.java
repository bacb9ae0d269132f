package dev.ingest.kafka;

import dev.ingest.record.RecordBatch;
import java.util.BitSet;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;

/** Stores each batch at least once. */
final class PlainConnection extends Connection {
  private final Runnable close;

  private PlainConnection(Producer<byte[], byte[]> producer, Limits limits, Runnable close) {
    super(producer, limits);
    this.close = close;
  }

  static PlainConnection ofHost(Producer<byte[], byte[]> producer, Limits limits) {
    return new PlainConnection(producer, limits, () -> {});
  }

  static PlainConnection own(Producer<byte[], byte[]> producer, Limits limits) {
    return new PlainConnection(producer, limits, () -> close(producer));
  }

  @Override
  void store(
      List<ProducerRecord<byte[], byte[]>> messages,
      RecordBatch batch,
      BitSet known,
      Collection<String> forgotten)
      throws ExecutionException, InterruptedException {
    send(messages);
    producer.flush();
    checkSent();
  }

  @Override
  void close() {
    close.run();
  }
}
