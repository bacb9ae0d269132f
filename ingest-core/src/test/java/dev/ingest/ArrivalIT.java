package dev.ingest;

import static dev.ingest.Events.array;
import static dev.ingest.Events.event;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.ingest.policy.JournalSync;
import dev.ingest.policy.OverflowPolicy;
import dev.ingest.policy.RetryPolicy;
import dev.ingest.policy.Spooling;
import dev.ingest.record.RecordBatch;
import dev.ingest.record.Schema;
import dev.ingest.sink.Sink;
import dev.ingest.sink.SinkException;
import dev.ingest.source.Udp;
import dev.ingest.stats.IngestStats;
import dev.ingest.testing.ChildJvm;
import java.io.IOException;
import java.net.DatagramSocket;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** When records arrived and who sent them, from the socket to the sink. */
class ArrivalIT {
  static final Schema SCHEMA =
      Schema.builder("events").integer("id").receivedAt("at").sender("by").build();

  private static final RetryPolicy ONCE = RetryPolicy.builder().maxAttempts(1).build();
  private static final long REFUSED = 99_999;
  private static final Pattern LINE =
      Pattern.compile("\\[(?<at>[0-9]+),\"(?<by>[^\"]+)\",\\{\"id\":(?<id>[0-9]+)\\}\\]");

  @TempDir Path directory;

  private final List<Row> stored = new CopyOnWriteArrayList<>();
  private final AtomicBoolean down = new AtomicBoolean();

  /** A record as the sink got it. */
  record Row(long id, long at, String by) {}

  static List<Row> describe(RecordBatch batch) {
    List<Row> rows = new ArrayList<>();
    for (int row = 0; row < batch.size(); row++) {
      long at = batch.receivedAt(row).orElseThrow();
      assertEquals(batch.getLong(row, 1), at);
      String by = batch.sender(row).orElseThrow();
      assertEquals(batch.getString(row, 2), by);
      rows.add(new Row(batch.getLong(row, 0), at, by));
    }
    return rows;
  }

  /** Stores unless it is down; refuses one number. */
  private void write(RecordBatch batch) throws Exception {
    if (down.get()) {
      throw new IOException("down");
    }
    List<Row> rows = describe(batch);
    if (rows.stream().anyMatch(row -> row.id == REFUSED)) {
      throw SinkException.permanent("not this one");
    }
    stored.addAll(rows);
  }

  private IngestServerBuilder builder(Sink sink) {
    return TestServers.builder(sink).schema(SCHEMA);
  }

  private Spooling spooling() {
    return Spooling.in(directory.resolve("spool"));
  }

  private List<String> lines() throws IOException {
    List<String> lines = new ArrayList<>();
    try (Stream<Path> files = Files.list(directory.resolve("spool"))) {
      for (Path file : files.filter(f -> f.toString().endsWith(".ndjson")).sorted().toList()) {
        Files.readAllLines(file).forEach(line -> lines.add(line.stripTrailing()));
      }
    }
    return lines;
  }

  private static List<Row> rowsOf(List<String> lines) {
    return lines.stream().map(ArrivalIT::row).toList();
  }

  private static Row row(String line) {
    Matcher parts = LINE.matcher(line);
    assertTrue(parts.matches(), line);
    return new Row(
        Long.parseLong(parts.group("id")), Long.parseLong(parts.group("at")), parts.group("by"));
  }

  private static String text(Sender sender) throws IOException {
    return "127.0.0.1:" + sender.localAddress().getPort();
  }

  private static long now() {
    Instant now = Instant.now();
    return now.getEpochSecond() * 1_000_000_000 + now.getNano();
  }

  private List<Long> ids() {
    return stored.stream().map(Row::id).sorted().toList();
  }

  @Test
  void a_record_has_the_time_and_the_sender_of_its_datagram() throws Exception {
    long before = now();
    try (IngestServer server = builder(this::write).build().start();
        Sender one = new Sender(server);
        Sender other = new Sender(server)) {
      one.send(event(1));
      Ledgers.await(server, stats -> stats.records().persisted() == 1);
      long between = now();
      other.send("{\"id\":2,\"at\":17,\"by\":\"me\"}");
      one.send(array(3, 6));
      Ledgers.await(server, stats -> stats.records().persisted() == 5);
      for (Row row : stored) {
        assertEquals(row.id == 2 ? text(other) : text(one), row.by);
        assertTrue(before <= row.at && row.at <= now(), row::toString);
        assertTrue(row.id == 1 ? row.at <= between : row.at >= between, row::toString);
      }
      assertEquals(
          1, stored.stream().filter(row -> row.id >= 3).map(Row::at).distinct().count(), "array");
      assertEquals(0, server.stats().messages().rejected());
    }
  }

