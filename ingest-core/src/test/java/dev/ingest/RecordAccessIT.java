package dev.ingest;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ingest.record.Schema;
import dev.ingest.sink.Sink;
import dev.ingest.testing.ChildJvm;
import dev.ingest.testing.Network;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Records of somebody who uses the library: where the server can make them, and where not. */
class RecordAccessIT {
  private static final String PRIVATE =
      """
      package consumer;

      import static java.nio.charset.StandardCharsets.UTF_8;

      import consumer.api.Exported;
      import dev.ingest.IngestServer;
      import dev.ingest.record.Schema;
      import dev.ingest.sink.Sink;
      import java.net.DatagramPacket;
      import java.net.DatagramSocket;
      import java.util.concurrent.CountDownLatch;

      final class Main {
        private record Hidden(long n) {}

        private Main() {}

        public static void main(String[] args) throws Exception {
          store(Exported.class);
          try {
            store(Hidden.class);
          } catch (IllegalArgumentException e) {
            System.out.println(e.getMessage());
          }
        }

        private static <R extends Record> void store(Class<R> type) throws Exception {
          CountDownLatch stored = new CountDownLatch(1);
          Sink sink =
              Sink.ofRecords(
                  type,
                  records -> {
                    System.out.println(records);
                    stored.countDown();
                  });
          IngestServer server =
              IngestServer.builder().schema(Schema.of(type)).sink(sink).build().start();
          try (server; DatagramSocket socket = new DatagramSocket()) {
            byte[] json = "{\\"n\\":17}".getBytes(UTF_8);
            socket.send(new DatagramPacket(json, json.length, server.localAddress()));
            stored.await();
          }
        }
      }
      """;

  private static final String SENSORS =
      """
      import dev.ingest.CloseReason;
      import dev.ingest.IngestServer;
      import dev.ingest.record.Schema;
      import dev.ingest.sink.Sink;
      import java.time.Instant;

      public class Sensors {
        record Reading(long sensor, double temperature, double humidity, Instant time) {}

        public static void main(String[] args) throws Exception {
          IngestServer server = IngestServer.builder()
              .schema(Schema.of(Reading.class))
              .bind("0.0.0.0", 12345)
              .sink(Sink.ofRecords(Reading.class, readings -> readings.forEach(System.out::println)))
              .build().start();
          // Waits until Ctrl-C or SIGTERM, which drain the server before the process ends.
          System.exit(server.awaitClose() == CloseReason.FAILED ? 1 : 0);
        }
      }
      """;

  @TempDir Path directory;

  @Test
  void a_module_exports_its_public_records_or_opens_them() throws Exception {
    assertEquals(
        List.of(
            "[Exported[n=17]]",
            "record consumer.Main$Hidden cannot be made, since its module consumer does not open"
                + " it: add 'opens consumer to dev.ingest.core;' to the module-info.java of"
                + " consumer"),
        run("closed", "exports consumer.api;"));
    assertEquals(
        List.of("[Exported[n=17]]", "[Hidden[n=17]]"),
        run("opened", "exports consumer.api; opens consumer to dev.ingest.core;"));
  }

  private List<String> run(String name, String directives) throws Exception {
    Consumer consumer = new Consumer(directory.resolve(name));
    consumer.compile(
        "--module-path",
        consumer.write(
            "src/module-info.java",
            "module consumer { requires dev.ingest.core; " + directives + " }"),
        consumer.write(
            "src/consumer/api/Exported.java",
            "package consumer.api;\n\npublic record Exported(long n) {}\n"),
        consumer.write("src/consumer/Main.java", PRIVATE));
    return Consumer.output(
        consumer.jvm().modulePath(consumer.path()).startModule("consumer/consumer.Main"));
  }

  @Test
  void a_program_on_the_class_path_hands_readings_to_a_lambda() throws Exception {
    Consumer consumer = new Consumer(directory);
    int port = Network.unusedPort();
    String bind = "\"0.0.0.0\", 12345";
    assertTrue(SENSORS.contains(bind));
    consumer.compile(
        "--class-path",
        consumer.write("src/Sensors.java", SENSORS.replace(bind, "\"127.0.0.1\", " + port)));
    try (ChildJvm program = consumer.jvm().classPath(consumer.path()).start("Sensors");
        Sender sender = new Sender(new InetSocketAddress(InetAddress.getLoopbackAddress(), port))) {
      byte[] reading =
          "{\"sensor\":17,\"temperature\":21.4,\"humidity\":7.9,\"time\":1751715061.12}"
              .getBytes(UTF_8);
      Ledgers.await(
          () -> {
            sender.send(reading);
            return program.outLines().stream().anyMatch(line -> line.endsWith("]"));
          });
      assertEquals(
          "Reading[sensor=17, temperature=21.4, humidity=7.9, time=2025-07-05T11:31:01.120Z]",
          program.outLines().get(0));
    }
  }

  @Test
  void a_record_has_as_many_components_as_a_call_takes() throws Exception {
    Consumer consumer = new Consumer(directory);
    consumer.compile(
        "--class-path",
        consumer.write("src/Longs.java", wide("Longs", "long", 125)),
        consumer.write("src/TooLong.java", wide("TooLong", "double", 126)),
        consumer.write("src/Texts.java", wide("Texts", "String", 250)),
        consumer.write("src/TooWide.java", wide("TooWide", "int", 251)));
    try (URLClassLoader loader =
        new URLClassLoader(new URL[] {consumer.classes().toUri().toURL()})) {
      assertEquals(125, stored(load(loader, "Longs"), "%d").getRecordComponents().length);
      assertEquals(250, stored(load(loader, "Texts"), "\"%d\"").getRecordComponents().length);
      for (String refused : List.of("TooLong", "TooWide")) {
        Class<? extends Record> type = load(loader, refused);
        String message =
            assertThrows(IllegalArgumentException.class, () -> Sink.ofRecords(type, records -> {}))
                .getMessage();
        assertTrue(message.startsWith("record " + refused + " has 25"), message);
      }
    }
  }

  private static String wide(String name, String type, int components) {
    return IntStream.range(0, components)
        .mapToObj(i -> type + " c" + i)
        .collect(Collectors.joining(", ", "public record " + name + "(", ") {}\n"));
  }

  private static Class<? extends Record> load(ClassLoader loader, String name) throws Exception {
    return loader.loadClass(name).asSubclass(Record.class);
  }

  /** Stores a record whose components are numbered, and compares them. */
  private static <R extends Record> Class<R> stored(Class<R> type, String value) throws Exception {
    int components = type.getRecordComponents().length;
    List<R> stored = new ArrayList<>();
    try (IngestServer server =
            TestServers.builder(Sink.ofRecords(type, stored::addAll))
                .schema(Schema.of(type))
                .build()
                .start();
        Sender sender = new Sender(server)) {
      sender.send(
          IntStream.range(0, components)
              .mapToObj(i -> "\"c" + i + "\":" + value.formatted(i))
              .collect(Collectors.joining(",", "{", "}")));
      Ledgers.await(server, stats -> stats.records().persisted() == 1);
    }
    String expected =
        IntStream.range(0, components)
            .mapToObj(i -> "c" + i + "=" + i)
            .collect(Collectors.joining(", ", type.getName() + "[", "]"));
    assertEquals(expected, stored.get(0).toString());
    return type;
  }
}
