package dev.ingest.kafka;

import dev.ingest.record.RecordBatch;
import dev.ingest.record.Schema;
import dev.ingest.sink.Sink;
import dev.ingest.sink.SinkException;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.jspecify.annotations.Nullable;

/**
 * Sends each record of a batch to a topic of Kafka, and returns when all of them are stored.
 *
 * <p>A sink that is made {@linkplain #to from a producer} of the host's uses that producer as it
 * is: with the host's acks, compression and timeouts, and without transactions. It stores each
 * record at least once. One that makes its own producers, and can store each record exactly once,
 * is named by a URI: see {@link KafkaSinkProvider}.
 *
 * <pre>{@code
 * Producer<byte[], byte[]> producer = new KafkaProducer<>(properties);
 * IngestServer.builder().sink(KafkaSink.to(producer, "sensors").key("sensor_id"))
 * }</pre>
 *
 * <p>A sink that is given to a server belongs to it.
 */
public final class KafkaSink implements Sink {
  /** What producers and topics allow by default. */
  private static final int DEFAULT_MAX_MESSAGE_BYTES = 1 << 20;

  private final Target target;
  private final Format format;
  private @Nullable Messages messages;
  private @Nullable Connection connection;

  /** Segments of the spool whose positions go with the next transaction. */
  private final List<String> forgotten = new ArrayList<>();

  KafkaSink(Target target, Format format) {
    this.target = target;
    this.format = format;
  }

  /**
   * Makes a sink that sends by a producer of the host's. The host closes it, after the server; the
   * sink never does.
   *
   * <p>For acks=all and idempotence, which the producer has unless the host has changed that, what
   * was written is as durable as the topic's replicas. {@code open} asks for the topic's
   * partitions, and fails if the producer does not know them within its {@code max.block.ms}. A
   * write waits for the producer's {@code delivery.timeout.ms} at most for each message; then it
   * fails, is tried again, and may store again what the broker had stored after all.
   *
   * @param producer thread-safe, as Kafka's own is; without {@code transactional.id}
   * @param topic the topic, which exists
   * @return a sink for one server
   */
  public static KafkaSink to(Producer<byte[], byte[]> producer, String topic) {
    return new KafkaSink(
        new HostProducer(
            Objects.requireNonNull(producer, "producer"),
            Objects.requireNonNull(topic, "topic"),
            DEFAULT_MAX_MESSAGE_BYTES),
        Format.DEFAULT);
  }

  /**
   * Sets the field whose text is the key of a record's message; there is no key unless set.
   *
   * @param field a field of type INTEGER, TEXT, BOOLEAN or TIMESTAMP; {@code open} fails if the
   *     schema has no such field
   * @return a new sink; this one is not changed
   * @see KafkaSinkProvider what consumers see of it
   */
  public KafkaSink key(String field) {
    return new KafkaSink(target, format.withKey(Objects.requireNonNull(field, "field")));
  }

  /**
   * Sets the fields that become headers of a record's message; there are none unless set.
   *
   * @param fields fields of any type; {@code open} fails if the schema does not have one of them
   * @return a new sink; this one is not changed
   */
  public KafkaSink headers(String... fields) {
    return new KafkaSink(target, format.withHeaders(List.of(fields)));
  }

  /**
   * Puts as many records of a batch into a message as it takes, a line each, instead of one. Goes
   * with neither key nor headers.
   *
   * @return a new sink; this one is not changed
   */
  public KafkaSink batches() {
    return new KafkaSink(target, format.with(Format.Message.BATCH));
  }

  /**
   * Builds the JSON of a record from the fields of the schema, instead of sending what came.
   *
   * @return a new sink; this one is not changed
   */
  public KafkaSink columns() {
    return new KafkaSink(target, format.with(Format.Value.COLUMNS));
  }

