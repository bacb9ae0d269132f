package dev.ingest.jdbc.testing;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.ingest.testing.ChildJvm;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.regex.Matcher;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the other tests take for granted of their server. */
class PostgresServerIT {
  private static final Duration SOON = Duration.ofMinutes(2);

  @TempDir Path directory;

  @Test
  void what_is_stored_is_there_after_each_way_to_end_and_nothing_is_after_the_close()
      throws Exception {
    PostgresServer server = PostgresServer.start("fsync=on");
    try (server) {
      PostgresDatabase database = server.database();
      database.execute("CREATE TABLE t (i integer)", "INSERT INTO t VALUES (1)");
      server.stop();
      assertThrows(SQLException.class, database::connect);
      server.restart();
      database.execute("INSERT INTO t VALUES (2)");
      server.stopImmediately();
      server.restart();
      database.execute("INSERT INTO t VALUES (3)");
      server.kill();
      server.restart();
      server.freeze();
      server.thaw();
      assertEquals(List.of("1", "2", "3"), database.rows("SELECT i FROM t"));
      assertEquals("on", database.row("SHOW fsync"));
      server.freeze(); // a frozen server can be closed, too
    }
    assertFalse(Files.exists(server.database().passwordFile().getParent()));
  }

  @Test
  void it_ends_with_the_jvm_that_started_it_even_if_that_is_killed() throws Exception {
    PostgresServer.start().close(); // or the test is skipped where there is no PostgreSQL
    try (ChildJvm jvm = ChildJvm.in(directory).start(PostgresServer.class, "t")) {
      Matcher uri = jvm.awaitOut("password=file:(.*)/secret$");
      List<ProcessHandle> server = jvm.descendants();
      jvm.signal("KILL");
      jvm.exitStatus();
      await().atMost(SOON).until(() -> server.stream().noneMatch(ProcessHandle::isAlive));
      await().atMost(SOON).until(() -> !Files.exists(Path.of(uri.group(1))));
    }
  }
}
