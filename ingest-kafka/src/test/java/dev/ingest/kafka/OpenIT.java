package dev.ingest.kafka;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ingest.kafka.testing.KafkaBroker;
import dev.ingest.record.Schema;
import dev.ingest.sink.Sink;
import dev.ingest.sink.SinkException;
import dev.ingest.testing.TestBatch;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.acl.AccessControlEntry;
import org.apache.kafka.common.acl.AclBinding;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.acl.AclPermissionType;
import org.apache.kafka.common.resource.PatternType;
import org.apache.kafka.common.resource.ResourcePattern;
import org.apache.kafka.common.resource.ResourceType;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is found when the sink is opened: soon, with a message that helps, and no thread left. */
class OpenIT {
  /** An open fails within seconds; a busy machine takes longer, a minute of retries longer yet. */
  private static final Duration SOON = Duration.ofSeconds(40);

  private static final Schema SCHEMA =
      Schema.builder("t").integer("id").text("name").optional().real("value").optional().build();

  @TempDir Path directory;
  private KafkaBroker broker;
  private String topic;
  private Set<Thread> before;

  @BeforeEach
  void createTopic() throws Exception {
    broker = KafkaBroker.shared();
    topic = TestSinks.name("open");
    broker.createTopic(topic, 1);
    before = clientThreads();
  }

  @AfterEach
  void no_thread_is_left() {
    Set<Thread> left = clientThreads();
    left.removeAll(before);
    assertEquals(Set.of(), left);
  }

  private static Set<Thread> clientThreads() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> thread.getName().contains("kafka"))
        .collect(Collectors.toSet());
  }

  private SinkException failure(String uri, String... parts) {
    SinkException failure =
        assertTimeoutPreemptively(
            SOON,
            () -> {
              Sink sink = TestSinks.of(uri);
              return assertThrows(SinkException.class, () -> sink.open(SCHEMA));
            });
    for (String part : parts) {
      assertTrue(failure.getMessage().contains(part), failure::toString);
    }
    return failure;
  }

  private String uri(String options) {
    return "kafka:" + broker.bootstrap() + "/" + topic + options;
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "?transactional_id=open-missing"})
  void a_topic_that_does_not_exist(String options) {
    SinkException failure =
        failure(
            "kafka:" + broker.bootstrap() + "/no-such-topic" + options,
            "'no-such-topic' does not exist",
            "create it");
    assertTrue(failure.isRetryable());
  }

  @Test
  void a_broker_that_refuses_connections() throws Exception {
    int port;
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = socket.getLocalPort();
    }
    assertTrue(failure("kafka:127.0.0.1:" + port + "/t", "TimeoutException").isRetryable());
  }

  @Test
  void a_broker_that_never_answers() throws Exception {
    try (ServerSocket silent = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      assertTrue(
          failure("kafka:127.0.0.1:" + silent.getLocalPort() + "/t", "TimeoutException")
              .isRetryable());
    }
  }

  @Test
  void a_host_that_does_not_exist() {
    assertTrue(failure("kafka:no-such-host.invalid:9092/t").isRetryable());
  }

  @Test
  void fields_that_the_schema_does_not_have_or_that_are_no_keys() {
    assertEquals(
        false, failure(uri("?key=nmae"), "key", "'nmae'", "[id, name, value]").isRetryable());
    assertEquals(false, failure(uri("?headers=id,nmae"), "headers", "'nmae'").isRetryable());
    assertEquals(false, failure(uri("?key=value"), "'value'", "REAL").isRetryable());
  }

  @Test
  void a_compacted_topic_needs_a_key_in_each_message() throws Exception {
    topic = TestSinks.name("compacted");
    broker.createTopic(topic, 1, Map.of("cleanup.policy", "compact"));
    assertTrue(failure(uri(""), "'" + topic + "' is compacted", "key").isRetryable());
    Sink sink = TestSinks.open(uri("?key=name"), SCHEMA);
    TestBatch batches = new TestBatch(SCHEMA);
    sink.write(batches.of("{\"id\":1,\"name\":\"a\"}"));
    SinkException lacking =
        assertThrows(SinkException.class, () -> sink.write(batches.of("{\"id\":2}")));
    assertTrue(!lacking.isRetryable() && lacking.getMessage().contains("lacks its key 'name'"));
    sink.close();
  }

  @Test
  void a_journal_topic_that_would_lose_positions() throws Exception {
    broker.createTopic(topic + "-ingest-journal", 1, Map.of("cleanup.policy", "delete"));
    failure(uri("?transactional_id=" + topic), "cleanup.policy=delete", "expected 1 and compact");
    broker.deleteTopic(topic + "-ingest-journal");
    TestSinks.open(uri("?transactional_id=" + topic), SCHEMA).close();
  }

  @Test
  void a_password_that_is_wrong() throws Exception {
    failure(
        "kafka:%s/%s?properties=%s".formatted(broker.saslBootstrap(), topic, sasl("guessed")),
        "SaslAuthenticationException",
        "sasl.*");
  }

  @Test
  void rights_that_are_missing() throws Exception {
    allow(ResourceType.TOPIC, topic, AclOperation.DESCRIBE, AclOperation.DESCRIBE_CONFIGS);
    String uri =
        "kafka:%s/%s?properties=%s"
            .formatted(broker.saslBootstrap(), topic, sasl(KafkaBroker.PASSWORD));
    assertTrue(failure(uri, "'" + topic + "'", "grant Write").isRetryable());
    allow(ResourceType.TOPIC, topic, AclOperation.WRITE);
    TestSinks.open(uri, SCHEMA).close();
  }

  /** A topic with any rule takes only those that a rule allows. */
  private void allow(ResourceType type, String name, AclOperation... operations) throws Exception {
    try (Admin admin = broker.admin()) {
      for (AclOperation operation : operations) {
        admin
            .createAcls(
                List.of(
                    new AclBinding(
                        new ResourcePattern(type, name, PatternType.LITERAL),
                        new AccessControlEntry(
                            "User:" + KafkaBroker.USER, "*", operation, AclPermissionType.ALLOW))))
            .all()
            .get();
      }
    }
  }

  private String sasl(String password) throws Exception {
    return TestSinks.properties(directory, TestSinks.sasl(password));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "acks=1",
        "acks = all",
        "transactional.id=x",
        "linger.sm=5",
        "linger.ms=soon",
        "bootstrap.servers=localhost:9092"
      })
  void a_property_that_is_wrong_or_the_sinks_own(String line) throws Exception {
    String properties = TestSinks.properties(directory, line + "\n");
    failure(uri("?properties=" + properties), properties.substring("file:".length()));
  }

  @Test
  void a_file_of_properties_that_is_missing() {
    failure(uri("?properties=file:/no/such/file"), "/no/such/file", "NoSuchFileException");
  }
}
