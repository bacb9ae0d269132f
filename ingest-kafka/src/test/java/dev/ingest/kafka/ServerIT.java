package dev.ingest.kafka;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.ingest.kafka.testing.KafkaBroker;
import dev.ingest.sink.SinkProvider;
import dev.ingest.testing.ChildJvm;
import host.ServerProgram;
import java.io.File;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.kafka.clients.producer.Producer;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.Logger;
import tools.jackson.core.JsonParser;

/** The sink in a server that finds it by its URI. */
class ServerIT {
  @TempDir Path directory;

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void the_sink_is_found_on_the_class_path_and_on_the_module_path(boolean modules)
      throws Exception {
    KafkaBroker broker = KafkaBroker.shared();
    String topic = TestSinks.name("server");
    broker.createTopic(topic, 1);
    ChildJvm.Launcher launcher = ChildJvm.in(directory);
    if (modules) {
      launcher
          .classPath(locationOf(ServerProgram.class)) // the modules are not on it
          .modulePath(
              Stream.of(
                      KafkaSinkProvider.class,
                      SinkProvider.class,
                      JsonParser.class,
                      Producer.class,
                      Logger.class)
                  .map(ServerIT::locationOf)
                  .collect(Collectors.joining(File.pathSeparator)))
          .options("--add-modules", "dev.ingest.kafka");
    }
    try (ChildJvm program =
        launcher.start(ServerProgram.class, "kafka:" + broker.bootstrap() + "/" + topic)) {
      assertEquals(0, program.exitStatus(), program::toString);
      assertEquals(List.of(modules ? "dev.ingest.core" : "null"), program.outLines());
    }
    assertEquals(LoadedServer.ids(0, 10), LoadedServer.ids(broker, topic));
  }

  private static String locationOf(Class<?> type) {
    return Path.of(URI.create(type.getProtectionDomain().getCodeSource().getLocation().toString()))
        .toString();
  }
}