  @Test
  void each_record_of_a_flood_has_its_own_sender() throws Exception {
    try (IngestServer server = builder(this::write).build().start();
        Sender even = new Sender(server);
        Sender odd = new Sender(server)) {
      for (int i = 0; i < 20; i++) {
        for (int id = i * 100; id < i * 100 + 100; id++) {
          (id % 2 == 0 ? even : odd).send(event(id));
        }
        long sent = even.sent() + odd.sent();
        Ledgers.await(server, stats -> stats.messages().received() >= sent);
      }
      Ledgers.await(server, stats -> stats.records().persisted() == 2_000);
      for (Row row : stored) {
        assertEquals(text(row.id % 2 == 0 ? even : odd), row.by);
      }
      assertEquals(Events.ids(0, 2_000), ids());
    }
  }

  @Test
  void an_ipv6_sender_stands_in_brackets() throws Exception {
    byte[] loopback = new byte[16];
    loopback[15] = 1;
    assumeTrue(isThere(InetAddress.getByAddress(loopback)), "no IPv6 on this machine");
    try (IngestServer server = builder(this::write).source(Udp.on("::1", 0)).build().start();
        Sender sender = new Sender(server)) {
      assertEquals(Inet6Address.class, sender.localAddress().getAddress().getClass());
      sender.send(event(1));
      Ledgers.await(server, stats -> stats.records().persisted() == 1);
      int port = sender.localAddress().getPort();
      assertEquals("[0:0:0:0:0:0:0:1]:" + port, stored.get(0).by);
    }
  }

