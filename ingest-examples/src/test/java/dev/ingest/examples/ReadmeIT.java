package dev.ingest.examples;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.ingest.testing.ChildJvm;
import dev.ingest.testing.Network;
import java.io.File;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The README's code, compiled and run. */
class ReadmeIT {
  private static final Path README = Path.of("..", "README.md");

  @TempDir Path directory;

  @Test
  void the_first_code_block_stores_a_reading() throws Exception {
    int port = Network.unusedPort();
    String code = codeBlock("public class Sensors");
    assertTrue(code.contains("\"0.0.0.0\", 12345"), code);
    compile("Sensors", code.replace("\"0.0.0.0\", 12345", "\"127.0.0.1\", " + port));
    String reading = firstDatagram();
    try (ChildJvm program = start("Sensors")) {
      try (SensorTable table = awaitReading(port, reading)) {
        String row = table.last(1).get(0).toString();
        assertEquals(
            "sensor_id=17 temperature=21.4 humidity=7.9 ingested_at=1751715061.120000", row);
      }
      program.signal("TERM");
      assertEquals(143, program.exitStatus(), program::toString);
    }
  }

  @Test
  void the_settings_build_a_server() throws Exception {
    compile(
        "Settings",
        """
        import dev.ingest.IngestServer;
        import dev.ingest.policy.*;
        import dev.ingest.record.Schema;
        import dev.ingest.source.*;
        import java.nio.file.Path;
        import java.time.Duration;
        class Settings {
          public static void main(String[] args) {
            Schema schema = Schema.builder("readings").real("temperature").build();
            %s
            System.out.println(server);
          }
        }
        """
            .formatted(codeBlock("RetryPolicy.builder()")));
    try (ChildJvm program = start("Settings")) {
      assertEquals(0, program.exitStatus(), program::toString);
      assertTrue(program.out().contains("UDP 0.0.0.0:12345"), program::toString);
    }
  }

  @Test
  void the_schema_with_modifiers_is_built() throws Exception {
    compile(
        "Modifiers",
        """
        import dev.ingest.record.Schema;
        import java.time.temporal.ChronoUnit;
        class Modifiers {
          public static void main(String[] args) {
            %s
            System.out.println(power);
          }
        }
        """
            .formatted(codeBlock("Schema power = ")));
    try (ChildJvm program = start("Modifiers")) {
      assertEquals(0, program.exitStatus(), program::toString);
      assertTrue(program.out().contains("from [params, switch:0, apower]"), program::toString);
    }
  }

  @Test
  void the_schema_files_are_read() throws Exception {
    for (String json : codeBlocks("json")) {
      Path file = Files.writeString(directory.resolve("schema.json"), json);
      assertEquals("power", SchemaFile.read(file).name());
    }
  }

  @Test
  void the_lines_about_who_may_send_compile() throws Exception {
    compile(
        "WhoMaySend",
        """
        import dev.ingest.IngestServerBuilder;
        import dev.ingest.source.*;
        import java.net.SocketAddress;
        import java.nio.ByteBuffer;
        import java.nio.channels.DatagramChannel;
        import java.nio.file.Path;
        class WhoMaySend {
          static void send(
              IngestServerBuilder builder, DatagramChannel channel, byte[] payload, SocketAddress server)
              throws Exception {
            %s
          }
        }
        """
            .formatted(codeBlock("Keys keys")));
  }

  /** The first vector: what the README's lines make of its key, its time and its counter. */
  @Test
  void the_lines_of_python_sign_as_the_vectors_show() throws Exception {
    Path python = Path.of("/usr/bin/python3");
    assumeTrue(Files.isExecutable(python), "there is no Python 3");
    String program =
        codeBlocks("python").get(0)
            + """
            import json, sys
            vector = json.load(open(sys.argv[1]))[0]
            counter = int(vector["counter"]) - 1
            time.time = lambda: int(vector["seconds"])
            made = sign(bytes.fromhex(vector["key"]), int(vector["id"]), bytes.fromhex(vector["payload"]))
            assert made.hex() == vector["datagram"], made.hex()
            """;
    Path vectors =
        Path.of("..", "ingest-core", "src", "test", "resources", "signed", "vectors.json");
    Process run =
        new ProcessBuilder(python.toString(), "-", vectors.toString())
            .redirectErrorStream(true)
            .start();
    run.outputWriter().append(program).close();
    assertEquals("", new String(run.getInputStream().readAllBytes(), StandardCharsets.UTF_8));
    assertEquals(0, run.waitFor());
  }

  @Test
  void the_sink_compiles() throws Exception {
    compile(
        "PrintSink",
        """
        import dev.ingest.record.RecordBatch;
        import dev.ingest.record.Schema;
        import dev.ingest.sink.Sink;
        """
            + codeBlock("class PrintSink"));
  }

  @Test
  void the_cleanup_line_runs() throws Exception {
    compile(
        "AtExit",
        "import dev.ingest.cleanup.CleanupRegistry;\n"
            + "class AtExit { public static void main(String[] args) {\n"
            + codeBlock("CleanupRegistry.global()")
            + "}}\n");
    try (ChildJvm program = start("AtExit")) {
      assertEquals(0, program.exitStatus(), program::toString);
      assertEquals("at exit\n", program.out());
    }
  }

  /** Sends the reading until it is stored: the program does not print when it listens. */
  private SensorTable awaitReading(int port, String reading) throws Exception {
    byte[] bytes = reading.getBytes(StandardCharsets.UTF_8);
    Path file = directory.resolve("sensors.db");
    try (DatagramSocket socket = new DatagramSocket()) {
      await()
          .atMost(Duration.ofSeconds(60))
          .ignoreExceptions()
          .until(
              () -> {
                socket.send(
                    new DatagramPacket(
                        bytes, bytes.length, InetAddress.getLoopbackAddress(), port));
                if (Files.notExists(file)) {
                  return false;
                }
                try (SensorTable table = SensorTable.ofFile(file)) {
                  return table.total() > 0;
                }
              });
    }
    return SensorTable.ofFile(file);
  }

  private ChildJvm start(String mainClass) {
    return ChildJvm.in(directory)
        .withoutOptions()
        .classPath(directory + File.pathSeparator + ExamplesJar.FILE)
        .start(mainClass);
  }

  private void compile(String name, String code) throws Exception {
    Path source = Files.writeString(directory.resolve(name + ".java"), code);
    int status =
        ToolProvider.getSystemJavaCompiler()
            .run(
                null,
                null,
                null,
                "-proc:none",
                "-Xlint:all",
                "-Werror",
                "-d",
                directory.toString(),
                "-cp",
                System.getProperty("java.class.path"),
                source.toString());
    assertEquals(0, status, "the README's code does not compile");
  }

  /** Returns the one block of Java in which a text stands. */
  private static String codeBlock(String text) throws Exception {
    List<String> found = codeBlocks("java").stream().filter(block -> block.contains(text)).toList();
    assertEquals(1, found.size(), () -> text + " in " + found);
    return found.get(0);
  }

  private static List<String> codeBlocks(String language) throws Exception {
    return Pattern.compile("```" + language + "\n(.*?)```", Pattern.DOTALL)
        .matcher(Files.readString(README))
        .results()
        .map(block -> block.group(1))
        .toList();
  }

  private static String firstDatagram() throws Exception {
    Matcher datagram = Pattern.compile("Send it `(\\{.*?})`").matcher(Files.readString(README));
    assertTrue(datagram.find());
    return datagram.group(1);
  }
}
