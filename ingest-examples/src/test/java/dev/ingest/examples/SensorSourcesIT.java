package dev.ingest.examples;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ingest.testing.ChildJvm;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
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
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** SensorServer and SensorClient over each kind of source, and the schema file. */
class SensorSourcesIT {
  private static final Duration SOON = Duration.ofMinutes(2);
  private static final String PASSWORD = "example-password";
  private static final String READING =
      "{\"sensor_id\":1,\"temperature\":1,\"humidity\":2,\"ingested_at\":3}";

  @TempDir Path directory;

  @ParameterizedTest
  @CsvSource({"--tcp, tcp", "--unix, unix"})
  void what_the_client_sends_on_lines_is_stored(String option, String scheme) throws Exception {
    String where = scheme.equals("unix") ? "in.sock" : "127.0.0.1:0";
    try (ChildJvm server = start(option, where)) {
      String target = server.awaitOut("listening on (" + scheme + ":\\S+), storing").group(1);
      runClient("sent 300 readings", "--to", target, "--rate", "3000", "--count", "300");
      await().atMost(SOON).until(() -> rows("sensor_measurements") == 300);
      server.signal("TERM");
      assertEquals(143, server.exitStatus(), server::toString);
      server.awaitOut("300 received = 300 decoded \\+ 0 rejected");
      server.awaitOut("1 accepted = 0 open \\+ 1 closed \\(END_OF_STREAM 1\\)");
      server.awaitOut("the table holds: 300 records");
    }
  }

  @Test
  @DisabledOnOs(value = OS.WINDOWS, disabledReason = "it has no permissions of this kind")
  void several_sources_of_each_kind_feed_one_table() throws Exception {
    String[] options = {
      "--bind",
      "127.0.0.1:0",
      "--bind",
      "127.0.0.1:0",
      "--tcp",
      "127.0.0.1:0",
      "--unix",
      "a.sock",
      "--unix",
      "b.sock",
      "--mode",
      "660"
    };
    try (ChildJvm server = start(options)) {
      String line = server.awaitOut("listening on (.*), storing").group(1);
      List<String> targets = List.of(line.split(", "));
      assertEquals(5, targets.size(), line);
      assertEquals(List.of("unix:a.sock", "unix:b.sock"), targets.subList(3, 5));
      assertEquals(
          "rw-rw----",
          PosixFilePermissions.toString(
              Files.getPosixFilePermissions(directory.resolve("b.sock"))));
      for (String target : targets) {
        runClient("sent 10 readings", "--to", target, "--count", "10");
      }
      await().atMost(SOON).until(() -> rows("sensor_measurements") == 50);
    }
  }

