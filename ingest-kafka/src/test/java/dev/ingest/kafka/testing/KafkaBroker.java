package dev.ingest.kafka.testing;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.awaitility.Awaitility.await;

import dev.ingest.testing.ChildJvm;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.common.TopicPartition;
import org.awaitility.Awaitility;

/**
 * A broker of Kafka in a second JVM: KRaft, one node, in a new folder, on free ports of 127.0.0.1.
 * It can be killed, frozen and started again on the same ports and data. It ends with this JVM,
 * however that ends.
 *
 * <pre>{@code
 * try (KafkaBroker broker = KafkaBroker.start()) {
 *   broker.createTopic("sensors", 3);
 *   new Messages(broker, "sensors").values();
 * }
 * }</pre>
 *
 * <p>The class path needs {@code org.apache.kafka:kafka_2.13}.
 */
public final class KafkaBroker implements AutoCloseable {
  /** A user of the port for SASL, by PLAIN. */
  public static final String USER = "ingest";

  /** The password of {@link #USER}. */
  public static final String PASSWORD = "n0t-f0r-l0gs";

  /**
   * Below the ports that the kernel gives to clients, who could take one while a broker is down.
   */
  private static final int FIRST_PORT = 18_000;

  private static final int LAST_PORT = 32_000;
  private static final long ANSWER_SECONDS = 120;

  private static volatile Optional<KafkaBroker> shared = Optional.empty();

  private final Path folder;
  private final int port;
  private final int saslPort;
  private final int proxyPort;
  private final int proxiedPort;
  private final Path properties;
  private Optional<CommitProxy> proxy = Optional.empty();
  private ChildJvm jvm;

  private KafkaBroker() throws IOException {
    folder = Files.createTempDirectory("kafka");
    port = freePort();
    saslPort = freePort();
    proxyPort = freePort();
    proxiedPort = freePort();
    properties = folder.resolve("broker.properties");
    Files.writeString(properties, properties(freePort()));
    jvm = launch();
  }

  /** Starts a broker; returns when it answers. */
  public static KafkaBroker start() throws Exception {
    KafkaBroker broker = new KafkaBroker();
    try {
      broker.awaitAnswer();
      return broker;
    } catch (Throwable t) {
      broker.close();
      throw t;
    }
  }

  /** Returns the broker that the tests of this JVM share, which they leave running. */
  public static synchronized KafkaBroker shared() throws Exception {
    if (shared.isEmpty()) {
      KafkaBroker started = start();
      Runtime.getRuntime().addShutdownHook(new Thread(started::close));
      shared = Optional.of(started);
    }
    return shared.get();
  }

  /** Returns the host and port to connect to, without authentication. */
  public String bootstrap() {
    return "127.0.0.1:" + port;
  }

  /** Returns the host and port that ask for {@link #USER} and {@link #PASSWORD}. */
  public String saslBootstrap() {
    return "127.0.0.1:" + saslPort;
  }

  /** Returns the host and port of {@link #proxy}. */
  public String proxiedBootstrap() {
    return "127.0.0.1:" + proxyPort;
  }

  /** Returns the network that clients of {@link #proxiedBootstrap} reach the broker by. */
  public synchronized CommitProxy proxy() throws IOException {
    if (proxy.isEmpty()) {
      proxy = Optional.of(new CommitProxy(proxyPort, proxiedPort));
    }
    return proxy.get();
  }

  /** Makes a topic of so many partitions. */
  public void createTopic(String topic, int partitions) throws Exception {
    createTopic(topic, partitions, Map.of());
  }

  /** Makes a topic with settings of its own; returns when its partitions have their leader. */
  public void createTopic(String topic, int partitions, Map<String, String> settings)
      throws Exception {
    try (Admin admin = admin()) {
      admin
          .createTopics(List.of(new NewTopic(topic, partitions, (short) 1).configs(settings)))
          .all()
          .get(ANSWER_SECONDS, TimeUnit.SECONDS);
      await()
          .atMost(ANSWER_SECONDS, TimeUnit.SECONDS)
          .pollInterval(10, TimeUnit.MILLISECONDS)
          .ignoreExceptions()
          .until(() -> isLed(admin, topic, partitions));
    }
  }

  /** The broker hears of a new topic from its controller, a moment after the client does. */
  private static boolean isLed(Admin admin, String topic, int partitions) throws Exception {
    Map<TopicPartition, OffsetSpec> ends = new HashMap<>();
    for (int partition = 0; partition < partitions; partition++) {
      ends.put(new TopicPartition(topic, partition), OffsetSpec.latest());
    }
    return admin.listOffsets(ends).all().get(ANSWER_SECONDS, TimeUnit.SECONDS).size() == partitions;
  }

  /** Deletes a topic. */
  public void deleteTopic(String topic) throws Exception {
    try (Admin admin = admin()) {
      admin.deleteTopics(List.of(topic)).all().get(ANSWER_SECONDS, TimeUnit.SECONDS);
    }
  }

