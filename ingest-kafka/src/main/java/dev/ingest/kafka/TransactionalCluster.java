package dev.ingest.kafka;

import dev.ingest.sink.SinkException;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.common.IsolationLevel;

/**
 * The brokers that a URI names, with a transactional id that one sink at a time has.
 *
 * <p>A sink takes the id when it is opened: it fences off whatever was sent under the id before
 * (InitProducerId of KIP-98), waits for the outcome of that, and writes into the journal topic that
 * it has the id now. After a failure it may be fenced off itself: by another sink, or since its
 * transaction has taken too long. The journal tells which, before it fences in turn: so a sink
 * whose id was taken reports that, instead of taking it back.
 */
final class TransactionalCluster implements Target {
  private final Cluster cluster;
  private final String id;
  private final String journal;
  private String self = "";

  TransactionalCluster(KafkaConfig config, String id) {
    this.cluster = new Cluster(config);
    this.id = id;
    this.journal = KafkaConfig.journal(id);
  }

  @Override
  public String topic() {
    return cluster.topic();
  }

  @Override
  public Connection open() throws Exception {
    self = UUID.randomUUID().toString();
    return cluster.connect(
        (properties, topics, topic) -> {
          topics.journal(journal, topic);
          return fenced(
              properties,
              producer -> {
                TransactionalConnection connection =
                    new TransactionalConnection(
                        producer, properties.limits(topic), read(properties, topics).positions());
                connection.note(List.of(Journal.owner(journal, self)));
                return connection;
              });
        });
  }

  @Override
  public Connection reconnect() throws Exception {
    return cluster.connect(
        (properties, topics, topic) -> {
          topics.journal(journal, topic);
          long stable = topics.end(journal, IsolationLevel.READ_COMMITTED);
          checkOwner(Journal.read(properties.consumer(), journal, stable));
          return fenced(
              properties,
              producer -> {
                Journal read = read(properties, topics);
                checkOwner(read);
                return new TransactionalConnection(
                    producer, properties.limits(topic), read.positions());
              });
        });
  }

  /** What is done when all that was sent under the id before has an outcome. */
  private interface Step {
    Connection connect(Producer<byte[], byte[]> producer) throws Exception;
  }

  private static Connection fenced(ClientProperties properties, Step step) throws Exception {
    Producer<byte[], byte[]> producer = Cluster.newProducer(properties);
    try {
      producer.initTransactions();
      return step.connect(producer);
    } catch (Throwable t) {
      Connection.close(producer);
      throw t;
    }
  }

  private Journal read(ClientProperties properties, Topics topics) throws Exception {
    Map<String, Object> consumer = properties.consumer();
    return Journal.read(consumer, journal, topics.end(journal, IsolationLevel.READ_UNCOMMITTED));
  }

  private void checkOwner(Journal read) throws SinkException {
    if (read.owner().isEmpty()) {
      throw SinkException.retryable(
          "Kafka topic '"
              + journal
              + "', in which the sink notes what it has stored, was emptied or deleted while the"
              + " sink was open, so it stores nothing any more: find out why, and restart");
    }
    if (!read.owner().equals(self)) {
      throw SinkException.retryable(
          "Kafka topic '"
              + topic()
              + "': another sink has taken the transactional_id '"
              + id
              + "' at "
              + read.since()
              + ", so this one stores nothing any more. Give each server an id of its own: stop"
              + " the other one, and restart this one");
    }
  }
}
