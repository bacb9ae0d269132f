package dev.ingest;

import static dev.ingest.Events.event;
import static dev.ingest.Events.ids;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ingest.policy.JournalSync;
import dev.ingest.policy.Spooling;
import dev.ingest.source.Udp;
import dev.ingest.stats.IngestStats;
import dev.ingest.testing.Network;
import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Servers with several sources, which feed one queue, one ledger and one sink. */
class SourcesIT {
  @TempDir Path directory;
  private final MemorySink sink = new MemorySink();

  @Test
  void every_source_has_its_own_settings_and_all_feed_one_sink() throws Exception {
    try (IngestServer server =
            TestServers.builder(sink)
                .bind(0)
                .source(Udp.on(0).receivers(2).maxDatagramSize(20))
                .spool(Spooling.in(directory.resolve("spool")).journal(JournalSync.NEVER))
                .build()
                .start();
        Sender first = new Sender(server.localAddresses().get(0));
        Sender second = new Sender(server.localAddresses().get(1))) {
      assertEquals(server.localAddress(), server.localAddresses().get(0));
      first.send(event(0));
      second.send(event(1));
      first.send(Events.array(2, 10)); // too long for the second source
      second.send(Events.array(2, 10));
      IngestStats stats = Ledgers.await(server, s -> s.messages().received() == 4);
      assertEquals(1, stats.messages().rejected());
      Ledgers.await(server, s -> s.records().persisted() == 10);
      assertEquals(ids(0, 10), Events.sorted(sink.stored()));
      assertEquals(0, stats.kernelDrops().orElse(0));
      assertTrue(
          server
              .toString()
              .endsWith(":" + ((InetSocketAddress) server.localAddresses().get(1)).getPort()),
          server::toString);
    }
  }

  @Test
  void a_source_that_cannot_be_bound_frees_those_before_it() throws Exception {
    int port = Network.unusedPort();
    try (DatagramSocket taken = new DatagramSocket(0, InetAddress.getLoopbackAddress())) {
      IngestServer server = TestServers.builder(sink).bind(port).bind(taken.getLocalPort()).build();
      IOException e = assertThrows(IOException.class, server::start);
      assertTrue(e.getMessage().contains(":" + taken.getLocalPort()), e::getMessage);
    }
    InetSocketAddress address = new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
    new DatagramSocket(address).close(); // throws if the port is taken
    assertEquals(1, sink.closed());
  }

  @Test
  void a_builder_may_go_on_and_build_another_server() throws Exception {
    IngestServerBuilder builder = TestServers.builder(batch -> {}).bind(0);
    IngestServer one = builder.build();
    IngestServer two = builder.bind(0).build();
    try (one;
        two) {
      assertEquals(1, one.start().localAddresses().size());
      assertEquals(2, two.start().localAddresses().size());
    }
  }

  @Test
  void settings_are_values() {
    Udp port = Udp.on(0);
    assertEquals(2, port.receivers(2).receivers());
    assertEquals(Udp.DEFAULT_RECEIVERS, port.receivers());
    assertEquals(4096, port.receiveBuffer(4096).receiveBuffer());
    assertEquals(7, port.maxDatagramSize(7).receivers(3).maxDatagramSize());
    assertEquals("UDP [0:0:0:0:0:0:0:1]:7", Udp.on("::1", 7).toString());
    Spooling spooling = Spooling.in(directory);
    assertEquals(List.of(), spooling.journal().stream().toList());
    assertEquals(
        List.of(JournalSync.ALWAYS),
        spooling.journal(JournalSync.ALWAYS).journal().stream().toList());
    assertEquals(1 << 20, spooling.journal(JournalSync.NEVER).limit(1 << 20).limit());
    assertEquals(
        "the spool's limit is 1: expected at least 1048576 bytes",
        assertThrows(IllegalArgumentException.class, () -> spooling.limit(1)).getMessage());
  }
}
