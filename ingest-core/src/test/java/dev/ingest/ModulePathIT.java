package dev.ingest;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ModulePathIT {
  @TempDir Path directory;

  @Test
  void a_module_uses_the_library_and_provides_a_sink() throws Exception {
    Consumer consumer = new Consumer(directory);
    consumer.compile(
        "--module-path",
        consumer.write(
            "src/module-info.java",
            """
            module consumer {
              requires dev.ingest.core;

              provides dev.ingest.sink.SinkProvider with
                  consumer.SumProvider;
            }
            """),
        consumer.write("src/consumer/SumProvider.java", Consumer.PROVIDER),
        consumer.write("src/consumer/Main.java", Consumer.MAIN));
    List<String> printed =
        Consumer.output(
            consumer
                .jvm()
                .modulePath(consumer.path())
                .startModule("consumer/consumer.Main", "sums:here"));
    assertEquals("sum 30", printed.get(0));
    assertEquals("module dev.ingest.core", printed.get(1));
    assertEquals(
        "sink URI 'sums:***' has the unknown scheme 'sums': found only [sum];"
            + " is the sink's module or jar a dependency?",
        printed.get(2));
  }
}
