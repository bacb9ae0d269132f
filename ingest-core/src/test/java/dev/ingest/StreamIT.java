package dev.ingest;

import static dev.ingest.Events.event;
import static dev.ingest.Events.ids;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ingest.source.StreamSource;
import dev.ingest.source.Tcp;
import dev.ingest.source.Unix;
import dev.ingest.stats.DisconnectReason;
import dev.ingest.stats.IngestStats;
import dev.ingest.stats.RejectReason;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.logging.Level;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What holds for TCP and Unix sockets alike. */
class StreamIT {
  private static final int MAX_RECORD_SIZE = 100;

  @TempDir Path directory;
  private final MemorySink sink = new MemorySink();

  enum Kind {
    TCP {
      @Override
      StreamSource<?> source(Path directory) {
        return Tcp.on(0);
      }
    },
    UNIX {
      @Override
      StreamSource<?> source(Path directory) {
        return Unix.at(directory.resolve("in.sock"));
      }
    };

    abstract StreamSource<?> source(Path directory);
  }

  private IngestServer start(StreamSource<?> source) throws Exception {
    return TestServers.builder(sink).source(source).build().start();
  }

  private IngestServer start(Kind kind) throws Exception {
    return start(kind.source(directory));
  }

  private static long closed(IngestStats stats, DisconnectReason reason) {
    return stats.connections().closedByReason().getOrDefault(reason, 0L);
  }

  @ParameterizedTest
  @EnumSource(Kind.class)
  void many_connections_feed_one_sink(Kind kind) throws Exception {
    List<Client> clients = new ArrayList<>();
    IngestServer server = start(kind);
    try (server) {
      for (int i = 0; i < 100; i++) {
        clients.add(new Client(server));
      }
      for (int round = 0; round < 10; round++) {
        for (int i = 0; i < 100; i++) {
          int first = (round * 100 + i) * 10;
          clients.get(i).sendEvents(first, first + 10);
        }
      }
      Ledgers.await(server, stats -> stats.records().persisted() == 10_000);
      assertEquals(100, server.stats().connections().open());
      for (Client client : clients) {
        client.close();
      }
      Ledgers.await(server, stats -> closed(stats, DisconnectReason.END_OF_STREAM) == 100);
    }
    assertEquals(ids(0, 10_000), Events.sorted(sink.stored()));
  }

  @ParameterizedTest
  @EnumSource(Kind.class)
  void a_line_may_come_in_any_pieces_and_end_with_crlf_or_with_the_connection(Kind kind)
      throws Exception {
    String text = event(1) + "\r\n" + event(2) + "\n\n \t\r\n" + event(3);
    try (IngestServer server = start(kind)) {
      for (int split = 1; split < text.length(); split++) {
        try (Client client = new Client(server)) {
          client.send(text.substring(0, split));
          long lines = text.substring(0, split).lines().filter(line -> !line.isBlank()).count();
          long complete = 3L * (split - 1) + lines - (text.charAt(split - 1) == '\n' ? 0 : 1);
          Ledgers.await(server, stats -> stats.messages().decoded() >= complete);
          client.send(text.substring(split));
        }
        long all = 3L * split;
        Ledgers.await(server, stats -> stats.messages().decoded() == all);
      }
      try (Client client = new Client(server)) {
        for (int i = 0; i < text.length(); i++) {
          client.send(text.substring(i, i + 1));
        }
        client.endOutput();
        assertTrue(client.awaitClosed());
      }
      IngestStats stats = Ledgers.await(server, s -> s.records().persisted() == 3L * text.length());
      assertEquals(0, stats.messages().rejected());
    }
  }

  @ParameterizedTest
  @EnumSource(Kind.class)
  void a_line_that_is_too_long_is_rejected_once_and_those_after_it_are_stored(Kind kind)
      throws Exception {
    Path deadLetters = directory.resolve("dead.ndjson");
    StreamSource<?> source = kind.source(directory).maxRecordSize(MAX_RECORD_SIZE);
    IngestServer server =
        TestServers.builder(sink).source(source).deadLetters(deadLetters).build().start();
    int good = 0;
    int bad = 0;
    try (server;
        Client client = new Client(server)) {
      for (int length : new int[] {99, 100, 101, 102, 1_000, 300_000, 3_000_000}) {
        String padded = event(good);
        client.send(padded + " ".repeat(length - padded.length()) + "\n");
        if (length > MAX_RECORD_SIZE) {
          bad++;
          client.send(event(good) + "\n");
        }
        good++;
        int expected = good;
        Ledgers.await(server, stats -> stats.records().persisted() == expected);
      }
    }
    assertEquals(ids(0, good), sink.stored());
    assertEquals(
        Map.of(RejectReason.OVERSIZED, (long) bad), server.stats().messages().rejectedByReason());
    List<String> letters = Files.readAllLines(deadLetters);
    assertEquals(bad, letters.size());
    assertTrue(
        letters.get(0).contains("maxRecordSize()") && letters.get(0).contains("\\\"id\\\":2"),
        letters::toString);
  }

