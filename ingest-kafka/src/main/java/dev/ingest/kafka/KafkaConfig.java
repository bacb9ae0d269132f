package dev.ingest.kafka;

import dev.ingest.sink.SinkConfig;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** A checked URI of the sink. */
record KafkaConfig(
    String brokers,
    String topic,
    Format format,
    String compression,
    Optional<Path> properties,
    Optional<String> transactionalId) {

  /** All but the file of properties: what is wrongly put in its place may be a secret. */
  static final Set<String> PUBLIC_OPTIONS =
      Set.of("key", "headers", "message", "value", "compression", "transactional_id");

  private static final String PROPERTIES = "properties";
  private static final String FILE = "file:";
  private static final Set<String> OPTIONS =
      Stream.concat(PUBLIC_OPTIONS.stream(), Stream.of(PROPERTIES))
          .collect(Collectors.toUnmodifiableSet());

  private static final Set<String> COMPRESSIONS = Set.of("none", "gzip", "snappy", "lz4", "zstd");

  /** A host name or address, in brackets if it has colons, and a port. */
  private static final Pattern BROKER =
      Pattern.compile("(?:[A-Za-z0-9._-]+|\\[[0-9A-Fa-f:.]+(?:%[A-Za-z0-9]+)?]):[0-9]{1,5}");

  /** As Kafka takes it (Topic.validate of kafka-clients). */
  private static final Pattern TOPIC = Pattern.compile("(?!\\.{1,2}$)[A-Za-z0-9._-]{1,249}");

  private static final String JOURNAL_SUFFIX = "-ingest-journal";

  static KafkaConfig of(SinkConfig uri) {
    uri.requireKnownOptions(OPTIONS);
    int slash = uri.path().lastIndexOf('/');
    String brokers = slash < 0 ? "" : uri.path().substring(0, slash);
    String topic = uri.path().substring(slash + 1);
    for (String broker : brokers.split(",", -1)) {
      if (!BROKER.matcher(broker).matches()) {
        throw wrong(uri, "does not begin with brokers");
      }
    }
    if (!TOPIC.matcher(topic).matches()) {
      throw wrong(uri, "does not end with the name of a topic");
    }
    Format format = format(uri);
    format
        .fault()
        .ifPresent(
            fault -> {
              throw new IllegalArgumentException("sink URI '" + uri + "': " + fault);
            });
    return new KafkaConfig(
        brokers,
        topic,
        format,
        uri.choice("compression", "none", COMPRESSIONS),
        uri.text(PROPERTIES).map(value -> file(uri, value)),
        uri.text("transactional_id").map(id -> transactionalId(uri, id, topic)));
  }

  private static Format format(SinkConfig uri) {
    return new Format(
        uri.text("key"),
        uri.text("headers").map(fields -> List.of(fields.split(",", -1))).orElse(List.of()),
        Format.Message.valueOf(
            uri.choice("message", "record", Set.of("record", "batch")).toUpperCase(Locale.ROOT)),
        Format.Value.valueOf(
            uri.choice("value", "payload", Set.of("payload", "columns")).toUpperCase(Locale.ROOT)));
  }

  private static Path file(SinkConfig uri, String value) {
    try {
      if (value.startsWith(FILE) && value.length() > FILE.length()) {
        return Path.of(value.substring(FILE.length()));
      }
    } catch (InvalidPathException e) {
      // The message about all that is wrong follows.
    }
    throw new IllegalArgumentException(
        "sink URI '"
            + uri
            + "': the option properties does not name a file: expected file: and a path, such as"
            + " file:/etc/ingest/kafka.properties");
  }

  /** It is the beginning of a topic's name, too. */
  private static String transactionalId(SinkConfig uri, String id, String topic) {
    String journal = id + JOURNAL_SUFFIX;
    if (!TOPIC.matcher(journal).matches() || journal.equals(topic)) {
      throw new IllegalArgumentException(
          "sink URI '"
              + uri
              + "': the option transactional_id is '"
              + id
              + "', expected 1 to "
              + (249 - JOURNAL_SUFFIX.length())
              + " letters, digits, '.', '_' and '-', and another topic than "
              + journal
              + ", in which the sink notes what is stored");
    }
    return id;
  }

  /** Returns the topic with the positions of a transactional id. */
  static String journal(String transactionalId) {
    return transactionalId + JOURNAL_SUFFIX;
  }

  private static IllegalArgumentException wrong(SinkConfig uri, String fault) {
    return new IllegalArgumentException(
        "sink URI '"
            + uri
            + "' "
            + fault
            + ": expected kafka:HOST:PORT,HOST:PORT/TOPIC, such as kafka:localhost:9092/sensors,"
            + " with letters, digits, '.', '_' and '-' in the topic, and passwords in the file"
            + " that the option properties names");
  }
}
