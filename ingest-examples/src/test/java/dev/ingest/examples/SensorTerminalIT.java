package dev.ingest.examples;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.ingest.testing.ChildJvm;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a user of the server sees in a terminal, and types there. */
class SensorTerminalIT {
  private static final Duration LIMIT = Duration.ofMinutes(2);
  private static final Path BASH = Path.of("/bin/bash");
  private static final Path SCRIPT = Path.of("/usr/bin/script");

  private static final String NESTED =
      """
      {"name": "sensor_measurements", "fields": [
        {"integer": "sensor_id", "from": "/a'b/0"}, {"text": "t", "from": "/a'b/x y"},
        {"timestamp": "at", "epoch": "MILLIS"}, {"bool": "on"}, {"real": "r", "optional": true},
        {"json": "j", "from": "/a'b"}, {"json": "raw", "from": ""}, {"receivedAt": "received"}]}
      """;

  @TempDir Path directory;

  @ParameterizedTest
  @CsvSource({
    "--bind 127.0.0.1:0,",
    "--bind 0.0.0.0:0,",
    "--tcp [::1]:0,",
    "--bind 127.0.0.1:0, schema.json"
  })
  void the_line_that_it_prints_sends_a_record(String source, String schema) throws Exception {
    assumeTrue(Files.isExecutable(BASH), "there is no bash");
    String[] options =
        schema == null ? source.split(" ") : (source + " --schema " + schema).split(" ");
    Files.writeString(directory.resolve("schema.json"), NESTED);
    try (ChildJvm server = ExamplesJar.start(directory, SensorServer.class, options)) {
      String line = server.awaitOut("send it a record from bash:\\R  (echo .*)").group(1);
      assertEquals(
          0, new ProcessBuilder(BASH.toString(), "-c", line).inheritIO().start().waitFor(), line);
      await().atMost(LIMIT).until(() -> rows() == 1);
      server.signal("TERM");
      server.awaitOut(" 1 received = 1 decoded ");
    }
  }

  private long rows() throws Exception {
    try (SensorTable table = SensorTable.ofFile(directory.resolve("sensors.db"))) {
      return table.total();
    }
  }

  @ParameterizedTest
  @CsvSource({"--unix, in.sock", "--allow, 192.0.2.0/24", "--format, GZIP"})
  void no_line_is_printed_that_would_not_be_taken(String option, String value) {
    try (ChildJvm server =
        ExamplesJar.start(directory, SensorServer.class, option, value, "--sink", "print:")) {
      server.awaitOut("listening on ");
      server.signal("TERM");
      server.exitStatus();
      assertFalse(server.out().contains("echo"), server::toString);
    }
  }

  @Test
  void what_it_logs_names_its_options() throws Exception {
    try (ChildJvm server =
        ExamplesJar.start(
            directory, SensorServer.class, "--bind", "127.0.0.1:0", "--max-datagram-size", "9")) {
      int port = Integer.parseInt(server.awaitOut("udp://127.0.0.1:(\\d+)").group(1));
      send(port, "{\"sensor_id\":1}");
      await().atMost(LIMIT).until(() -> server.err().contains("raise --max-datagram-size ("));
    }
  }

  /** In a terminal of its own, which the program {@code script} makes. */
  @Test
  void the_status_line_gives_way_to_what_is_logged() throws Exception {
    assumeTrue(Files.isExecutable(SCRIPT), "there is no script(1)");
    Path typescript = directory.resolve("typescript");
    String java =
        "'%s' -cp '%s' %s --bind 127.0.0.1:0"
            .formatted(CrashTestVictim.JAVA, ExamplesJar.FILE, SensorServer.class.getName());
    Process terminal =
        new ProcessBuilder(SCRIPT.toString(), "-qefc", "exec " + java, typescript.toString())
            .directory(directory.toFile())
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start();
    try {
      Matcher port = awaitMatch(typescript, "udp://127.0.0.1:(\\d+)");
      awaitMatch(typescript, "stored 0 {2}queued 0");
      send(Integer.parseInt(port.group(1)), "bad");
      awaitMatch(typescript, "WARNING: rejected a message");
      awaitMatch(typescript, "rejected 1 messages");
      terminal.descendants().forEach(ProcessHandle::destroy);
      assertTrue(terminal.waitFor(2, TimeUnit.MINUTES));
    } finally {
      terminal.descendants().forEach(ProcessHandle::destroyForcibly);
      terminal.destroyForcibly();
    }
    String shown = Files.readString(typescript);
    assertTrue(shown.contains("1 received = 0 decoded + 1 rejected"), shown);
    assertEquals(List.of(), mixed(shown), shown);
  }

  /** Returns what stands behind the status line without that it was erased. */
  private static List<String> mixed(String shown) {
    return Pattern.compile("records\\033\\[K\\033\\[\\?7h(?!\\r\\033)[^\\r\\n]+")
        .matcher(shown)
        .results()
        .map(found -> found.group())
        .toList();
  }

  private static Matcher awaitMatch(Path file, String regex) {
    Pattern pattern = Pattern.compile(regex);
    return await().atMost(LIMIT).until(() -> pattern.matcher(read(file)), Matcher::find);
  }

  private static String read(Path file) throws IOException {
    return Files.exists(file) ? Files.readString(file, StandardCharsets.ISO_8859_1) : "";
  }

  private static void send(int port, String text) throws Exception {
    byte[] bytes = text.getBytes(UTF_8);
    try (DatagramSocket socket = new DatagramSocket()) {
      socket.send(new DatagramPacket(bytes, bytes.length, InetAddress.getLoopbackAddress(), port));
    }
  }
}
