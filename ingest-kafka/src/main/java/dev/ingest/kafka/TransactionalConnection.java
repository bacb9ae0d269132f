package dev.ingest.kafka;

import dev.ingest.record.JournalPosition;
import dev.ingest.record.RecordBatch;
import java.util.BitSet;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;

/** Stores each batch in a transaction, together with its position in the server's spool. */
final class TransactionalConnection extends Connection {
  private final Positions positions;

  /**
   * Takes over a producer that has fenced off all earlier ones.
   *
   * @param positions what is stored, read after that
   */
  TransactionalConnection(Producer<byte[], byte[]> producer, Limits limits, Positions positions) {
    super(producer, limits);
    this.positions = positions;
  }

  @Override
  BitSet stored(RecordBatch batch) {
    Optional<JournalPosition> position = batch.position();
    return position.isPresent() ? positions.stored(position.get(), batch.size()) : new BitSet();
  }

  @Override
  BitSet stored(String segment) {
    return positions.stored(segment);
  }

  @Override
  void store(
      List<ProducerRecord<byte[], byte[]>> messages,
      RecordBatch batch,
      BitSet known,
      Collection<String> forgotten)
      throws ExecutionException, InterruptedException {
    if (messages.isEmpty() && forgotten.isEmpty()) {
      return; // all of it was stored by a try that had reported a failure
    }
    producer.beginTransaction();
    send(messages);
    if (batch.position().isPresent()) {
      send(positions.add(batch.position().get(), batch.size(), known));
    }
    send(deletions(forgotten));
    commit();
  }

  @Override
  void forget(Collection<String> segments) throws ExecutionException, InterruptedException {
    note(deletions(segments));
  }

  /** Stores messages for the journal topic alone. */
  void note(List<ProducerRecord<byte[], byte[]>> messages)
      throws ExecutionException, InterruptedException {
    producer.beginTransaction();
    send(messages);
    commit();
  }

  private List<ProducerRecord<byte[], byte[]>> deletions(Collection<String> segments) {
    return segments.stream().flatMap(segment -> positions.forget(segment).stream()).toList();
  }

  /** Flushes as well. */
  private void commit() throws ExecutionException, InterruptedException {
    producer.commitTransaction();
    checkSent();
  }

  @Override
  void close() {
    close(producer);
  }
}