  @Test
  void a_client_trusts_a_tls_server_by_its_certificate_and_no_other() throws Exception {
    makeKeystore();
    Files.writeString(directory.resolve("password"), PASSWORD + "\n");
    String[] options = {
      "--tcp", "127.0.0.1:0", "--tls-keystore", "server.p12", "--tls-password-file", "password"
    };
    try (ChildJvm server = start(options)) {
      String target = server.awaitOut("listening on (tls://\\S+), storing").group(1);
      String[] client = {
        "--to", target, "--count", "20", "--rate", "1000", "--trust", "server.pem"
      };
      runClient("sent 20 readings", client);
      await().atMost(SOON).until(() -> rows("sensor_measurements") == 20);
      try (ChildJvm stranger = ExamplesJar.start(directory, SensorClient.class, "--to", target)) {
        assertErrorLine(
            "error: cannot connect to \\Q" + target + "\\E: .*certification.*", stranger);
      }
      String plain = target.replace("tls:", "tcp:");
      try (ChildJvm careless = ExamplesJar.start(directory, SensorClient.class, "--to", plain)) {
        assertErrorLine("error: \\Q" + plain + "\\E takes no more: .*", careless);
      }
      server.signal("TERM");
      server.awaitOut("clients    3 accepted = 0 open \\+ 3 closed .*TLS_FAILED 2");
      server.awaitOut("the table holds: 20 records");
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "server.p12 | wrong    | the password of the key store server.p12 is wrong",
        "server.pem | password | server.pem is no key store: expected a PKCS12 file",
        "trust.p12  | password | the key store trust.p12 has no private key: expected one with its"
            + " certificate",
        "nosuch     | password | the key store nosuch does not exist",
        "server.p12 | nosuch   | the password file nosuch does not exist",
      })
  void a_key_store_that_is_no_use_is_one_clear_line(String store, String password, String message)
      throws Exception {
    makeKeystore();
    keytool("-importcert", "-noprompt", "-file", "server.pem", "-keystore", "trust.p12");
    Files.writeString(directory.resolve("password"), PASSWORD);
    Files.writeString(directory.resolve("wrong"), "another");
    String[] options = {
      "--tcp", "127.0.0.1:0", "--tls-keystore", store, "--tls-password-file", password
    };
    try (ChildJvm server = start(options)) {
      assertErrorLine("error: \\Q" + message + "\\E", server);
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "--tcp 127.0.0.1:0 --receivers 2     | --receivers needs a UDP port: add --bind HOST:PORT",
        "--tcp 127.0.0.1:0 --key-file keys   | --key-file needs a UDP port: add --bind HOST:PORT",
        "--tcp 127.0.0.1:0 --format gzip     | --format GZIP needs a UDP port: add --bind HOST:PORT",
        "--tcp 127.0.0.1:0 --mode 600        | --mode needs a Unix socket: add --unix PATH",
        "--unix in.sock --allow 10.0.0.0/8   | --allow needs a UDP or TCP port: add --bind or --tcp"
            + " HOST:PORT",
        "--unix in.sock --source-rate 1000   | --source-rate needs a UDP or TCP port: add --bind or"
            + " --tcp HOST:PORT",
        "--bind 127.0.0.1:0 --idle-timeout 9 | --idle-timeout needs a stream: add --tcp or --unix",
        "--max-connections 9                 | --max-connections needs a stream: add --tcp or"
            + " --unix",
        "--bind 127.0.0.1:0 --tls-keystore k | --tls-keystore needs a TCP port: add --tcp HOST:PORT",
        "--tcp 127.0.0.1:0 --tls-password-file p | --tls-password-file needs a key store: add"
            + " --tls-keystore FILE",
        "--tcp 127.0.0.1:0 --tls-keystore k  | the key store k needs its password: add"
            + " --tls-password-file FILE, or set INGEST_TLS_PASSWORD",
        "--tcp 127.0.0.1:0 --max-connections 0 | --max-connections is 0: expected 1 to 65536",
        "--tcp 127.0.0.1:0 --idle-timeout 0  | --idle-timeout is PT0S: expected 1 ms to 1 day",
        "--bind 127.0.0.1:0 --linger 1001    | --linger is PT1.001S: expected 0 to 1 s",
        "--unix in.sock --mode 1777          | --mode is 1777, octal: expected 0 to 777",
        "--bind 127.0.0.1:0 --interface lo   | --interface needs a multicast group: add --bind"
            + " GROUP:PORT",
        "--bind 239.1.2.3:0                  | UDP 239.1.2.3:0 is a multicast group, which needs a"
            + " network interface: add --interface NAME",
        "--schema nosuch                     | the schema file nosuch does not exist"
      })
  void options_that_do_not_go_together_are_one_line_and_status_1(String options, String message) {
    try (ChildJvm server = start(options.split(" +"))) {
      assertErrorLine("error: \\Q" + message + "\\E", server);
    }
  }

  @Test
  void an_interface_that_is_not_there_and_a_socket_that_nobody_handed_over_are_one_line() {
    try (ChildJvm server = start("--bind", "239.1.2.3:0", "--interface", "nosuch")) {
      assertErrorLine("error: there is no network interface 'nosuch': expected one of .*", server);
    }
    try (ChildJvm server = start("--inherited")) {
      assertErrorLine("error: cannot receive on an inherited socket: standard input is .*", server);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"unix:nosuch", "tcp://127.0.0.1:1", "tls://127.0.0.1:1"})
  void a_server_that_is_not_there_is_one_line_of_the_client(String target) {
    try (ChildJvm client = ExamplesJar.start(directory, SensorClient.class, "--to", target)) {
      assertErrorLine("error: cannot connect to \\Q" + target + "\\E: .*", client);
    }
  }

  @ParameterizedTest
  @CsvSource({"--key-file, tcp://127.0.0.1:1, udp", "--trust, unix:in.sock, tls"})
  void an_option_of_another_kind_of_target_is_one_line_of_the_client(
      String option, String target, String scheme) {
    String[] options = {"--to", target, option, "file"};
    try (ChildJvm client = ExamplesJar.start(directory, SensorClient.class, options)) {
      String needs = option + " needs --to " + scheme + "://HOST:PORT, and it is " + target;
      assertErrorLine("error: \\Q" + needs + "\\E", client);
    }
  }

