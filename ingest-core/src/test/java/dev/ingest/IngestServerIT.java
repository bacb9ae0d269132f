package dev.ingest;

import static dev.ingest.Events.array;
import static dev.ingest.Events.event;
import static dev.ingest.Events.ids;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.ingest.source.Udp;
import dev.ingest.stats.IngestStats;
import dev.ingest.stats.RejectReason;
import dev.ingest.testing.Network;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.logging.Level;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

class IngestServerIT {
  private final MemorySink sink = new MemorySink();

  @Test
  void by_default_a_server_listens_on_a_free_port_of_the_loopback_interface() throws Exception {
    try (IngestServer server = TestServers.start(sink)) {
      assertTrue(server.localAddress().getAddress().isLoopbackAddress());
      assertNotEquals(0, server.localAddress().getPort());
    }
  }

  @Test
  void a_server_listens_on_the_port_that_is_set() throws Exception {
    int port = Network.unusedPort();
    try (IngestServer server = TestServers.builder(sink).bind(port).build().start()) {
      assertEquals(port, server.localAddress().getPort());
    }
  }

  @Test
  @EnabledOnOs(value = OS.LINUX, disabledReason = "others have no second loopback address")
  void other_addresses_of_the_machine_are_heard_only_if_it_listens_on_all() throws Exception {
    InetAddress other = InetAddress.getByName("127.0.0.2");
    try (IngestServer loopback = TestServers.start(sink);
        IngestServer all =
            TestServers.builder(new MemorySink()).bind("0.0.0.0", 0).build().start()) {
      try (Sender unheard =
              new Sender(new InetSocketAddress(other, loopback.localAddress().getPort()));
          Sender heard = new Sender(loopback)) {
        unheard.send(event(1));
        heard.send(event(2));
      }
      try (Sender heard = new Sender(new InetSocketAddress(other, all.localAddress().getPort()))) {
        heard.send(event(3));
      }
      assertEquals(
          1,
          Ledgers.await(loopback, stats -> stats.records().persisted() > 0).messages().received());
      assertEquals(List.of(2L), sink.stored());
      Ledgers.await(all, stats -> stats.records().persisted() == 1);
    }
  }

  @Test
  void a_server_listens_on_ipv6() throws Exception {
    assumeTrue(Network.hasIpv6(), "no IPv6 here");
    try (IngestServer server = TestServers.builder(sink).bind("::1", 0).build().start();
        Sender sender = new Sender(server)) {
      sender.send(event(6));
      Ledgers.await(server, stats -> stats.records().persisted() == 1);
      assertEquals(List.of(6L), sink.stored());
      assertEquals(
          System.getProperty("os.name").startsWith("Linux"),
          server.stats().kernelDrops().isPresent());
    }
  }

  @Test
  void a_lone_record_is_stored_at_once() throws Exception {
    try (IngestServer server = TestServers.start(sink);
        Sender sender = new Sender(server)) {
      Duration shortest = Duration.ofDays(1);
      for (int id = 1; id <= 10; id++) {
        long start = System.nanoTime();
        long sent = id;
        sender.send(event(id));
        Ledgers.await(server, stats -> stats.records().persisted() == sent);
        Duration taken = Duration.ofNanos(System.nanoTime() - start);
        shortest = taken.compareTo(shortest) < 0 ? taken : shortest;
      }
      // A server that lets records wait does so with each: one that is quick is not chance.
      assertTrue(shortest.toMillis() < 900, "each took " + shortest + " or more");
      assertEquals(Collections.nCopies(10, 1), sink.sizes());
    }
  }

  @Test
  void a_flood_is_delivered_completely_in_order_and_in_large_batches() throws Exception {
    int records = 50_000;
    MemorySink.Gate gate = new MemorySink.Gate();
    MemorySink slow = new MemorySink(gate);
    try (IngestServer server = TestServers.start(slow);
        Sender sender = new Sender(server)) {
      sender.flood(server, 0, records);
      gate.open();
      long dropped = server.stats().kernelDrops().orElse(0);
      IngestStats stats = Ledgers.await(server, s -> s.records().persisted() + dropped == records);
      assertEquals(records, stats.messages().received() + dropped);
      List<Long> stored = slow.stored();
      assertEquals(stored.stream().sorted().distinct().toList(), stored);
      if (dropped == 0) {
        assertEquals(ids(0, records), stored);
      }
      int largest = slow.sizes().stream().mapToInt(Integer::intValue).max().orElseThrow();
      assertEquals(IngestServerBuilder.DEFAULT_BATCH_SIZE, largest);
    }
  }

  @Test
  void no_record_is_held_back_while_a_flood_of_others_is_ignored() throws Exception {
    int[] friend = new int[1];
    try (IngestServer server =
            TestServers.builder(sink)
                .source(
                    Udp.on(0)
                        .filter(
                            source -> {
                              long start = System.nanoTime();
                              // Slower than the sender, so that there is always more.
                              while (System.nanoTime() - start < 20_000) {
                                Thread.onSpinWait();
                              }
                              return source.getPort() == friend[0];
                            }))
                .build()
                .start();
        Sender good = new Sender(server);
        Sender bad = new Sender(server)) {
      friend[0] = good.localAddress().getPort();
      bad.sendEvents(0, 10_000);
      while (sink.stored().isEmpty()) {
        good.send(event(7)); // again and again, since the kernel drops most of all this
        bad.sendEvents(0, 100);
        assertTrue(
            server.stats().messages().ignored() < 1_000_000,
            "the record is held back as long as the flood lasts");
      }
    }
  }

