package dev.ingest.examples;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.ingest.testing.ChildJvm;
import dev.ingest.testing.Network;
import java.io.File;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.Statement;
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
  private static final Path BASH = Path.of("/bin/bash");

  @TempDir Path directory;

  @Test
  void the_first_code_block_stores_what_the_line_below_it_sends() throws Exception {
    assumeTrue(Files.isExecutable(BASH), "there is no bash");
    int port = Network.unusedPort();
    String code = codeBlock("public class Sensors");
    assertTrue(code.contains("bind(12345)"), code);
    compile("Sensors", code.replace("bind(12345)", "bind(" + port + ")"));
    String line = lineThatSends().replace("/12345", "/" + port);
    try (ChildJvm program = start("Sensors")) {
      awaitReading(line);
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
  void the_java_record_is_a_schema() throws Exception {
    compile(
        "Annotated",
        """
        import dev.ingest.annotation.*;
        import dev.ingest.record.Schema;
        import java.net.InetSocketAddress;
        import java.time.Instant;
        import java.time.temporal.ChronoUnit;
        import java.util.OptionalDouble;
        class Annotated {
          %s
          public static void main(String[] args) {
            System.out.println(Schema.of(Power.class));
          }
        }
        """
            .formatted(codeBlock("record Power(")));
    try (ChildJvm program = start("Annotated")) {
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
  private void awaitReading(String lineThatSends) {
    String database = "jdbc:sqlite:" + directory.resolve("sensors.db");
    await()
        .atMost(Duration.ofSeconds(60))
        .ignoreExceptions()
        .untilAsserted(
            () -> {
              assertEquals(
                  0, new ProcessBuilder(BASH.toString(), "-c", lineThatSends).start().waitFor());
              try (Connection connection = DriverManager.getConnection(database);
                  Statement statement = connection.createStatement();
                  ResultSet row =
                      statement.executeQuery(
                          "SELECT sensor, temperature, humidity, time FROM reading")) {
                assertTrue(row.next());
                assertEquals(17, row.getLong("sensor"));
                assertEquals(21.4, row.getDouble("temperature"));
                assertEquals(7.9, row.getDouble("humidity"));
                assertEquals(1751715061.12, row.getDouble("time"));
              }
            });
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

  private static String lineThatSends() throws Exception {
    Matcher line =
        Pattern.compile("^ +(echo .* > /dev/udp/127\\.0\\.0\\.1/12345)$", Pattern.MULTILINE)
            .matcher(Files.readString(README));
    assertTrue(line.find());
    return line.group(1);
  }
}
