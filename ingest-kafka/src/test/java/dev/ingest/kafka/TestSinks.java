package dev.ingest.kafka;

import dev.ingest.kafka.testing.KafkaBroker;
import dev.ingest.record.Schema;
import dev.ingest.sink.Sink;
import dev.ingest.sink.SinkConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;

/** The sinks of the tests, and names that no other test uses. */
final class TestSinks {
  private static final AtomicInteger NAMES = new AtomicInteger();

  private TestSinks() {}

  /** Returns a new name for a topic or a transactional id. */
  static String name(String begin) {
    return begin + "-" + NAMES.incrementAndGet();
  }

  /** Makes a sink from its URI. */
  static Sink of(String uri) {
    return new KafkaSinkProvider().create(SinkConfig.parse(uri));
  }

  static Sink open(String uri, Schema schema) throws Exception {
    Sink sink = of(uri);
    sink.open(schema);
    return sink;
  }

  /** Returns the properties of a user with a password, as a broker of the tests knows it. */
  static String sasl(String password) {
    return """
        security.protocol=SASL_PLAINTEXT
        sasl.mechanism=PLAIN
        sasl.jaas.config=org.apache.kafka.common.security.plain.PlainLoginModule required \\
          username="%s" password="%s";
        """
        .formatted(KafkaBroker.USER, password);
  }

  /** Writes a file of properties; returns the value of the option. */
  static String properties(Path directory, String lines) throws IOException {
    Path file = Files.createTempFile(directory, "kafka", ".properties");
    Files.writeString(file, lines);
    return "file:" + file;
  }
}
