package dev.ingest;

import static dev.ingest.Events.event;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ingest.source.Tcp;
import dev.ingest.stats.DisconnectReason;
import dev.ingest.stats.IgnoreReason;
import dev.ingest.stats.IngestStats;
import dev.ingest.stats.RejectReason;
import dev.ingest.testing.Network;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import java.util.logging.Level;
import org.junit.jupiter.api.Test;

class TcpIT {
  private final MemorySink sink = new MemorySink();

  private IngestServer start(Tcp source) throws Exception {
    return TestServers.builder(sink).source(source).build().start();
  }

  @Test
  void a_reset_loses_nothing_that_was_read_and_is_counted() throws Exception {
    try (IngestServer server = start(Tcp.on(0));
        Client client = new Client(server)) {
      client.send(event(1) + "\n" + "{\"id\":");
      Ledgers.await(server, stats -> stats.records().persisted() == 1);
      client.reset();
      IngestStats stats = Ledgers.await(server, s -> s.connections().closed() == 1);
      assertEquals(Map.of(DisconnectReason.RESET, 1L), stats.connections().closedByReason());
      assertEquals(Map.of(RejectReason.MALFORMED_JSON, 1L), stats.messages().rejectedByReason());
    }
  }

  @Test
  void clients_that_the_filter_does_not_accept_or_throws_for_are_closed_and_counted()
      throws Exception {
    int[] answer = {0};
    try (Logged warnings = new Logged(Level.WARNING);
        IngestServer server =
            start(
                Tcp.on(0)
                    .filter(
                        client -> {
                          Thread.currentThread().interrupt();
                          if (answer[0] == 2) {
                            throw new AssertionError("no");
                          }
                          return answer[0] == 1;
                        }))) {
      try (Client refused = new Client(server)) {
        refused.awaitClosed();
      }
      answer[0] = 2;
      try (Client refused = new Client(server)) {
        refused.awaitClosed();
      }
      answer[0] = 1;
      try (Client accepted = new Client(server)) {
        accepted.sendEvents(0, 10);
        IngestStats stats = Ledgers.await(server, s -> s.records().persisted() == 10);
        assertEquals(Map.of(DisconnectReason.FILTERED, 2L), stats.connections().closedByReason());
        assertEquals(3, stats.connections().accepted());
      }
      warnings.await("FILTERED", "the source filter threw");
    }
  }

  @Test
  void l4_lines_beyond_the_rate_are_ignored_with_their_newlines_counted() throws Exception {
    int lineBytes = event(0).length() + 1;
    try (IngestServer server = start(Tcp.on(0).rate(1, 10L * lineBytes));
        Client one = new Client(server);
        Client two = new Client(server)) {
      one.sendEvents(0, 6);
      Ledgers.await(server, stats -> stats.messages().received() == 6);
      two.sendEvents(6, 10); // the same sender
      two.send(event(1) + "\n\n\n\n" + event(1) + "\n");
      IngestStats stats = Ledgers.await(server, s -> s.messages().received() == 12);
      assertTrue(stats.messages().ignored() >= 1, stats::toString);
      assertEquals(
          Map.of(IgnoreReason.THROTTLED, stats.messages().ignored()),
          stats.messages().ignoredByReason());
      Ledgers.await(server, s -> s.records().persisted() == 12 - s.messages().ignored());
    }
  }

  @Test
  void a_server_can_be_started_again_on_its_port_at_once() throws Exception {
    int port = Network.unusedPort();
    for (int i = 0; i < 3; i++) {
      IngestServer server = start(Tcp.on(port));
      try (Client client = new Client(server).sendEvents(i, i + 1)) {
        int stored = i + 1;
        Ledgers.await(() -> sink.stored().size() == stored);
        server.close(); // first, so that the connection lingers on this side
        assertTrue(client.awaitClosed());
      }
    }
  }

  @Test
  void an_address_that_cannot_be_bound_is_named() throws Exception {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      IOException e = assertThrows(IOException.class, () -> start(Tcp.on(taken.getLocalPort())));
      assertTrue(
          e.getMessage().startsWith("cannot bind TCP 127.0.0.1:" + taken.getLocalPort() + ": ")
              && e.getMessage().contains("nobody listens on"),
          e::getMessage);
    }
    IOException e = assertThrows(IOException.class, () -> start(Tcp.on("no-such-host.invalid", 1)));
    assertTrue(e.getMessage().contains("no-such-host.invalid:1: the host is unknown"));
    assertEquals(2, sink.closed());
  }

  @Test
  void a_port_is_free_after_the_close_though_the_filter_hangs() throws Exception {
    AtomicBoolean over = new AtomicBoolean();
    IngestServer server =
        TestServers.builder(sink)
            .drainTimeout(Duration.ofMillis(100))
            .source(
                Tcp.on(Network.unusedPort())
                    .filter(
                        client -> {
                          while (!over.get()) {
                            LockSupport.parkNanos(1_000_000);
                          }
                          return true;
                        }))
            .build()
            .start();
    InetSocketAddress address = (InetSocketAddress) server.localAddresses().get(0);
    try (Client client = new Client(server)) {
      Ledgers.await(server, stats -> stats.connections().accepted() == 1);
      server.close();
      new ServerSocket(address.getPort(), 1, address.getAddress()).close();
      over.set(true);
      client.awaitClosed();
    } finally {
      over.set(true);
    }
  }
}