  @Test
  void a_silent_connection_is_closed_after_the_idle_timeout() throws Exception {
    try (ChildJvm server = start("--tcp", "127.0.0.1:0", "--idle-timeout", "0.5")) {
      int port = port(server.awaitOut("listening on (\\S+), storing").group(1));
      try (Socket silent = new Socket(InetAddress.getLoopbackAddress(), port)) {
        silent.setSoTimeout((int) SOON.toMillis());
        assertEquals(-1, silent.getInputStream().read());
      }
      server.signal("TERM");
      server.awaitOut("1 accepted = 0 open \\+ 1 closed \\(IDLE 1\\)");
    }
  }

  @Test
  void a_bad_record_of_a_datagram_is_rejected_by_itself_if_that_is_set() throws Exception {
    try (ChildJvm server = start("--bind", "127.0.0.1:0", "--reject-unit", "record")) {
      send(server, READING + "\n{}\n" + READING);
      await().atMost(SOON).until(() -> rows("sensor_measurements") == 2);
      server.signal("TERM");
      server.awaitOut("1 received = 1 decoded \\+ 0 rejected \\+ 0 ignored");
      server.awaitOut("rejected   1 records by themselves \\(MISSING_FIELD 1\\)");
    }
  }

  @Test
  void the_schema_of_a_file_is_that_of_the_table() throws Exception {
    Files.writeString(
        directory.resolve("plug.json"),
        """
        {"name": "plug \\"A\\"", "fields": [{"text": "device", "from": "/src"},
          {"real": "watts", "from": "/params/switch:0/apower"}]}
        """);
    try (ChildJvm server = start("--bind", "127.0.0.1:0", "--schema", "plug.json")) {
      send(server, "{\"src\":\"plug-1\",\"params\":{\"switch:0\":{\"apower\":75.9}}}");
      await().atMost(SOON).until(() -> rows("plug \"A\"") == 1);
      server.signal("TERM");
      assertEquals(143, server.exitStatus(), server::toString);
      server.awaitOut("the table holds: 1 records");
    }
  }

  private ChildJvm start(String... options) {
    return ExamplesJar.start(directory, SensorServer.class, with(options, "sqlite:sensors.db"));
  }

  private static String[] with(String[] options, String sink) {
    List<String> all = new ArrayList<>(List.of(options));
    all.addAll(List.of("--sink", sink));
    return all.toArray(String[]::new);
  }

  private void runClient(String reported, String... options) throws Exception {
    try (ChildJvm client = ExamplesJar.start(directory, SensorClient.class, options)) {
      client.awaitOut(reported);
      assertEquals(0, client.exitStatus(), client::toString);
    }
  }

  private static void send(ChildJvm server, String json) throws IOException {
    int port = port(server.awaitOut("listening on (\\S+), storing").group(1));
    byte[] bytes = json.getBytes(StandardCharsets.UTF_8);
    try (DatagramSocket socket = new DatagramSocket()) {
      socket.send(new DatagramPacket(bytes, bytes.length, InetAddress.getLoopbackAddress(), port));
    }
  }

  private static int port(String target) {
    return Integer.parseInt(target.substring(target.lastIndexOf(':') + 1));
  }

  private static void assertErrorLine(String regex, ChildJvm program) {
    assertEquals(1, program.exitStatus(), program::toString);
    List<String> lines = program.errLinesOfProgram();
    assertTrue(lines.size() == 1 && lines.get(0).matches(regex), program::toString);
  }

  private long rows(String table) throws Exception {
    Path file = directory.resolve("sensors.db");
    if (Files.notExists(file)) {
      return 0;
    }
    try (Connection database = DriverManager.getConnection("jdbc:sqlite:" + file);
        Statement statement = database.createStatement();
        ResultSet rows =
            statement.executeQuery(
                "SELECT COUNT(*) FROM \"" + table.replace("\"", "\"\"") + "\"")) {
      return rows.getLong(1);
    }
  }

  /** Makes server.p12, and server.pem with its certificate. */
  private void makeKeystore() throws Exception {
    String store = "-keystore server.p12 ";
    keytool(
        (store
                + "-genkeypair -alias server -keyalg EC -dname CN=localhost -validity 7"
                + " -ext san=dns:localhost,ip:127.0.0.1")
            .split(" "));
    keytool((store + "-exportcert -rfc -alias server -file server.pem").split(" "));
  }

  private void keytool(String... options) throws Exception {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "keytool").toString());
    command.addAll(List.of(options));
    command.addAll(List.of("-storetype", "PKCS12", "-storepass", PASSWORD));
    Process process =
        new ProcessBuilder(command)
            .directory(directory.toFile())
            .redirectErrorStream(true)
            .redirectOutput(directory.resolve("keytool.log").toFile())
            .start();
    assertEquals(0, process.waitFor(), () -> command.toString());
  }
}