  /**
   * Sets how large a message may be: the least of the producer's {@code max.request.size} and
   * {@code buffer.memory} and the topic's {@code max.message.bytes}. A record that needs more is a
   * dead letter, before anything of its batch is sent. If the limit is higher than what the
   * producer or the topic takes, such a record is found only when others of the batch are stored,
   * and they are stored again.
   *
   * @param bytes with key, headers and what Kafka adds, before compression; at least 1,024,
   *     1,048,576 unless set
   * @return a new sink; this one is not changed
   * @throws IllegalArgumentException if it is less
   * @throws IllegalStateException if the sink was not made from a producer: then it asks the broker
   */
  public KafkaSink maxMessageBytes(int bytes) {
    if (bytes < 1024) {
      throw new IllegalArgumentException("maxMessageBytes is " + bytes + ", expected 1024 or more");
    }
    if (!(target instanceof HostProducer host)) {
      throw new IllegalStateException("the sink asks the broker how large a message may be");
    }
    return new KafkaSink(new HostProducer(host.producer(), host.topic(), bytes), format);
  }

  @Override
  public void open(Schema schema) throws SinkException {
    messages = new Messages(format, target.topic(), schema);
    try {
      againIfRefused(() -> connect(target.open()));
    } catch (Exception e) {
      throw Failures.of("Kafka topic '" + target.topic() + "': cannot open it", e);
    }
  }

  private Connection connect(Connection fresh) throws SinkException {
    try {
      prepared().check(fresh.limits());
    } catch (Throwable t) {
      fresh.close();
      throw t;
    }
    connection = fresh;
    return fresh;
  }

  private Messages prepared() {
    return Objects.requireNonNull(messages, "the sink is not open");
  }

  @Override
  public void write(RecordBatch batch) throws SinkException {
    try {
      againIfRefused(() -> store(batch));
    } catch (Exception e) {
      String what = "Kafka topic '" + target.topic() + "': cannot write";
      throw target instanceof HostProducer ? Failures.ofHost(what, e) : Failures.of(what, e);
    }
  }

  private void store(RecordBatch batch) throws Exception {
    Connection current = connected();
    BitSet known = current.stored(batch);
    List<ProducerRecord<byte[], byte[]>> sending = prepared().of(batch, known, current.limits());
    try {
      current.store(sending, batch, known, forgotten);
      forgotten.clear();
    } catch (Throwable t) {
      disconnect(t);
      throw t;
    }
  }

  private interface Attempt {
    void run() throws Exception;
  }

  /**
   * Tries once more, with a new producer, if the broker has refused the transaction, of which
   * nothing is stored then. A broker of Kafka 4.4 was seen to do that to the first transaction into
   * a topic that had just been made.
   */
  private static void againIfRefused(Attempt attempt) throws Exception {
    try {
      attempt.run();
    } catch (Exception e) {
      if (!Failures.isRefusedTransaction(e)) {
        throw e;
      }
      attempt.run();
    }
  }

  /** Returns the connection, or a new one after a failure. */
  private Connection connected() throws SinkException {
    if (connection != null) {
      return connection;
    }
    try {
      return connect(target.reconnect());
    } catch (Exception e) {
      throw Failures.of("Kafka topic '" + target.topic() + "': cannot connect again", e);
    }
  }

  private void disconnect(Throwable failure) {
    try {
      disconnect();
    } catch (RuntimeException e) {
      failure.addSuppressed(e);
    }
  }

  private void disconnect() {
    Connection last = connection;
    if (last != null) {
      connection = null;
      last.close();
    }
  }

  @Override
  public BitSet stored(String segment) throws SinkException {
    return connected().stored(segment);
  }

  @Override
  public void forget(String segment) {
    forgotten.add(segment);
  }

  @Override
  public void close() throws SinkException {
    try {
      if (connection != null && !forgotten.isEmpty()) {
        connection.forget(forgotten);
      }
    } catch (ExecutionException | InterruptedException | RuntimeException e) {
      throw Failures.of("Kafka topic '" + target.topic() + "': cannot forget what is done with", e);
    } finally {
      disconnect();
    }
  }
}
