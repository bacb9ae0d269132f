package dev.ingest.examples;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ingest.jdbc.testing.PostgresDatabase;
import dev.ingest.jdbc.testing.PostgresServer;
import dev.ingest.testing.ChildJvm;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The examples against a real PostgreSQL server, which is stopped and started meanwhile. */
class PostgresIT {
  private static final String TABLE = SensorReading.SCHEMA.name();
  private static final Duration LIMIT = Duration.ofMinutes(2);

  @TempDir Path directory;

  @Test
  void the_demo_balances_against_postgresql() throws Exception {
    try (PostgresDatabase database = PostgresServer.shared().newDatabase()) {
      // Once more into the same table, which holds rows from before then.
      for (int run = 1; run <= 2; run++) {
        try (ChildJvm demo = demo(database.sinkUri(TABLE))) {
          assertEquals(0, demo.exitStatus(), demo::toString);
          assertTrue(demo.out().contains("it balances: 25,000 sent"), demo::toString);
          assertFalse(demo.toString().contains(database.password()), demo::toString);
          assertEquals(List.of(), demo.errLinesOfProgram());
        }
      }
    }
  }

  private ChildJvm demo(String sink) {
    return ExamplesJar.start(directory, Demo.class, "--sink", sink, "--seconds", "1");
  }

  @Test
  void each_record_is_stored_once_while_servers_and_sessions_die_and_postgresql_restarts()
      throws Exception {
    Random random = new Random(5);
    List<String> options = new ArrayList<>();
    options.addAll(List.of("--rounds", "6", "--max-millis", "2500", "--seed", "5"));
    options.addAll(List.of("--directory", ".", "--end-sessions", "--sink"));
    try (PostgresServer server = PostgresServer.start("fsync=on")) {
      options.add(server.database().sinkUri(TABLE));
      try (ChildJvm test =
          ExamplesJar.start(directory, CrashTest.class, options.toArray(String[]::new))) {
        while (!test.out().contains("round   6")) {
          Thread.sleep(random.nextInt(1_500)); // when it happens is to be random
          server.stopImmediately();
          server.restart();
        }
        assertEquals(0, test.exitStatus(), test::toString);
        test.awaitOut("^each exactly once: [1-9][0-9,]+ sent, [1-9][0-9,]+ of them known");
        test.awaitOut("^sessions that were ended: [1-9]");
      }
    }
  }

  @Test
  void nothing_is_lost_while_postgresql_is_down_at_the_start_and_later() throws Exception {
    try (PostgresServer postgres = PostgresServer.start()) {
      PostgresDatabase database = postgres.database();
      postgres.stop();
      List<String> options = new ArrayList<>(List.of("--tcp", "127.0.0.1:0", "--spool", "spool"));
      options.addAll(List.of("--start-without-sink", "--queue-capacity", "500"));
      options.addAll(List.of("--sink", database.sinkUri(TABLE)));
      try (ChildJvm server =
          ExamplesJar.start(directory, SensorServer.class, options.toArray(String[]::new))) {
        int port =
            Integer.parseInt(server.awaitOut("listening on tcp://127.0.0.1:([0-9]+),").group(1));
        Lines.send(port, 0, 2_000);
        postgres.restart();
        awaitRows(database, 2_000);
        postgres.stopImmediately();
        Lines.send(port, 2_000, 4_000);
        postgres.restart();
        awaitRows(database, 4_000);
        server.signal("TERM");
        assertEquals(143, server.exitStatus(), server::toString);
        server.awaitOut("the table holds: 4,000 records");
        server.awaitOut("4,000 decoded \\+ 0 recovered = 4,000 persisted \\+ 0 dead-lettered");
      }
      assertEquals(sums(4_000), database.row(sumsOfRows()));
    }
  }

  private static void awaitRows(PostgresDatabase database, int rows) {
    await()
        .atMost(LIMIT)
        .ignoreExceptions()
        .untilAsserted(
            () -> assertEquals(rows + "", database.row("SELECT count(*) FROM " + TABLE)));
  }

  private static String sumsOfRows() {
    return "SELECT count(DISTINCT sensor_id), sum(sensor_id), sum(temperature)::bigint FROM "
        + TABLE;
  }

  private static String sums(long count) {
    long sum = count * (count - 1) / 2;
    return "%d|%d|%d".formatted(count, sum, sum + count / 2);
  }
}
