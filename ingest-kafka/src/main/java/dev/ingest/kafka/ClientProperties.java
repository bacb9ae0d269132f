package dev.ingest.kafka;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.ingest.sink.SinkException;
import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Properties;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.apache.kafka.clients.CommonClientConfigs;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigValue;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** The properties of Kafka's clients: the sink's, and a file's, which may hold passwords. */
final class ClientProperties {
  /** What the sink promises rests on these, so a file may not set them. */
  private static final Set<String> OWN =
      Set.of(
          ProducerConfig.BOOTSTRAP_SERVERS_CONFIG,
          ProducerConfig.ACKS_CONFIG,
          ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG,
          ProducerConfig.TRANSACTIONAL_ID_CONFIG,
          ProducerConfig.COMPRESSION_TYPE_CONFIG,
          ProducerConfig.KEY_SERIALIZER_CLASS_CONFIG,
          ProducerConfig.VALUE_SERIALIZER_CLASS_CONFIG);

  /**
   * Batches are sent when they are full, or at the flush that ends each write, so the linger delays
   * nothing: it only keeps the producer from sending the first rows of a batch alone.
   */
  private static final Map<String, Object> PRODUCER =
      Map.of(
          ProducerConfig.ACKS_CONFIG, "all",
          ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, true,
          ProducerConfig.KEY_SERIALIZER_CLASS_CONFIG, ByteArraySerializer.class,
          ProducerConfig.VALUE_SERIALIZER_CLASS_CONFIG, ByteArraySerializer.class,
          ProducerConfig.LINGER_MS_CONFIG, "20",
          ProducerConfig.BATCH_SIZE_CONFIG, Integer.toString(1 << 17),
          ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG, "10000",
          ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, "30000",
          ProducerConfig.MAX_BLOCK_MS_CONFIG, "15000");

  /** So that a broker that cannot be reached is reported within seconds. */
  private static final Map<String, Object> TIMEOUTS =
      Map.of(
          CommonClientConfigs.REQUEST_TIMEOUT_MS_CONFIG, "3000",
          CommonClientConfigs.DEFAULT_API_TIMEOUT_MS_CONFIG, "6000");

  private static final Map<String, Object> CONSUMER =
      Map.of(
          ConsumerConfig.KEY_DESERIALIZER_CLASS_CONFIG, ByteArrayDeserializer.class,
          ConsumerConfig.VALUE_DESERIALIZER_CLASS_CONFIG, ByteArrayDeserializer.class,
          ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed",
          ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "none",
          ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, "false",
          ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, "false");

  private static final Pattern WORD_ENDS = Pattern.compile("[^A-Za-z0-9]+");

  private final KafkaConfig config;
  private final Map<String, String> file;

  private ClientProperties(KafkaConfig config, Map<String, String> file) {
    this.config = config;
    this.file = file;
  }

  /**
   * Reads the file of properties, if there is one.
   *
   * @throws SinkException if it cannot be read, or a property is wrong; it shows no value that may
   *     be a secret
   */
  static ClientProperties read(KafkaConfig config) throws SinkException {
    Map<String, String> file = new HashMap<>();
    if (config.properties().isPresent()) {
      Path path = config.properties().get();
      Properties properties = new Properties();
      try (Reader reader = Files.newBufferedReader(path, UTF_8)) {
        properties.load(reader);
      } catch (IOException | IllegalArgumentException e) {
        throw SinkException.retryable(
            "file of properties "
                + path
                + ": cannot read it: "
                + e.getClass().getSimpleName()
                + ". Expected properties of a Kafka producer, in UTF-8");
      }
      properties.stringPropertyNames().forEach(n -> file.put(n, properties.getProperty(n)));
      check(path, file);
    }
    return new ClientProperties(config, file);
  }

  private static void check(Path path, Map<String, String> file) throws SinkException {
    Map<String, ConfigDef.ConfigKey> known = ProducerConfig.configDef().configKeys();
    for (String name : new TreeSet<>(file.keySet())) {
      if (OWN.contains(name)) {
        throw wrong(path, name, "is the sink's own: expected it in the sink's URI, or not at all");
      }
      if (!known.containsKey(name)) {
        // Without the name, which may be a part of a value.
        throw SinkException.retryable(
            "file of properties "
                + path
                + ": one of the names is none of a Kafka producer's"
                + " properties: expected NAME=VALUE, such as sasl.jaas.config=..., and a \\"
                + " before a line break in a value");
      }
    }
    for (ConfigValue value : ProducerConfig.configDef().validate(file)) {
      if (file.containsKey(value.name()) && !value.errorMessages().isEmpty()) {
        throw wrong(
            path,
            value.name(),
            isSecret(value.name())
                ? "has a value of the wrong form"
                : value.errorMessages().get(0));
      }
    }
  }

  private static SinkException wrong(Path path, String name, String fault) {
    return SinkException.retryable(
        "file of properties " + path + ": the property " + name + " " + fault);
  }

  /** Tells whether a text has a word of a value that is a secret. */
  boolean mayQuoteSecret(String text) {
    return file.entrySet().stream()
        .filter(property -> isSecret(property.getKey()))
        .flatMap(property -> WORD_ENDS.splitAsStream(property.getValue()))
        .anyMatch(word -> !word.isEmpty() && text.contains(word));
  }

  private static boolean isSecret(String name) {
    ConfigDef.ConfigKey key = ProducerConfig.configDef().configKeys().get(name);
    return key == null || key.type() == ConfigDef.Type.PASSWORD;
  }

  Map<String, Object> producer() {
    Map<String, Object> all = new HashMap<>(PRODUCER);
    all.putAll(file);
    all.put(ProducerConfig.BOOTSTRAP_SERVERS_CONFIG, config.brokers());
    all.put(ProducerConfig.COMPRESSION_TYPE_CONFIG, config.compression());
    config.transactionalId().ifPresent(id -> all.put(ProducerConfig.TRANSACTIONAL_ID_CONFIG, id));
    return all;
  }

  Map<String, Object> admin() {
    Map<String, Object> shared = new HashMap<>(file);
    shared.keySet().retainAll(AdminClientConfig.configNames());
    shared.putAll(TIMEOUTS);
    shared.put(AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, config.brokers());
    return shared;
  }

  Map<String, Object> consumer() {
    Map<String, Object> all = admin();
    all.keySet().retainAll(ConsumerConfig.configNames());
    all.putAll(CONSUMER);
    return all;
  }

  /** Returns how large a message may be, by the topic and the producer. */
  Limits limits(Topics.Topic topic) {
    int most = topic.maxMessageBytes();
    String setBy = "max.message.bytes of the topic";
    for (String name :
        Set.of(ProducerConfig.MAX_REQUEST_SIZE_CONFIG, ProducerConfig.BUFFER_MEMORY_CONFIG)) {
      String text = file.get(name);
      Object value =
          text == null
              ? Objects.requireNonNull(ProducerConfig.configDef().defaultValues().get(name))
              : text.strip();
      long bytes = Long.parseLong(value.toString());
      if (bytes < most) {
        most = (int) bytes;
        setBy = name + " of the producer";
      }
    }
    return new Limits(most, setBy, topic.isCompacted());
  }
}
