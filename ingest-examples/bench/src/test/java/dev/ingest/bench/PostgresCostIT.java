package dev.ingest.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.ingest.jdbc.testing.PostgresDatabase;
import dev.ingest.jdbc.testing.PostgresServer;
import dev.ingest.testing.ChildJvm;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PostgresCostIT {
  private static final Path JAR = Path.of("target", "ingest-bench.jar").toAbsolutePath();

  @TempDir Path directory;

  @Test
  void each_way_to_store_is_measured_and_leaves_nothing() throws Exception {
    try (PostgresServer server = PostgresServer.start()) {
      PostgresDatabase database = server.database();
      String uri =
          database.url() + "?user=" + database.user() + "&password=file:" + database.passwordFile();
      try (ChildJvm program =
          ChildJvm.in(directory)
              .withoutOptions()
              .classPath(JAR.toString())
              .start(
                  PostgresCost.class,
                  "--url",
                  uri,
                  "--sizes=10,200",
                  "--seconds=0.05",
                  "--rounds=1",
                  "--warm-up=0.05")) {
        assertEquals(0, program.exitStatus(), program::toString);
        for (String way : List.of("sink", "sink, with positions", "addBatch.*", "binary COPY")) {
          program.awaitOut("(?s)^" + way + " +[0-9.]+ .*^" + way + " +[0-9.]+ ");
        }
      }
      assertEquals(
          List.of("ingest_journal"), database.rows("SELECT relname FROM pg_stat_user_tables"));
    }
  }
}
