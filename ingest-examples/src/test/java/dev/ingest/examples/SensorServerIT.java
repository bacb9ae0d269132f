package dev.ingest.examples;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ingest.testing.ChildJvm;
import dev.ingest.testing.FullPipes;
import dev.ingest.testing.Network;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SensorServerIT {
  @TempDir Path directory;

  @ParameterizedTest
  @CsvSource({"INT, 130", "TERM, 143"})
  void stores_what_the_client_sends_and_gives_the_account_at_the_end(String signal, int status)
      throws Exception {
    try (ChildJvm server = startServer("--dead-letters", "dead.ndjson")) {
      int port = port(server);
      send(port, "{\"sensor_id\": 1, \"temperature\": true}");
      try (ChildJvm client =
          ExamplesJar.start(
              directory,
              SensorClient.class,
              "--to",
              "127.0.0.1:" + port,
              "--rate",
              "2000",
              "--count",
              "500")) {
        client.awaitOut("sent 500 readings");
        assertEquals(0, client.exitStatus());
      }
      server.signal(signal);
      assertEquals(status, server.exitStatus(), server::toString);
      server.awaitOut("the table holds: 500 records");
      server.awaitOut("stored during shutdown: [0-9,]+ records");
      server.awaitOut("501 received = 500 decoded \\+ 1 rejected \\(WRONG_TYPE 1\\) \\+ 0 ignored");
      server.awaitOut(
          "500 decoded \\+ 0 recovered = 500 persisted \\+ 0 dead-lettered \\+ 0 dropped");
      assertEquals(500, rows());
      assertEquals(1, Files.readAllLines(directory.resolve("dead.ndjson")).size());
      // All lines of a close are there when the process has ended.
      assertTrue(
          server.err().contains("rejected a message from 127.0.0.1")
              && server.err().contains("WRONG_TYPE: field 'temperature' is a truth value"),
          server::toString);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"--journal", "--journal-sync", "--journal-sync=every_second"})
  void killed_while_the_database_is_locked_it_loses_nothing(String journal) throws Exception {
    try (ChildJvm server = startServer("--spool", "spool", journal)) {
      int port = port(server);
      try (Connection locker =
              DriverManager.getConnection("jdbc:sqlite:" + directory.resolve("sensors.db"));
          Statement statement = locker.createStatement()) {
        statement.execute("BEGIN IMMEDIATE");
        for (int i = 0; i < 100; i++) {
          send(
              port,
              "{\"sensor_id\":%d,\"temperature\":1,\"humidity\":2,\"ingested_at\":3}".formatted(i));
        }
        await().atMost(Duration.ofSeconds(60)).until(() -> journaled() == 100);
        server.signal("KILL");
        assertEquals(137, server.exitStatus());
        statement.execute("ROLLBACK");
      }
    }
    try (ChildJvm server = startServer("--spool", "spool")) {
      port(server);
      await().atMost(Duration.ofSeconds(60)).until(() -> rows() == 100);
      server.signal("TERM");
      assertEquals(143, server.exitStatus(), server::toString);
      server.awaitOut("0 decoded \\+ 100 recovered = 100 persisted");
    }
    assertEquals(100, rows());
    assertEquals(0, journaled());
  }

  private long journaled() throws Exception {
    long lines = 0;
    try (DirectoryStream<Path> segments =
        Files.newDirectoryStream(directory.resolve("spool"), "*.ndjson")) {
      for (Path segment : segments) {
        lines += Files.readAllLines(segment).size();
      }
    }
    return lines;
  }

  @ParameterizedTest
  @CsvSource({
    "--journal, --journal",
    "--journal-sync=always, --journal-sync",
    "--overflow=spool, --overflow SPOOL",
    "--spool-limit=10000000, --spool-limit"
  })
  void what_needs_a_spool_is_one_line_and_status_1_without_it(String option, String named)
      throws Exception {
    try (ChildJvm server = startServer(option)) {
      assertEquals(1, server.exitStatus());
      assertEquals(
          List.of("error: " + named + " needs a spool: add --spool DIR"),
          server.errLinesOfProgram());
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "2097152 |         | --dead-letter-limit needs dead letters: add --dead-letters FILE",
        "1048575 | letters | --dead-letter-limit is 1048575: expected at least 1048576 bytes"
      })
  void a_dead_letter_limit_that_is_wrong_is_one_line_and_status_1(
      String limit, String file, String error) throws Exception {
    String option = "--dead-letter-limit=" + limit;
    try (ChildJvm server =
        file == null ? startServer(option) : startServer(option, "--dead-letters", file)) {
      assertEquals(1, server.exitStatus());
      assertEquals(List.of("error: " + error), server.errLinesOfProgram());
    }
  }

  @Test
  void a_spool_in_use_is_one_line_and_status_1() throws Exception {
    try (ChildJvm server = startServer("--spool", "spool")) {
      port(server);
      try (ChildJvm second = startServer("--spool", "spool")) {
        assertEquals(1, second.exitStatus());
        assertErrorLine(
            "error: the spool directory spool is in use by another server, of the process \\d+: .*",
            second);
      }
    }
  }

  @Test
  void without_its_sink_it_starts_if_that_is_set() throws Exception {
    Path folder = directory.resolve("later");
    String sink = "sqlite:" + folder.resolve("sensors.db");
    try (ChildJvm server =
        startServer("--sink", sink, "--spool", "spool", "--start-without-sink")) {
      Matcher line = server.awaitOut("listening on \\S*:(\\d+)");
      send(
          Integer.parseInt(line.group(1)),
          "{\"sensor_id\":1,\"temperature\":1,\"humidity\":2,\"ingested_at\":3}");
      Files.createDirectory(folder);
      await().atMost(Duration.ofSeconds(60)).ignoreExceptions().until(() -> rows(folder) == 1);
      server.signal("TERM");
      assertEquals(143, server.exitStatus(), server::toString);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"sqlite:sensors.db", "sqlite:nosuch/sensors.db", "sqlite:."})
  void the_account_is_printed_though_the_table_cannot_be_looked_into(String sink) {
    try (ChildJvm server =
        ExamplesJar.in(directory)
            // Where the driver's native library finds no place, what it throws is an Error.
            .options("-Djava.io.tmpdir=" + directory.resolve("nosuch"))
            .start(
                SensorServer.class,
                "--bind",
                "127.0.0.1:0",
                "--sink",
                sink,
                "--spool",
                "spool",
                "--start-without-sink")) {
      server.awaitOut("listening on");
      // Unless it has ended by itself, since its sink has failed for good.
      ProcessHandle.of(server.pid()).ifPresent(ProcessHandle::destroy);
      server.exitStatus();
      server.awaitOut("how many records are stored is unknown: ");
      server.awaitOut("0 received = 0 decoded \\+ 0 rejected \\+ 0 ignored");
      server.awaitOut("0 decoded \\+ 0 recovered = 0 persisted \\+ 0 dead-lettered");
    }
  }

  @Test
  void a_client_that_is_interrupted_reports_how_much_it_sent() throws Exception {
    try (ChildJvm client =
        ExamplesJar.start(directory, SensorClient.class, "--to", "127.0.0.1:9")) {
      client.awaitOut("sending to");
      client.signal("INT");
      assertEquals(130, client.exitStatus());
      client.awaitOut("sent [0-9,]+ readings");
    }
  }

  @Test
  void a_port_in_use_is_one_line_and_status_1() throws Exception {
    try (DatagramSocket taken = new DatagramSocket(0, InetAddress.getLoopbackAddress());
        ChildJvm server =
            ExamplesJar.start(
                directory, SensorServer.class, "--bind", "127.0.0.1:" + taken.getLocalPort())) {
      assertEquals(1, server.exitStatus());
      assertErrorLine("error: cannot bind UDP 127.0.0.1:" + taken.getLocalPort() + ": .*", server);
    }
  }

  @Test
  void an_unknown_sink_is_one_line_and_status_1() throws Exception {
    try (ChildJvm server =
        ExamplesJar.start(directory, SensorServer.class, "--sink", "nosuch:thing")) {
      assertEquals(1, server.exitStatus());
      assertErrorLine("error: .*'nosuch'.*\\[jdbc, kafka, print, sqlite].*", server);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "--nosuch, x, '--nosuch'",
    "--bind, nowhere, 'nowhere'",
    "--overflow, SOMETIMES, 'SOMETIMES'"
  })
  void a_wrong_option_shows_the_usage_and_ends_with_status_2(
      String option, String value, String named) throws Exception {
    try (ChildJvm server = ExamplesJar.start(directory, SensorServer.class, option, value)) {
      assertEquals(2, server.exitStatus());
      assertTrue(server.err().contains(named), server::toString);
      assertTrue(server.err().contains("Usage: SensorServer"), server::toString);
    }
  }

  /** Wherever it stands: the server's own messages, picocli's and those of the sink. */
  @ParameterizedTest
  @CsvSource({
    "1, --sink, nosuch://me:secret@host/x?password=secret",
    "1, --sink, nosuch:secret",
    "1, --sink, 'nosuch:x?password=p&secret'",
    "1, --sink, nosuch:x?password=%secret",
    "1, --sink, //me:secret@host/x",
    "1, --sink, sqlite://me:secret@host/x",
    "1, --sink, sqlite:me:secret@host/x",
    "1, --sink, sqlite:x.db?password=secret",
    "1, --sink, 'sqlite:x.db?password=p&secret=1'",
    "2, --snik, nosuch://me:secret@host/x",
    "2, --snik=nosuch://me:secret@host/x, --journal",
    "2, --bind, nosuch://me:secret@host/x",
    "2, --bind=nosuch:x?password=secret, --journal",
    "2, --receivers, nosuch://me:sec?secret@host/x",
    "2, --overflow, nosuch:x;password=secret",
    "2, --journal, nosuch://me:secret@host/x",
    "2, --journal, me@secret:secret"
  })
  void no_message_shows_a_secret(int status, String option, String value) {
    try (ChildJvm server = ExamplesJar.start(directory, SensorServer.class, option, value)) {
      assertEquals(status, server.exitStatus(), server::toString);
      assertFalse(server.err().isBlank());
      assertFalse(server.toString().contains("secret"), server::toString);
    }
  }

  @Test
  void stores_what_is_signed_with_a_key_of_the_file_and_nothing_else() throws Exception {
    writeKeys("rw-------", "# sensors\n1 " + "a1".repeat(32) + "\n2 " + "b2".repeat(64) + "\n");
    String[] options = {
      "--key-file", "keys", "--allow", "127.0.0.0/8,::1", "--allow", "10.0.0.0/8"
    };
    try (ChildJvm server = startServer(options)) {
      int port = port(server);
      send(port, "{\"sensor_id\":1,\"temperature\":1,\"humidity\":2,\"ingested_at\":3}");
      runClient(port, "--key-file", "keys");
      runClient(port, "--key-file", "keys", "--key-id", "2");
      runClient(port);
      await().atMost(Duration.ofSeconds(60)).until(() -> rows() == 100);
      server.signal("TERM");
      assertEquals(143, server.exitStatus(), server::toString);
      server.awaitOut("151 received = 100 decoded \\+ 0 rejected \\+ 51 ignored \\(UNSIGNED 51\\)");
    }
  }

  @Test
  void ignores_who_is_not_allowed_and_who_sends_too_much() throws Exception {
    try (ChildJvm server = startServer("--allow", "192.0.2.0/24")) {
      runClient(port(server));
      server.signal("TERM");
      server.awaitOut("50 received = 0 decoded \\+ 0 rejected \\+ 50 ignored \\(FILTERED 50\\)");
    }
    try (ChildJvm server = startServer("--source-rate", "1")) {
      runClient(port(server));
      server.signal("TERM");
      server.awaitOut("50 received = 1 decoded \\+ 0 rejected \\+ 49 ignored \\(THROTTLED 49\\)");
    }
  }

  private void runClient(int port, String... more) {
    List<String> args = new ArrayList<>(List.of("--to", "127.0.0.1:" + port));
    args.addAll(List.of("--rate", "1000", "--count", "50"));
    args.addAll(List.of(more));
    try (ChildJvm client =
        ExamplesJar.start(directory, SensorClient.class, args.toArray(String[]::new))) {
      client.awaitOut("sent 50 readings");
      assertEquals(0, client.exitStatus(), client::toString);
    }
  }

  private void writeKeys(String permissions, String text) throws Exception {
    Path keys = directory.resolve("keys");
    Files.writeString(keys, text);
    Files.setPosixFilePermissions(keys, PosixFilePermissions.fromString(permissions));
  }

  @ParameterizedTest
  @CsvSource({
    "--allow, 192.0.2.1/24, the network is '192.0.2.1/24': .* expected 192.0.2.0/24 for the"
        + " network.*",
    "--allow, '10.0.0.0/8,localhost', the network is 'localhost': expected .*",
    "--allow, '', the network is '': expected .*",
    "--source-rate, 0, --source-rate is 0: expected 1 to 1000000000",
    "--key-file, nosuch, the key file nosuch does not exist"
  })
  void a_wrong_sender_is_one_clear_line(String option, String value, String message) {
    try (ChildJvm server = startServer(option, value)) {
      assertEquals(1, server.exitStatus());
      assertErrorLine("error: " + message, server);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "rw-r--r--, 64, the key file keys is open to others .*rw-r--r--: expected rw-------.*",
    "rw-------, 30, 'the key file keys, line 1: the key has 15 bytes: expected 32 to 64 .*'",
    "rw-------, 0, 'the key file keys, line 1: expected an id .*'"
  })
  void a_bad_key_file_is_one_clear_line_of_server_and_client(
      String permissions, int digits, String message) throws Exception {
    writeKeys(permissions, "1 " + "a".repeat(digits));
    try (ChildJvm server = startServer("--key-file", "keys");
        ChildJvm client = ExamplesJar.start(directory, SensorClient.class, "--key-file", "keys")) {
      assertEquals(1, server.exitStatus());
      assertErrorLine("error: " + message, server);
      assertEquals(1, client.exitStatus());
      assertErrorLine("error: " + message, client);
    }
  }

  private ChildJvm startServer(String... more) {
    String[] args = new String[2 + more.length];
    args[0] = "--bind";
    args[1] = "127.0.0.1:0";
    System.arraycopy(more, 0, args, 2, more.length);
    return ExamplesJar.start(directory, SensorServer.class, args);
  }

  /** So that no other user sees them among the arguments of the process. */
  @Test
  void arguments_may_stand_in_a_file() throws Exception {
    Files.writeString(directory.resolve("arguments"), "--bind 127.0.0.1:0\n--receivers 1\n");
    try (ChildJvm server = ExamplesJar.start(directory, SensorServer.class, "@arguments")) {
      port(server);
    }
  }

  private static void assertErrorLine(String regex, ChildJvm program) {
    List<String> lines = program.errLinesOfProgram();
    assertTrue(lines.size() == 1 && lines.get(0).matches(regex), program::toString);
  }

  private static int port(ChildJvm server) {
    Matcher line = server.awaitOut("listening on \\S*:(\\d+), storing to sqlite:sensors.db");
    return Integer.parseInt(line.group(1));
  }

  private static void send(int port, String json) throws Exception {
    byte[] bytes = json.getBytes(StandardCharsets.UTF_8);
    try (DatagramSocket socket = new DatagramSocket()) {
      socket.send(new DatagramPacket(bytes, bytes.length, InetAddress.getLoopbackAddress(), port));
    }
  }

  /** A server whose standard output and error are full, when they are pipes that nobody reads. */
  static final class Stuck {
    private Stuck() {}

    public static void main(String[] args) throws Exception {
      FullPipes.fill();
      SensorServer.main(args);
    }
  }

  @Test
  @DisabledOnOs(value = OS.WINDOWS, disabledReason = "it has no signals")
  void stores_everything_and_ends_by_a_signal_when_its_output_is_stuck() throws Exception {
    int port = Network.unusedPort();
    try (ChildJvm server =
        ChildJvm.in(directory)
            .withUnreadOutput()
            .start(Stuck.class, "--bind", "127.0.0.1:" + port, "--sink", "sqlite:sensors.db")) {
      await()
          .atMost(Duration.ofMinutes(2))
          .ignoreExceptions() // the table may not be there yet
          .until(
              () -> {
                send(port, reading(1));
                return rows() > 0;
              });
      for (int i = 0; i < 100; i++) {
        send(port, "bad");
        send(port, reading(2));
      }
      server.signal("TERM");
      assertEquals(143, server.exitStatus(), server::toString);
      assertEquals(100, rows(directory, "WHERE sensor_id = 2"));
    }
  }

  private static String reading(int sensor) {
    return """
    {"sensor_id": %d, "temperature": 1, "humidity": 1, "ingested_at": 0}\
    """
        .formatted(sensor);
  }

  private long rows() throws Exception {
    return rows(directory);
  }

  private static long rows(Path folder) throws Exception {
    return rows(folder, "");
  }

  private static long rows(Path folder, String where) throws Exception {
    Path file = folder.resolve("sensors.db");
    if (Files.notExists(file)) {
      return 0;
    }
    String count = "SELECT COUNT(*) FROM sensor_measurements ";
    try (Connection database = DriverManager.getConnection("jdbc:sqlite:" + file);
        Statement statement = database.createStatement();
        ResultSet rows = statement.executeQuery(count + where)) {
      return rows.getLong(1);
    }
  }
}
