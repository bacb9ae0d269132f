package dev.ingest.examples;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ingest.IngestServer;
import dev.ingest.IngestServerBuilder;
import dev.ingest.cleanup.CleanupRegistry;
import dev.ingest.policy.JournalSync;
import dev.ingest.policy.Spooling;
import dev.ingest.record.Schema;
import dev.ingest.sink.Sink;
import dev.ingest.sink.SinkException;
import dev.ingest.testing.ChildJvm;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The replay tool, on files that real servers have made. */
class ReplayIT {
  private static final Duration LIMIT = Duration.ofMinutes(2);
  private static final Replay.Choice ALL = new Replay.Choice(null, null, null);

  @TempDir Path directory;

  private Path spool() {
    return directory.resolve(LeftRecords.SPOOL);
  }

  private Path letters() {
    return directory.resolve(LeftRecords.LETTERS);
  }

  private ChildJvm replay(String... args) {
    return ExamplesJar.in(directory)
        .options("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC")
        .start(Replay.class, args);
  }

  private void assertReplays(int status, String result, String... args) {
    try (ChildJvm replay = replay(args)) {
      assertEquals(status, replay.exitStatus(), replay::toString);
      replay.awaitOut("^replayed: " + result + "$");
    }
  }

  private List<String> rows(String columns, String table) throws Exception {
    List<String> rows = new ArrayList<>();
    try (Connection database =
            DriverManager.getConnection("jdbc:sqlite:" + directory.resolve("replayed.db"));
        Statement statement = database.createStatement();
        ResultSet result =
            statement.executeQuery("SELECT " + columns + " FROM " + table + " ORDER BY 1")) {
      while (result.next()) {
        rows.add(result.getString(1));
      }
    }
    return rows;
  }

  private void assertStoredOnce(int readings) throws Exception {
    List<String> numbers = rows("sensor_id", "sensor_measurements");
    assertEquals(readings, numbers.size());
    assertEquals(readings, numbers.stream().distinct().count());
  }

  @Test
  void each_record_is_stored_once_though_the_replay_is_killed_and_run_again() throws Exception {
    LeftRecords.leave(directory, 30_000, 20_000);
    String[] ofSpool = {"--spool", "spool", "--to", "sqlite:replayed.db"};
    String[] ofLetters = {"--dead-letters", "dead.ndjson", "--to", "sqlite:replayed.db"};
    Path taken = LetterSpool.directoryOf(letters());
    killWhen(() -> Files.exists(taken.resolve("replay.lock")), ofLetters);
    killWhen(() -> !names(taken, ".taken").isEmpty(), ofLetters);
    killWhen(() -> stored() > 0, ofLetters);
    long before = stored();
    killWhen(() -> stored() > before, ofSpool);
    assertReplays(0, "[0-9,]+ records stored", ofLetters);
    assertReplays(0, "[0-9,]+ records stored", ofSpool);
    assertStoredOnce(50_000);
    assertReplays(0, "0 records stored", ofLetters);
    assertReplays(0, "0 records stored", ofSpool);
    assertStoredOnce(50_000);
    assertTrue(SpoolSummary.of(spool(), ALL).contains(": 0 records wait"));
    assertTrue(LetterSummary.of(letters(), ALL).contains("taken      20,000 of them to "));
  }

  /** Kills a replay at a moment, or after it, unless it has ended before. */
  private void killWhen(Callable<Boolean> moment, String... args) throws Exception {
    try (ChildJvm replay = replay(args)) {
      await()
          .atMost(LIMIT)
          .pollDelay(Duration.ZERO)
          .pollInterval(Duration.ofMillis(1))
          .until(() -> moment.call() || !replay.isAlive());
      ProcessHandle.of(replay.pid()).ifPresent(ProcessHandle::destroyForcibly);
      replay.exitStatus();
    }
  }

  private long stored() throws Exception {
    try (SensorTable table = SensorTable.ofFile(directory.resolve("replayed.db"))) {
      return table.total();
    } catch (SQLException e) { // there is no table yet
      return 0;
    }
  }

  private static List<Path> names(Path folder, String suffix) throws Exception {
    try (Stream<Path> files = Files.list(folder)) {
      return files.filter(file -> file.toString().endsWith(suffix)).toList();
    }
  }

