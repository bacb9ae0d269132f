package dev.ingest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledForJreRange;
import org.junit.jupiter.api.condition.JRE;
import org.junit.jupiter.api.io.TempDir;

class ClassPathIT {
  /** It needs a class that will be missing: the jar of a driver, say, that was left out. */
  private static final String UNLINKABLE =
      """
      package consumer;

      import dev.ingest.sink.Sink;
      import dev.ingest.sink.SinkConfig;
      import dev.ingest.sink.SinkProvider;

      public final class Unlinkable extends Missing implements SinkProvider {
        public Unlinkable() {}

        @Override
        public String scheme() {
          return "unlinkable";
        }

        @Override
        public Sink create(SinkConfig config) {
          return batch -> {};
        }
      }

      class Missing {}
      """;

  private static final String THROWING =
      """
      package consumer;

      import dev.ingest.sink.Sink;
      import dev.ingest.sink.SinkConfig;
      import dev.ingest.sink.SinkProvider;

      public final class Throwing implements SinkProvider {
        public Throwing() {
          throw new IllegalStateException("not today");
        }

        @Override
        public String scheme() {
          return "throwing";
        }

        @Override
        public Sink create(SinkConfig config) {
          return batch -> {};
        }
      }
      """;

  @TempDir Path directory;

  @Test
  void a_program_on_the_class_path_uses_the_library_and_provides_a_sink_beside_broken_ones()
      throws Exception {
    Consumer consumer = new Consumer(directory);
    consumer.compile(
        "--class-path",
        consumer.write("src/consumer/Unlinkable.java", UNLINKABLE),
        consumer.write("src/consumer/Throwing.java", THROWING),
        consumer.write("src/consumer/SumProvider.java", Consumer.PROVIDER),
        consumer.write("src/consumer/Main.java", Consumer.MAIN));
    Files.delete(consumer.classes().resolve("consumer/Missing.class"));
    consumer.write(
        "classes/META-INF/services/dev.ingest.sink.SinkProvider",
        """
        consumer.NotThere
        consumer.Unlinkable
        consumer.Throwing
        consumer.SumProvider
        """);
    List<String> printed =
        Consumer.output(
            consumer
                .jvm()
                .classPath(consumer.path())
                .start("consumer.Main", "unlinkable:here", "sum:here?facter=2"));
    assertEquals("sum 30", printed.get(0));
    assertEquals("module null", printed.get(1));
    String unknown = printed.get(2);
    assertTrue(unknown.contains("unknown scheme 'unlinkable': found only [sum];"), unknown);
    for (String broken : List.of("NotThere", "Missing", "Throwing")) {
      assertTrue(unknown.contains(broken), unknown);
    }
    assertEquals(
        "sink URI 'sum:here?facter=***' has the unknown option 'facter': expected one of [factor]",
        printed.get(3));
  }

  @Test
  @EnabledForJreRange(min = JRE.JAVA_24, disabledReason = "nothing native can be denied before")
  void a_program_without_native_access_receives_datagrams() throws Exception {
    Consumer consumer = new Consumer(directory);
    consumer.compile(
        "--class-path",
        consumer.write("src/consumer/SumProvider.java", Consumer.PROVIDER),
        consumer.write("src/consumer/Main.java", Consumer.MAIN));
    consumer.write(
        "classes/META-INF/services/dev.ingest.sink.SinkProvider", "consumer.SumProvider\n");
    List<String> printed =
        Consumer.output(
            consumer
                .jvm()
                .options("--illegal-native-access=deny")
                .classPath(consumer.path())
                .start("consumer.Main", "nowhere:", "sum:here?facter=2"));
    assertEquals("sum 30", printed.get(0));
  }
}