  @ParameterizedTest
  @EnumSource(Kind.class)
  void a_client_that_stops_in_mid_line_holds_up_nobody_and_may_go_on(Kind kind) throws Exception {
    try (IngestServer server = start(kind);
        Client slow = new Client(server);
        Client quick = new Client(server)) {
      slow.send("{\"id\":");
      quick.sendEvents(0, 1_000);
      Ledgers.await(server, stats -> stats.records().persisted() == 1_000);
      slow.send("1000}\n");
      Ledgers.await(server, stats -> stats.records().persisted() == 1_001);
    }
  }

  @ParameterizedTest
  @EnumSource(Kind.class)
  void what_is_there_of_a_line_counts_when_the_server_closes(Kind kind) throws Exception {
    IngestServer server = start(kind);
    try (Client whole = new Client(server);
        Client half = new Client(server)) {
      whole.send(event(0) + "\n" + event(1));
      half.send(event(2) + "\n{\"id\":");
      Ledgers.await(server, stats -> stats.records().persisted() == 2);
      server.close();
      assertTrue(whole.awaitClosed() && half.awaitClosed());
    }
    IngestStats end = Ledgers.balanced(server.stats());
    assertEquals(ids(0, 3), Events.sorted(sink.stored()));
    assertEquals(Map.of(RejectReason.MALFORMED_JSON, 1L), end.messages().rejectedByReason());
    assertEquals(Map.of(DisconnectReason.SERVER_CLOSED, 2L), end.connections().closedByReason());
  }

  @ParameterizedTest
  @EnumSource(Kind.class)
  void an_idle_connection_is_closed_and_one_that_sends_is_not(Kind kind) throws Exception {
    try (IngestServer server = start(kind.source(directory).idleTimeout(Duration.ofMillis(500)));
        Client idle = new Client(server);
        Client half = new Client(server);
        Client busy = new Client(server)) {
      half.send(event(-1)); // complete but for its newline
      AtomicLong sent = new AtomicLong();
      Ledgers.await(
          server,
          stats -> {
            busySend(busy, sent.getAndIncrement());
            return closed(stats, DisconnectReason.IDLE) == 2;
          });
      assertTrue(idle.awaitClosed() && half.awaitClosed());
      IngestStats stats = Ledgers.await(server, s -> s.records().persisted() == sent.get() + 1);
      assertEquals(1, stats.connections().open());
    }
  }

