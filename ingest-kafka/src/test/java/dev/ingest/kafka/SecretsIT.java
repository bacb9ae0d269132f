package dev.ingest.kafka;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ingest.kafka.testing.KafkaBroker;
import dev.ingest.testing.ChildJvm;
import host.LoggingProgram;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Passwords, right and wrong, in all that is printed with every logger on. */
class SecretsIT {
  /** In place of a password: to be found again whatever of it is printed. */
  private static final String SECRET = "s3cret";

  @TempDir Path directory;

  @Test
  void nothing_prints_a_password() throws Exception {
    KafkaBroker broker = KafkaBroker.shared();
    String topic = TestSinks.name("secrets");
    broker.createTopic(topic, 1);
    String begin = "kafka:" + broker.saslBootstrap() + "/" + topic + "?";
    String right = TestSinks.properties(directory, TestSinks.sasl(KafkaBroker.PASSWORD));
    List<String> uris =
        new ArrayList<>(
            List.of(
                begin + "properties=" + right,
                begin + "transactional_id=" + topic + "&properties=" + right,
                begin + "properties=" + SECRET,
                begin + "password=" + SECRET,
                "kafka:" + SECRET + "@" + broker.saslBootstrap() + "/" + topic,
                "kafka:user:" + SECRET + "@" + broker.saslBootstrap() + "/" + topic));
    String sasl = TestSinks.sasl(SECRET);
    for (String wrong :
        List.of(
            sasl,
            sasl.replace("\";", "\""), // not terminated
            sasl.replace("=\"" + SECRET, "=x " + SECRET), // a blank in it, without quotes
            sasl.replace("required", SECRET),
            sasl.replace("sasl.mechanism=PLAIN", "sasl.mechanism=SCRAM-SHA-256"),
            sasl.replace("org.apache.kafka.common.security.plain.PlainLoginModule", SECRET),
            sasl.replace("\\\n", "\n"), // the rest is a property of its own
            sasl + "ssl.truststore.password=" + SECRET + "\n",
            sasl.replace("SASL_PLAINTEXT", "SASL_SSL")
                + "ssl.truststore.location=/no/such/file\nssl.truststore.password="
                + SECRET
                + "\n",
            sasl + "ssl.keystore.key=" + SECRET + "\nssl.keystore.type=PEM\n",
            sasl + SECRET + "=\n",
            sasl + "x=\\u" + SECRET + "\n")) {
      uris.add(begin + "properties=" + TestSinks.properties(directory, wrong));
    }
    Path file = directory.resolve("uris.txt");
    Files.write(file, uris);
    try (ChildJvm program =
        ChildJvm.in(directory)
            .options("-Dorg.slf4j.simpleLogger.defaultLogLevel=trace")
            .start(LoggingProgram.class, file.toString())) {
      assertEquals(0, program.exitStatus(), program::toString);
      String printed = program.out() + program.err();
      assertTrue(printed.contains("ProducerConfig values"), "Kafka does not log");
      assertTrue(printed.contains(" TRACE org.apache.kafka"), "not all is logged");
      assertTrue(program.outLines().contains("stored"), program::out);
      for (String secret : List.of(KafkaBroker.PASSWORD, SECRET)) {
        assertFalse(
            printed.contains(secret),
            () ->
                String.join("\n", printed.lines().filter(line -> line.contains(secret)).toList()));
      }
    }
  }
}