  /** Returns a client that administers the broker; the caller closes it. */
  public Admin admin() {
    return Admin.create(Map.of(AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrap()));
  }

  /** Kills the broker (SIGKILL). */
  public void kill() {
    jvm.close();
  }

  /** Starts the broker again after {@link #kill}; returns when it answers. */
  public void restart() throws Exception {
    jvm = launch();
    awaitAnswer();
  }

  /** Stops the broker in its tracks (SIGSTOP): connections stay open, and nothing is answered. */
  public void freeze() {
    jvm.signal("STOP");
    Awaitility.await()
        .ignoreException(NoSuchFileException.class) // of a thread that has just ended
        .until(this::isFrozen);
  }

  /** Tells whether all threads have stopped: those that run are told so one by one. */
  private boolean isFrozen() throws IOException {
    Path tasks = Path.of("/proc/" + jvm.pid() + "/task");
    if (!Files.isDirectory(tasks)) {
      return true; // where that cannot be seen
    }
    try (Stream<Path> all = Files.list(tasks)) {
      for (Path task : all.toList()) {
        String stat = Files.readString(task.resolve("stat"), UTF_8);
        if (stat.charAt(stat.lastIndexOf(')') + 2) != 'T') {
          return false;
        }
      }
    }
    return true;
  }

  /** Lets the broker go on after {@link #freeze}. */
  public void thaw() {
    jvm.signal("CONT");
  }

  /** Kills the broker and deletes its folder. */
  @Override
  public void close() {
    jvm.close();
    try {
      if (proxy.isPresent()) {
        proxy.get().close();
      }
      BrokerProgram.delete(folder);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private ChildJvm launch() {
    return ChildJvm.in(folder)
        .options("-Xmx400m")
        .start(BrokerProgram.class, properties.toString());
  }

  private void awaitAnswer() throws Exception {
    jvm.awaitOut("Formatting|already formatted");
    try (Admin admin = admin()) {
      admin.describeCluster().nodes().get(ANSWER_SECONDS, TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      throw new AssertionError("the broker does not answer\n" + jvm, e);
    }
  }

  private static int freePort() throws IOException {
    while (true) {
      int candidate = ThreadLocalRandom.current().nextInt(FIRST_PORT, LAST_PORT);
      try (ServerSocket socket = new ServerSocket(candidate, 1, InetAddress.getLoopbackAddress())) {
        return socket.getLocalPort();
      } catch (IOException e) {
        // Taken: the next one.
      }
    }
  }

  private String properties(int controllerPort) {
    return """
        process.roles=broker,controller
        node.id=1
        controller.quorum.voters=1@127.0.0.1:CONTROLLER_PORT
        controller.listener.names=CONTROLLER
        listeners=PLAIN://127.0.0.1:PORT,SASL://127.0.0.1:SECURE,\\
        PROXIED://127.0.0.1:BEHIND_PROXY,CONTROLLER://127.0.0.1:CONTROLLER_PORT
        advertised.listeners=PLAIN://127.0.0.1:PORT,SASL://127.0.0.1:SECURE,\\
        PROXIED://127.0.0.1:PROXY
        inter.broker.listener.name=PLAIN
        listener.security.protocol.map=PLAIN:PLAINTEXT,SASL:SASL_PLAINTEXT,\\
        PROXIED:PLAINTEXT,CONTROLLER:PLAINTEXT
        sasl.enabled.mechanisms=PLAIN
        listener.name.sasl.plain.sasl.jaas.config=\\
        org.apache.kafka.common.security.plain.PlainLoginModule required user_USER="PASSWORD";
        authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer
        allow.everyone.if.no.acl.found=true
        super.users=User:ANONYMOUS
        log.dirs=FOLDER/data
        broker.heartbeat.interval.ms=300
        broker.session.timeout.ms=1500
        num.network.threads=2
        num.io.threads=2
        num.partitions=1
        auto.create.topics.enable=false
        offsets.topic.replication.factor=1
        offsets.topic.num.partitions=1
        transaction.state.log.replication.factor=1
        transaction.state.log.min.isr=1
        transaction.state.log.num.partitions=4
        share.coordinator.state.topic.replication.factor=1
        share.coordinator.state.topic.min.isr=1
        group.initial.rebalance.delay.ms=0
        log.cleaner.dedupe.buffer.size=4194304
        log.cleaner.io.buffer.size=65536
        """
        .replace("CONTROLLER_PORT", Integer.toString(controllerPort))
        .replace("PORT", Integer.toString(port))
        .replace("BEHIND_PROXY", Integer.toString(proxiedPort))
        .replace("PROXY", Integer.toString(proxyPort))
        .replace("SECURE", Integer.toString(saslPort))
        .replace("USER", USER)
        .replace("PASSWORD", PASSWORD)
        .replace("FOLDER", folder.toString());
  }
}
