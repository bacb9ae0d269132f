package dev.ingest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ingest.testing.ChildJvm;
import java.io.File;
import java.io.IOException;
import java.io.StringWriter;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;

/** The project of somebody who uses the library, with a sink of its own, to compile and run. */
final class Consumer {
  static final String PROVIDER =
      """
      package consumer;

      import dev.ingest.record.RecordBatch;
      import dev.ingest.sink.Sink;
      import dev.ingest.sink.SinkConfig;
      import dev.ingest.sink.SinkProvider;
      import java.util.Set;

      public final class SumProvider implements SinkProvider {
        static long sum;

        public SumProvider() {}

        @Override
        public String scheme() {
          return "sum";
        }

        @Override
        public Sink create(SinkConfig config) {
          config.requireKnownOptions(Set.of("factor"));
          long factor = config.option("factor").map(Long::valueOf).orElse(1L);
          return (RecordBatch batch) -> {
            for (int row = 0; row < batch.size(); row++) {
              sum += factor * batch.getLong(row, 0);
            }
          };
        }
      }
      """;

  static final String MAIN =
      """
      package consumer;

      import static java.nio.charset.StandardCharsets.UTF_8;

      import dev.ingest.IngestServer;
      import dev.ingest.IngestServerBuilder;
      import dev.ingest.record.Schema;
      import java.net.DatagramPacket;
      import java.net.DatagramSocket;

      final class Main {
        private Main() {}

        public static void main(String[] args) throws Exception {
          IngestServerBuilder builder =
              IngestServer.builder().schema(Schema.builder("numbers").integer("n").build());
          IngestServer server = builder.sink("sum:here?factor=10").build().start();
          try (server; DatagramSocket socket = new DatagramSocket()) {
            byte[] json = "[{\\"n\\":1},{\\"n\\":2}]".getBytes(UTF_8);
            socket.send(new DatagramPacket(json, json.length, server.localAddress()));
            while (server.stats().records().persisted() < 2) {
              Thread.onSpinWait();
            }
          }
          System.out.println("sum " + SumProvider.sum);
          System.out.println("module " + IngestServer.class.getModule().getName());
          for (String uri : args) {
            try {
              System.out.println(builder.sink(uri).build());
            } catch (IllegalArgumentException e) {
              System.out.println(e.getMessage());
            }
          }
        }
      }
      """;

  private final Path directory;
  private final Path classes;

  Consumer(Path directory) throws IOException {
    this.directory = directory;
    this.classes = Files.createDirectories(directory.resolve("classes"));
  }

  Path classes() {
    return classes;
  }

  /** The library and what it needs. */
  private static String libraries() {
    return location(IngestServer.class)
        + File.pathSeparator
        + location(tools.jackson.core.JsonParser.class);
  }

  private static Path location(Class<?> type) {
    try {
      return Path.of(type.getProtectionDomain().getCodeSource().getLocation().toURI());
    } catch (URISyntaxException e) {
      throw new AssertionError(e);
    }
  }

  Path write(String name, String text) throws IOException {
    Path file = directory.resolve(name);
    Files.createDirectories(file.getParent());
    return Files.writeString(file, text);
  }

  /** Compiles with every warning an error; {@code path} is the option for the libraries. */
  void compile(String path, Path... sources) throws IOException {
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    StringWriter messages = new StringWriter();
    List<String> options =
        List.of("--release", "17", "-Xlint:all", "-Werror", "-d", classes.toString(), path);
    try (StandardJavaFileManager files = compiler.getStandardFileManager(null, null, null)) {
      List<String> all = new ArrayList<>(options);
      all.add(libraries());
      boolean compiled =
          compiler
              .getTask(messages, files, null, all, null, files.getJavaFileObjects(sources))
              .call();
      assertTrue(compiled, messages::toString);
    }
  }

  /** The class path, or module path, that it runs with. */
  String path() {
    return classes + File.pathSeparator + libraries();
  }

  /** Prepares a JVM to run it in. */
  ChildJvm.Launcher jvm() {
    return ChildJvm.in(directory);
  }

  /** Waits until it has ended well; returns what it has printed. */
  static List<String> output(ChildJvm program) {
    try (program) {
      assertEquals(0, program.exitStatus(), program::toString);
      return program.outLines();
    }
  }
}
