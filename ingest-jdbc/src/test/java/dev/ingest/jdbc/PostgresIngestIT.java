package dev.ingest.jdbc;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.ingest.IngestServer;
import dev.ingest.IngestServerBuilder;
import dev.ingest.cleanup.CleanupRegistry;
import dev.ingest.jdbc.testing.PostgresDatabase;
import dev.ingest.jdbc.testing.PostgresServer;
import dev.ingest.policy.JournalSync;
import dev.ingest.policy.RetryPolicy;
import dev.ingest.policy.Spooling;
import dev.ingest.testing.ChildJvm;
import dev.ingest.testing.JournalProgram;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** From datagrams to rows, with a spool, while a PostgreSQL server comes and goes. */
@Timeout(300)
class PostgresIngestIT {
  /** As many small datagrams fit a receive buffer of 208 KiB, the default limit of Linux. */
  private static final int WINDOW = 128;

  @TempDir Path directory;
  private PostgresServer server;
  private PostgresDatabase database;

  @BeforeEach
  void start() throws Exception {
    server = PostgresServer.start();
    database = server.newDatabase();
  }

  @AfterEach
  void end() throws Exception {
    server.close();
  }

  private IngestServerBuilder builder(String spool) {
    return IngestServer.builder()
        .schema(Writing.SCHEMA)
        .sink(database.sinkUri("t"))
        .spool(Spooling.in(directory.resolve(spool)).journal(JournalSync.NEVER))
        .retryPolicy(
            RetryPolicy.builder()
                .firstDelay(Duration.ofMillis(1))
                .maxDelay(Duration.ofMillis(20))
                .build())
        .cleanupRegistry(CleanupRegistry.create());
  }

  /** Sends numbers at the pace at which the server receives them. */
  private static void send(IngestServer ingest, int from, int to) throws Exception {
    long before = seen(ingest);
    try (DatagramSocket socket = new DatagramSocket()) {
      for (int start = from; start < to; start += WINDOW) {
        int end = Math.min(to, start + WINDOW);
        for (int i = start; i < end; i++) {
          send(socket, ingest.localAddress().getPort(), i);
        }
        long sent = before + end - from;
        await()
            .pollDelay(Duration.ZERO)
            .pollInterval(Duration.ofMillis(1))
            .atMost(Writing.SOON)
            .until(() -> seen(ingest) >= sent);
      }
    }
    assertEquals(0, ingest.stats().kernelDrops().orElse(0), "the kernel dropped some");
  }

  private static long seen(IngestServer ingest) {
    return ingest.stats().messages().received() + ingest.stats().kernelDrops().orElse(0);
  }

  private static void send(DatagramSocket socket, int port, int number) throws IOException {
    byte[] bytes = ("{\"i\":" + number + "}").getBytes(UTF_8);
    socket.send(new DatagramPacket(bytes, bytes.length, InetAddress.getLoopbackAddress(), port));
  }

  private static void awaitStored(IngestServer ingest, long count) {
    await()
        .atMost(Writing.SOON)
        .until(
            () ->
                ingest.stats().records().persisted() >= count
                    && ingest.stats().records().spooled() == 0);
  }

  private void assertEachOnce(int count) throws Exception {
    assertEquals(count + "|" + count, Writing.counts(database));
  }

  @Test
  void nothing_is_lost_or_duplicated_while_the_server_is_stopped_and_killed_under_load()
      throws Exception {
    int count = 40_000;
    try (IngestServer ingest = builder("spool").build().start()) {
      WriterThread sender = new WriterThread(batch -> {});
      WriterThread.Call sending = sender.begin(() -> send(ingest, 0, count));
      for (int i = 1; i <= 4; i++) {
        long stored = i * 4_000L;
        await().atMost(Writing.SOON).until(() -> ingest.stats().records().persisted() >= stored);
        if (i % 2 == 0) {
          server.kill();
        } else {
          server.stopImmediately();
        }
        server.restart();
      }
      sending.join();
      assertEquals(null, sending.failure);
      awaitStored(ingest, count);
      assertEquals(0, ingest.stats().records().deadLettered());
    }
    assertEachOnce(count);
  }

  @Test
  void a_server_that_is_down_at_the_start_and_gone_later_gets_all_that_was_spooled()
      throws Exception {
    server.stop();
    try (IngestServer ingest = builder("spool").startWithoutSink(true).build().start()) {
      send(ingest, 0, 1_000);
      server.restart();
      awaitStored(ingest, 1_000);
      assertEachOnce(1_000);
      server.stop();
      send(ingest, 1_000, 5_000);
      server.restart();
      awaitStored(ingest, 5_000);
    }
    assertEachOnce(5_000);
  }

  @Test
  void two_servers_write_to_one_table() throws Exception {
    try (IngestServer one = builder("one").build().start();
        IngestServer two = builder("two").build().start()) {
      WriterThread sender = new WriterThread(batch -> {});
      WriterThread.Call sending = sender.begin(() -> send(one, 0, 5_000));
      send(two, 5_000, 10_000);
      sending.join();
      assertEquals(null, sending.failure);
      awaitStored(one, 5_000);
      awaitStored(two, 5_000);
    }
    assertEachOnce(10_000);
  }

  /**
   * The statement is in the server when the process that sent it is killed, and commits after that.
   * The next run asks what is stored while it is still open.
   */
  @Test
  void records_are_stored_once_if_the_process_is_killed_while_a_commit_is_in_flight()
      throws Exception {
    String uri = database.sinkUri("t", Writing.PATIENT);
    String spool = directory.resolve("spool").toString();
    try (Connection other = database.connect();
        Statement statement = other.createStatement()) {
      try (ChildJvm program = ChildJvm.in(directory).start(JournalProgram.class, uri, spool)) {
        int port = port(program);
        send(port, 0, 100);
        program.writeLine("100");
        program.awaitOut("^stored 100$");
        other.setAutoCommit(false);
        statement.execute("LOCK TABLE t");
        send(port, 100, 200);
        awaitWaiting(1);
        program.signal("KILL");
        program.exitStatus();
      }
      assertEquals(1, waiting().size(), "the statement has gone with its process");
      try (ChildJvm program = ChildJvm.in(directory).start(JournalProgram.class, uri, spool)) {
        awaitWaiting(2);
        other.commit();
        int port = port(program);
        send(port, 200, 300);
        program.writeLine("100"); // those of the run before are stored, and not replayed
        program.awaitOut("^stored 100$");
      }
    }
    List<String> missing =
        database.rows(
            "SELECT i FROM generate_series(0, 299) i WHERE NOT EXISTS (SELECT FROM t WHERE t.i ="
                + " i.i)");
    assertEquals(List.of(), missing);
    assertEachOnce(300);
  }

  private static int port(ChildJvm program) {
    return Integer.parseInt(program.awaitOut("port (\\d+)").group(1));
  }

  private static void send(int port, int from, int to) throws IOException {
    try (DatagramSocket socket = new DatagramSocket()) {
      for (int i = from; i < to; i++) {
        send(socket, port, i);
      }
    }
  }

  private List<Long> waiting() throws Exception {
    return database.backends("wait_event_type = 'Lock'");
  }

  private void awaitWaiting(int count) {
    await().atMost(Writing.SOON).until(() -> waiting().size() == count);
  }
}