  @Test
  void it_shows_what_is_there_and_stores_what_is_chosen() throws Exception {
    Instant before = Instant.now();
    LeftRecords.leave(directory, 7, 3);
    try (IngestServer server =
        LeftRecords.server(SensorReading.SCHEMA, LeftRecords.REFUSES)
            .deadLetters(letters())
            .build()
            .start()) {
      String hostile = "{\"x\u001b[31m\u202e\u0085";
      send(server, hostile.getBytes(UTF_8));
      send(server, new byte[] {'{', (byte) 0xff, 0x1b, '\r', '\n', 'x'});
      send(server, "x\n".repeat(1_000).getBytes(UTF_8));
      await().atMost(LIMIT).until(() -> server.stats().messages().rejected() == 3);
    }
    Files.writeString(letters(), Files.readString(letters()) + "{\"time\":\"torn");
    try (ChildJvm shown = replay("--dead-letters", "dead.ndjson")) {
      assertEquals(0, shown.exitStatus(), shown::toString);
      shown.awaitOut("^dead.ndjson: 6 dead letters");
      shown.awaitOut("^reasons    BAD_UTF8 1, MALFORMED_JSON 2, REFUSED 3$");
      shown.awaitOut("^cut        1 of them");
      shown.awaitOut("^no letter  1 lines");
      assertTrue(shown.out().contains("\\u001b[31m\\u202e\\u0085"), shown::toString);
      assertTrue(shown.out().contains("{\u00ff\\u001b\\u000d\\u000ax"), shown::toString);
      assertFalse(shown.out().matches("(?s).*[\\x00-\\x09\\x0b-\\x1f\\x7f].*"), shown::toString);
    }
    try (ChildJvm shown = replay("--spool", "spool")) {
      assertEquals(0, shown.exitStatus(), shown::toString);
      shown.awaitOut("^spool: 7 records wait to be stored, [0-9]+ bytes, in 1 segments$");
      assertTrue(shown.out().contains("{\"sensor_id\":"), shown::toString);
    }
    String counts = LetterSummary.of(letters(), new Replay.Choice(List.of("refused"), null, null));
    assertTrue(counts.startsWith(letters() + ": 3 dead letters"), counts);
    counts = LetterSummary.of(letters(), new Replay.Choice(null, null, before));
    assertTrue(counts.startsWith(letters() + ": 0 dead letters"), counts);
    counts = LetterSummary.of(letters(), new Replay.Choice(null, before, null));
    assertTrue(counts.startsWith(letters() + ": 6 dead letters"), counts);
    String[] to = {"--dead-letters", "dead.ndjson", "--to", "sqlite:replayed.db"};
    assertReplays(0, "3 records stored", with(to, "--reason", "REFUSED"));
    assertReplays(1, "0 records stored, 2 refused, see dead.ndjson.replay.unreadable.ndjson", to);
    assertStoredOnce(3);
  }

  @Test
  void letters_are_replayed_where_digits_are_written_otherwise() throws Exception {
    LeftRecords.leave(directory, 0, 3);
    try (ChildJvm replay =
        ExamplesJar.in(directory)
            .options("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Duser.language=fa")
            .start(Replay.class, "--dead-letters", "dead.ndjson", "--to", "sqlite:replayed.db")) {
      assertEquals(0, replay.exitStatus(), replay::toString);
    }
    assertStoredOnce(3);
  }

  @Test
  void a_replay_goes_on_when_the_sink_fails_and_recovers() throws Exception {
    LeftRecords.leave(directory, 10, 0);
    AtomicInteger writes = new AtomicInteger();
    Sink failsAtFirst =
        batch -> {
          if (writes.incrementAndGet() < 4) {
            throw SinkException.retryable("it is down");
          }
        };
    IngestServerBuilder receiver =
        IngestServer.builder()
            .schema(SensorReading.SCHEMA)
            .sink(failsAtFirst)
            .cleanupRegistry(CleanupRegistry.create());
    assertEquals(0, ReplayServer.run(receiver, spool()));
    assertTrue(SpoolSummary.of(spool(), ALL).contains(": 0 records wait"));
  }

  @Test
  void letters_that_a_killed_replay_took_are_stored_once_though_their_spool_is_replayed_by_itself()
      throws Exception {
    LeftRecords.leave(directory, 0, 3);
    Path spool = LetterSpool.directoryOf(letters());
    try (LetterSpool killed = LetterSpool.open(spool)) {
      new LetterFiles(letters()).read(killed::add);
      killed.commit();
    }
    Path list = names(spool, ".taken").get(0);
    Files.move(list, list.resolveSibling(list.getFileName() + ".tmp"));
    String to = "sqlite:replayed.db";
    assertReplays(0, "3 records stored", "--spool", "dead.ndjson.replay", "--to", to);
    assertReplays(0, "0 records stored", "--dead-letters", "dead.ndjson", "--to", to);
    assertStoredOnce(3);
  }