  private static void busySend(Client client, long id) {
    try {
      client.sendEvents(id, id + 1);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  @ParameterizedTest
  @EnumSource(Kind.class)
  void one_connection_too_many_takes_the_place_of_the_oldest_that_has_said_nothing(Kind kind)
      throws Exception {
    try (Logged warnings = new Logged(Level.WARNING);
        IngestServer server = start(kind.source(directory).maxConnections(3));
        Client speaker = new Client(server).sendEvents(0, 1);
        Client silent = new Client(server)) {
      Ledgers.await(server, stats -> stats.records().persisted() == 1);
      Client second = new Client(server);
      Ledgers.await(server, stats -> stats.connections().open() == 3);
      Client third = new Client(server);
      assertTrue(silent.awaitClosed());
      third.sendEvents(1, 2);
      second.sendEvents(2, 3);
      Ledgers.await(server, stats -> stats.records().persisted() == 3);
      try (Client refused = new Client(server)) { // all the others have spoken
        assertTrue(refused.awaitClosed());
      }
      speaker.sendEvents(3, 4);
      IngestStats stats = Ledgers.await(server, s -> s.records().persisted() == 4);
      assertEquals(2, closed(stats, DisconnectReason.TOO_MANY_CONNECTIONS));
      warnings.await("more than 3 would be open", "maxConnections()");
      second.close();
      third.close();
    }
  }

  @ParameterizedTest
  @EnumSource(Kind.class)
  void a_full_queue_makes_clients_wait_and_nothing_is_lost(Kind kind) throws Exception {
    MemorySink.Gate gate = new MemorySink.Gate();
    MemorySink blocked = new MemorySink(gate);
    IngestServer server =
        TestServers.builder(blocked)
            .source(kind.source(directory))
            .queueCapacity(1_000)
            .build()
            .start();
    try (server;
        Client client = new Client(server)) {
      client.channel().configureBlocking(false);
      StringBuilder lines = new StringBuilder();
      long sent = 0;
      ByteBuffer buffer = ByteBuffer.allocate(0);
      long lastProgress = System.nanoTime();
      while (System.nanoTime() - lastProgress < 1_000_000_000) { // then it has to wait
        if (!buffer.hasRemaining()) {
          lines.setLength(0);
          for (int i = 0; i < 1_000; i++) {
            lines.append(event(sent++)).append('\n');
          }
          buffer = ByteBuffer.wrap(lines.toString().getBytes(StandardCharsets.UTF_8));
        }
        if (client.channel().write(buffer) > 0) {
          lastProgress = System.nanoTime();
        }
      }
      assertTrue(server.stats().records().queued() <= 1_000, server::toString);
      gate.open();
      client.channel().configureBlocking(true);
      while (buffer.hasRemaining()) {
        client.channel().write(buffer);
      }
      long all = sent;
      Ledgers.await(server, stats -> stats.records().persisted() == all);
      assertEquals(ids(0, all), blocked.stored());
    }
  }

  @ParameterizedTest
  @EnumSource(Kind.class)
  void a_drain_in_mid_stream_stores_all_that_was_read_and_nothing_else(Kind kind) throws Exception {
    IngestServer server = start(kind);
    long step = 1_000_000_000;
    List<Thread> senders = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      long first = i * step;
      Client client = new Client(server);
      Thread sender = new Thread(() -> sendUntilClosed(client, first));
      sender.start();
      senders.add(sender);
    }
    Ledgers.await(server, stats -> stats.records().persisted() > 10_000);
    server.close();
    for (Thread sender : senders) {
      TestServers.join(sender);
    }
    IngestStats end = Ledgers.balanced(server.stats());
    assertEquals(0, end.records().lost());
    assertEquals(0, end.connections().open());
    assertEquals(end.messages().decoded(), sink.stored().size());
    assertTrue(end.messages().rejected() <= 4, end::toString); // each connection's last line
    long[] next = {0, step, 2 * step, 3 * step};
    for (long id : sink.stored()) {
      assertEquals(next[(int) (id / step)]++, id);
    }
  }

  private static void sendUntilClosed(Client client, long first) {
    try (client) {
      for (long id = first; ; id += 100) {
        client.sendEvents(id, id + 100);
      }
    } catch (IOException e) {
      // The server has closed the connection.
    }
  }

  @ParameterizedTest
  @EnumSource(Kind.class)
  void a_drain_ends_in_time_though_the_queue_is_full_and_clients_flood(Kind kind) throws Exception {
    MemorySink.Gate gate = new MemorySink.Gate();
    IngestServer server =
        TestServers.builder(new MemorySink(gate))
            .source(kind.source(directory))
            .queueCapacity(100)
            .drainTimeout(Duration.ofMillis(300))
            .build()
            .start();
    List<Thread> senders = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      Client client = new Client(server);
      Thread sender = new Thread(() -> sendUntilClosed(client, 0));
      sender.start();
      senders.add(sender);
    }
    gate.awaitEntered();
    Ledgers.await(server, stats -> stats.records().queued() == 100);
    Thread closer = new Thread(server::close);
    closer.start();
    TestServers.join(closer);
    for (Thread sender : senders) {
      TestServers.join(sender);
    }
    IngestStats end = Ledgers.balanced(server.stats());
    assertEquals(end.records().decoded(), end.records().lost());
    assertEquals(0, end.connections().open());
  }

  @ParameterizedTest
  @EnumSource(Kind.class)
  void connections_that_wait_to_be_accepted_are_read_by_the_drain(Kind kind) throws Exception {
    MemorySink.Gate gate = new MemorySink.Gate();
    MemorySink slow = new MemorySink(gate);
    IngestServer server =
        TestServers.builder(slow).source(kind.source(directory)).queueCapacity(10).build().start();
    try (Client first = new Client(server).sendEvents(0, 100)) {
      gate.awaitEntered();
      Ledgers.await(server, stats -> stats.records().queued() == 10);
      try (Client late = new Client(server).sendEvents(100, 110)) { // nobody accepts now
        Thread closer = TestServers.closeInBackground(server);
        gate.open();
        TestServers.join(closer);
        assertTrue(first.awaitClosed() && late.awaitClosed());
      }
    }
    assertEquals(ids(0, 110), Events.sorted(slow.stored()));
    assertFalse(Files.exists(directory.resolve("in.sock")));
  }
}
