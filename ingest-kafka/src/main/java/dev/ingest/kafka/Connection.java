package dev.ingest.kafka;

import dev.ingest.record.RecordBatch;
import java.time.Duration;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;

/**
 * A producer that is ready to send. It is used until something fails: then it is closed, and what
 * it has not sent yet is gone with it.
 */
abstract class Connection {
  final Producer<byte[], byte[]> producer;
  private final Limits limits;
  private final List<Future<RecordMetadata>> sent = new ArrayList<>();

  Connection(Producer<byte[], byte[]> producer, Limits limits) {
    this.producer = producer;
    this.limits = limits;
  }

  final Limits limits() {
    return limits;
  }

  /** Returns which rows of a batch are stored already; none unless positions are remembered. */
  BitSet stored(RecordBatch batch) {
    return new BitSet();
  }

  /** Returns which lines of a segment are stored; none unless positions are remembered. */
  BitSet stored(String segment) {
    return new BitSet();
  }

  /**
   * Stores the messages of a batch; returns when all are stored. If it throws, the connection is of
   * no more use.
   *
   * @param known the rows of the batch that have no message, since they are stored already
   * @param forgotten segments whose positions are to be forgotten as well
   */
  abstract void store(
      List<ProducerRecord<byte[], byte[]>> messages,
      RecordBatch batch,
      BitSet known,
      Collection<String> forgotten)
      throws ExecutionException, InterruptedException;

  /** Forgets segments, when no batch is to come that does. */
  void forget(Collection<String> segments) throws ExecutionException, InterruptedException {}

  /** Gives the producer back: closes it, unless it is the host's. Waits for nothing. */
  abstract void close();

  /** Sends messages, and stops at one that cannot be sent at all. */
  final void send(List<ProducerRecord<byte[], byte[]>> messages)
      throws ExecutionException, InterruptedException {
    for (ProducerRecord<byte[], byte[]> message : messages) {
      Future<RecordMetadata> future = producer.send(message);
      if (future.isDone()) {
        future.get(); // or each of the others could wait for max.block.ms
      }
      sent.add(future);
    }
  }

  /** Checks that all is stored that was sent, after a flush or commit. */
  final void checkSent() throws ExecutionException, InterruptedException {
    for (Future<RecordMetadata> future : sent) {
      future.get();
    }
    sent.clear();
  }

  /**
   * Closes a client of Kafka, which waits only for its own thread to end. That wait must not be
   * interrupted, or the thread could be left behind.
   */
  static void close(Producer<byte[], byte[]> producer) {
    boolean interrupted = Thread.interrupted();
    try {
      producer.close(Duration.ZERO);
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