  @Test
  void bad_datagrams_among_good_ones_are_rejected_whole() throws Exception {
    try (IngestServer server = TestServers.start(sink);
        Sender sender = new Sender(server)) {
      sender.send(event(1));
      sender.send("");
      sender.send("{\"id\":");
      sender.send("[" + event(100) + ",{\"id\":\"x\"}]");
      sender.send("{}");
      sender.send("{\"id\":1,\"id\":2}");
      sender.send("{\"id\":9223372036854775808}");
      sender.send(event(101) + " garbage");
      sender.send("[".repeat(1000));
      sender.send(new byte[] {'{', (byte) 0xff, '}'});
      sender.send(array(2, 5));
      sender.send(event(5) + "\n" + event(6) + "\n");
      IngestStats stats = Ledgers.await(server, s -> s.messages().received() == 12);
      assertEquals(
          Map.of(
              RejectReason.EMPTY, 1L,
              RejectReason.MALFORMED_JSON, 1L,
              RejectReason.WRONG_TYPE, 1L,
              RejectReason.MISSING_FIELD, 1L,
              RejectReason.DUPLICATE_FIELD, 1L,
              RejectReason.NUMBER_OUT_OF_RANGE, 1L,
              RejectReason.TRAILING_GARBAGE, 1L,
              RejectReason.NESTING_TOO_DEEP, 1L,
              RejectReason.BAD_UTF8, 1L),
          stats.messages().rejectedByReason());
      Ledgers.await(server, s -> s.records().persisted() == 6);
      assertEquals(List.of(1L, 2L, 3L, 4L, 5L, 6L), sink.stored());
    }
  }

  @Test
  void a_datagram_longer_than_the_maximum_is_rejected_even_if_it_begins_with_a_record()
      throws Exception {
    String longest = event(1) + " ".repeat(100 - event(1).length());
    try (IngestServer server =
            TestServers.builder(sink).source(Udp.on(0).maxDatagramSize(100)).build().start();
        Sender sender = new Sender(server)) {
      sender.send(longest);
      sender.send(longest + " ");
      sender.send(longest + " ".repeat(1000));
      IngestStats stats = Ledgers.await(server, s -> s.messages().received() == 3);
      assertEquals(Map.of(RejectReason.OVERSIZED, 2L), stats.messages().rejectedByReason());
      Ledgers.await(server, s -> s.records().persisted() == 1);
    }
  }

  @Test
  void the_largest_datagram_that_udp_carries_is_received() throws Exception {
    String json = array(0, 4_096);
    String largest = json + " ".repeat(65_507 - json.length());
    try (IngestServer server =
            TestServers.builder(sink).source(Udp.on(0).maxDatagramSize(65_507)).build().start();
        Sender sender = new Sender(server)) {
      sender.send(largest);
      Ledgers.await(server, stats -> stats.records().persisted() == 4_096);
      assertEquals(ids(0, 4_096), sink.stored());
    }
  }

  @Test
  void s2_the_writer_thread_is_the_only_caller() throws Exception {
    try (IngestServer server = TestServers.start(sink);
        Sender sender = new Sender(server)) {
      sender.flood(server, 0, 1_000);
    }
    assertEquals(List.of("ingest-writer"), sink.callers().stream().map(Thread::getName).toList());
    assertEquals(1, sink.opened());
    assertEquals(1, sink.closed());
  }

  @Test
  void a_small_receive_buffer_is_logged_once_with_the_remedy() throws Exception {
    int more = 1 << 30;
    try (Logged warnings = new Logged(Level.WARNING);
        IngestServer server =
            TestServers.builder(sink).source(Udp.on(0).receiveBuffer(more)).build().start();
        Sender sender = new Sender(server)) {
      sender.flood(server, 0, 100);
      warnings.await("instead of");
      assertEquals(1, warnings.messages().size());
      String text = warnings.messages().get(0);
      assertTrue(text.contains("instead of " + more), text);
      assertTrue(text.contains("net.core.rmem_max=" + more), text);
      assertTrue(text.contains("receiveBuffer()"), text);
    } catch (IOException e) {
      assumeTrue(false, "this system refuses where Linux gives less: " + e.getMessage());
    }
  }

  @Test
  void one_builder_builds_several_servers() throws Exception {
    IngestServerBuilder both = TestServers.builder(sink).sink(batch -> {});
    List<IngestServer> servers = IntStream.range(0, 2).mapToObj(i -> both.build()).toList();
    for (IngestServer server : servers) {
      try (server;
          Sender sender = new Sender(server.start())) {
        sender.send(event(1));
        Ledgers.await(server, stats -> stats.records().persisted() == 1);
      }
    }
  }
}
