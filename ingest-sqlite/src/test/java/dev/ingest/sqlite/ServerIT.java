package dev.ingest.sqlite;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.ingest.sink.SinkProvider;
import dev.ingest.testing.ChildJvm;
import host.ServerProgram;
import java.io.File;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.sqlite.JDBC;
import tools.jackson.core.JsonParser;

/** The sink in a server that finds it by its URI. */
class ServerIT {
  @TempDir Path directory;

  @Test
  @Timeout(300)
  void a_server_stores_what_it_receives() throws Exception {
    Path file = directory.resolve("test.db");
    ServerProgram.serve("sqlite:" + file + "?synchronous=off", 1000);
    try (Database database = new Database(file)) {
      assertEquals("1000|499500", database.value("SELECT COUNT(*), SUM(i) FROM t"));
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void the_sink_is_found_on_the_class_path_and_on_the_module_path(boolean modules)
      throws Exception {
    Path file = directory.resolve("test.db");
    ChildJvm.Launcher launcher = ChildJvm.in(directory);
    if (modules) {
      launcher
          .classPath(locationOf(ServerProgram.class)) // the modules are not on it
          .modulePath(
              Stream.of(SqliteSinkProvider.class, SinkProvider.class, JsonParser.class, JDBC.class)
                  .map(ServerIT::locationOf)
                  .collect(Collectors.joining(File.pathSeparator)))
          .options("--add-modules", "dev.ingest.sqlite");
    }
    try (ChildJvm program = launcher.start(ServerProgram.class, "sqlite:" + file)) {
      assertEquals(0, program.exitStatus(), program::toString);
      assertEquals(List.of(modules ? "dev.ingest.core" : "null"), program.outLines());
    }
    try (Database database = new Database(file)) {
      assertEquals("10|45", database.value("SELECT COUNT(*), SUM(i) FROM t"));
    }
  }

  private static String locationOf(Class<?> type) {
    return Path.of(URI.create(type.getProtectionDomain().getCodeSource().getLocation().toString()))
        .toString();
  }
}