  private static boolean isThere(InetAddress address) {
    try (DatagramSocket socket = new DatagramSocket(null)) {
      socket.bind(new InetSocketAddress(address, 0));
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  @Test
  @EnabledOnOs({OS.LINUX, OS.MAC})
  void after_sigkill_the_journal_gives_back_the_same_times_and_senders() throws Exception {
    Path spool = directory.resolve("spool");
    List<Row> seen = new ArrayList<>();
    List<Row> journaled;
    try (ChildJvm jvm = ChildJvm.in(directory).start(ArrivalProgram.class, spool.toString())) {
      int port = Integer.parseInt(jvm.awaitOut("^port (\\d+)$").group(1));
      InetSocketAddress target = new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
      try (Sender one = new Sender(target);
          Sender other = new Sender(target)) {
        one.send(array(0, 3));
        jvm.awaitOut("^row Row\\[id=2,");
        for (int id = 3; id < 100; id++) {
          (id % 3 == 0 ? one : other).send(event(id));
        }
        Ledgers.await(
            () -> lines().stream().filter(line -> LINE.matcher(line).matches()).count() == 100);
        journaled = rowsOf(lines());
        for (Row row : journaled) {
          assertEquals(text(row.id < 3 || row.id % 3 == 0 ? one : other), row.by);
        }
      }
      jvm.signal("KILL");
      assertEquals(137, jvm.exitStatus());
      for (String line : jvm.outLines()) {
        Matcher row = Pattern.compile("row Row\\[id=(\\d+), at=(\\d+), by=(.+)\\]").matcher(line);
        if (row.matches()) {
          seen.add(
              new Row(Long.parseLong(row.group(1)), Long.parseLong(row.group(2)), row.group(3)));
        }
      }
    }
    try (IngestServer server = builder(this::write).spool(spooling()).build().start()) {
      Ledgers.await(server, stats -> stats.records().persisted() == 100);
      Ledgers.await(server, stats -> stats.records().spooled() == 0);
    }
    assertEquals(journaled, stored);
    assertEquals(3, seen.size());
    assertEquals(seen, stored.subList(0, 3), "what the sink saw before the crash");
  }

  @Test
  void what_the_writer_defers_keeps_its_arrivals() throws Exception {
    down.set(true);
    try (IngestServer server =
            builder(this::write).spool(spooling()).retryPolicy(ONCE).build().start();
        Sender one = new Sender(server);
        Sender other = new Sender(server)) {
      one.send(array(0, 10));
      other.send(event(10));
      Ledgers.await(server, stats -> stats.records().spooled() == 11);
      List<Row> spooled = rowsOf(lines());
      down.set(false);
      Ledgers.await(server, stats -> stats.records().persisted() == 11);
      assertEquals(spooled, stored);
      assertEquals(text(one), stored.get(9).by);
      assertEquals(text(other), stored.get(10).by);
      assertNotEquals(stored.get(0).at, 0);
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void what_a_receiver_defers_keeps_its_arrivals(boolean journal) throws Exception {
    MemorySink.Gate gate = new MemorySink.Gate();
    Spooling spooling = journal ? spooling().journal(JournalSync.NEVER) : spooling();
    try (IngestServer server =
            builder(
                    batch -> {
                      gate.strike(batch);
                      stored.addAll(describe(batch));
                    })
                .queueCapacity(64)
                .spool(spooling)
                .build()
                .start();
        Sender sender = new Sender(server)) {
      sender.flood(server, 0, 2_000);
      IngestStats full = Ledgers.await(server, stats -> stats.records().decoded() == 2_000);
      assertTrue(full.records().spooled() > 1_500, full::toString);
      List<Row> lines = rowsOf(lines());
      gate.open();
      Ledgers.await(server, stats -> stats.records().persisted() == 2_000);
      assertEquals(Events.ids(0, 2_000), ids());
      assertTrue(stored.containsAll(lines));
      assertEquals(List.of(text(sender)), stored.stream().map(Row::by).distinct().toList());
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = OverflowPolicy.class,
      names = {"DROP_OLDEST", "DROP_NEWEST"})
  void what_is_left_when_others_are_dropped_has_its_own_sender(OverflowPolicy policy)
      throws Exception {
    MemorySink.Gate gate = new MemorySink.Gate();
    try (IngestServer server =
            builder(
                    batch -> {
                      gate.strike(batch);
                      stored.addAll(describe(batch));
                    })
                .queueCapacity(64)
                .overflowPolicy(policy)
                .build()
                .start();
        Sender even = new Sender(server);
        Sender odd = new Sender(server)) {
      for (int id = 0; id < 1_000; id++) {
        Sender sender = id % 2 == 0 ? even : odd;
        sender.send(id % 5 == 0 ? "[" + event(id) + "]" : event(id));
        long sent = id + 1L;
        if (sent % Sender.WINDOW == 0) {
          Ledgers.await(server, stats -> stats.messages().received() >= sent);
        }
      }
      Ledgers.await(server, stats -> stats.records().decoded() == 1_000);
      gate.open();
      Ledgers.await(server, stats -> stats.records().queued() == 0);
      assertTrue(server.stats().records().dropped() > 0);
      for (Row row : stored) {
        assertEquals(text(row.id % 2 == 0 ? even : odd), row.by);
      }
    }
  }

  @Test
  void dead_letters_tell_time_and_sender_also_after_a_replay() throws Exception {
    Path file = directory.resolve("letters");
    down.set(true);
    try (IngestServer server =
            builder(this::write)
                .spool(spooling())
                .retryPolicy(ONCE)
                .deadLetters(file)
                .build()
                .start();
        Sender sender = new Sender(server)) {
      sender.send("{\"id\":\"x\"}");
      Ledgers.await(server, stats -> stats.messages().rejected() == 1);
      sender.send(event(REFUSED));
      Ledgers.await(server, stats -> stats.records().spooled() == 1);
      Row line = row(lines().get(0));
      down.set(false);
      Ledgers.await(server, stats -> stats.records().deadLettered() == 1);
      sender.send(event(REFUSED));
      Ledgers.await(server, stats -> stats.records().deadLettered() == 2);
      List<String> letters = Files.readAllLines(file);
      String source = "\"source\":\"" + text(sender) + "\",";
      assertTrue(letters.get(0).contains(source + "\"reason\":\"WRONG_TYPE\",\"receivedAt\":\"20"));
      Instant at = Instant.EPOCH.plusNanos(line.at);
      String replayed = letters.get(1);
      assertTrue(replayed.contains(source + "\"readFrom\":\"spool "), replayed);
      assertTrue(
          replayed.contains(":0\",\"reason\":\"REFUSED\",\"receivedAt\":\"" + at + "\","),
          replayed);
      assertTrue(replayed.endsWith("\"payload\":\"{\\\"id\\\":" + REFUSED + "}\"}"), replayed);
      assertTrue(
          letters.get(2).contains(source + "\"reason\":\"REFUSED\",\"receivedAt\":\"20"),
          letters::toString);
    }
  }
}