  private static String[] with(String[] args, String... more) {
    List<String> all = new ArrayList<>(List.of(args));
    all.addAll(List.of(more));
    return all.toArray(String[]::new);
  }

  private static void send(IngestServer server, byte[] datagram) throws Exception {
    try (DatagramSocket socket = new DatagramSocket()) {
      int port = HostAndPort.of((InetSocketAddress) server.localAddresses().get(1)).port();
      socket.send(
          new DatagramPacket(datagram, datagram.length, InetAddress.getLoopbackAddress(), port));
    }
  }

  @Test
  void what_the_server_had_set_is_kept() throws Exception {
    Schema schema = Schema.builder("events").integer("n").receivedAt("at").sender("sender").build();
    try (IngestServer server =
        LeftRecords.server(schema, LeftRecords.REFUSES).deadLetters(letters()).build().start()) {
      try (Socket socket =
          new Socket(InetAddress.getLoopbackAddress(), server.localAddress().getPort())) {
        socket.getOutputStream().write("{\"n\":1}\r\n{\"n\":2}\r\n".getBytes(UTF_8));
        await().atMost(LIMIT).until(() -> server.stats().records().deadLettered() == 2);
      }
    }
    List<Letter> refused = new ArrayList<>();
    new LetterFiles(letters()).read((identity, letter) -> refused.add(letter));
    Files.writeString(
        directory.resolve("schema.json"),
        """
        {"name": "events", "fields": [{"integer": "n"}, {"receivedAt": "at"}, {"sender": "sender"}]}
        """);
    assertReplays(
        0,
        "2 records stored",
        "--dead-letters",
        "dead.ndjson",
        "--schema",
        "schema.json",
        "--to",
        "sqlite:replayed.db");
    assertEquals(refused.stream().map(Letter::source).toList(), rows("sender", "events"));
    double arrival = Double.parseDouble(rows("at", "events").get(0));
    Instant at = refused.get(0).arrival();
    assertEquals(at.getEpochSecond() + at.getNano() / 1e9, arrival, 1e-6);
  }

  @ParameterizedTest
  @CsvSource({"tcp, 0", "udp, 1"})
  void it_sends_to_a_server(String scheme, int source) throws Exception {
    LeftRecords.leave(directory, 600, 0);
    ConcurrentLinkedQueue<Long> stored = new ConcurrentLinkedQueue<>();
    Sink sink =
        batch -> {
          for (int row = 0; row < batch.size(); row++) {
            stored.add(batch.getLong(row, 0));
          }
        };
    try (IngestServer server = LeftRecords.server(SensorReading.SCHEMA, sink).build().start()) {
      int port = ((InetSocketAddress) server.localAddresses().get(source)).getPort();
      String to = scheme + "://127.0.0.1:" + port;
      assertReplays(0, "600 records stored", "--spool", "spool", "--to", to);
      await().atMost(LIMIT).until(() -> stored.size() == 600);
      assertEquals(600, stored.stream().distinct().count());
    }
    assertTrue(SpoolSummary.of(spool(), ALL).contains(": 0 records wait"));
  }

  @Test
  void a_spool_that_a_server_has_is_shown_and_not_replayed() throws Exception {
    try (IngestServer server =
        LeftRecords.server(SensorReading.SCHEMA, LeftRecords.FAILS)
            .spool(Spooling.in(spool()).journal(JournalSync.NEVER))
            .build()
            .start()) {
      Lines.send(server.localAddress().getPort(), 0, 10);
      await().atMost(LIMIT).until(() -> server.stats().records().decoded() == 10);
      String shown = SpoolSummary.of(spool(), ALL);
      assertTrue(shown.contains(": 10 records wait to be stored"), shown);
      assertIsRefused(
          "error: nothing was replayed, since the spool is in use: end that server first .*",
          "--spool",
          "spool",
          "--to",
          "sqlite:replayed.db");
    }
  }

  private void assertIsRefused(String error, String... args) {
    try (ChildJvm replay = replay(args)) {
      assertEquals(1, replay.exitStatus(), replay::toString);
      List<String> lines = replay.errLinesOfProgram();
      assertTrue(lines.size() == 1 && lines.get(0).matches(error), replay::toString);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "--spool, there is no spool directory nosuch",
    "--dead-letters, there is no dead-letter file nosuch"
  })
  void what_is_not_there_is_not_made(String option, String error) {
    assertIsRefused("error: " + error, option, "nosuch", "--to", "sqlite:replayed.db");
    assertTrue(Files.notExists(directory.resolve("nosuch")));
    assertTrue(Files.notExists(directory.resolve("nosuch.replay")));
    assertTrue(Files.notExists(directory.resolve("replayed.db")));
  }
}
