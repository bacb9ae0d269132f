package dev.ingest.kafka;

import dev.ingest.sink.SinkException;
import java.time.Duration;
import java.util.function.Supplier;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.config.ConfigException;

/** The brokers that a URI names. The sink connects to them by clients of its own. */
final class Cluster implements Target {
  private final KafkaConfig config;

  Cluster(KafkaConfig config) {
    this.config = config;
  }

  @Override
  public String topic() {
    return config.topic();
  }

  @Override
  public Connection open() throws Exception {
    return connect(
        (properties, topics, topic) ->
            PlainConnection.own(newProducer(properties), properties.limits(topic)));
  }

  @Override
  public Connection reconnect() throws Exception {
    return open();
  }

  /** What is done while the brokers can be asked. */
  interface Step {
    Connection connect(ClientProperties properties, Topics topics, Topics.Topic topic)
        throws Exception;
  }

  /** Looks whether the topic is there and can be written to, and makes a connection. */
  Connection connect(Step step) throws Exception {
    ClientProperties properties = ClientProperties.read(config);
    Admin admin = made(properties, () -> Admin.create(properties.admin()));
    try {
      Topics topics = new Topics(admin);
      return step.connect(properties, topics, topics.writable(config.topic()));
    } finally {
      close(admin);
    }
  }

  static Producer<byte[], byte[]> newProducer(ClientProperties properties) throws SinkException {
    return made(properties, () -> new KafkaProducer<>(properties.producer()));
  }

  /** Makes a client. What Kafka says of a failure may quote a password. */
  private static <T> T made(ClientProperties properties, Supplier<T> client) throws SinkException {
    try {
      return client.get();
    } catch (KafkaException | IllegalArgumentException e) {
      Throwable cause = e;
      while (cause.getCause() != null) {
        cause = cause.getCause();
      }
      String message = String.valueOf(cause.getMessage());
      throw SinkException.retryable(
          "cannot make a client of Kafka: "
              + cause.getClass().getSimpleName()
              + (cause instanceof ConfigException && !properties.mayQuoteSecret(message)
                  ? ": " + message
                  : ", of which no more is shown, since it may quote a password")
              + ". Check the hosts of the brokers in the URI, and the file that the option"
              + " properties names");
    }
  }

  private static void close(Admin admin) {
    boolean interrupted = Thread.interrupted();
    try {
      admin.close(Duration.ZERO);
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
