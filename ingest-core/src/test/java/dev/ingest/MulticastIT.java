package dev.ingest;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ingest.source.Udp;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Multicast groups, on the loopback interface. */
class MulticastIT {
  private static final String GROUP = "239.255.77.1";

  private static NetworkInterface loopback() throws IOException {
    return NetworkInterface.getByInetAddress(InetAddress.getLoopbackAddress());
  }

  private static void send(InetSocketAddress to, String text) throws IOException {
    try (DatagramChannel channel = DatagramChannel.open(StandardProtocolFamily.INET)) {
      channel.setOption(StandardSocketOptions.IP_MULTICAST_IF, loopback());
      channel.setOption(StandardSocketOptions.IP_MULTICAST_LOOP, true);
      channel.send(ByteBuffer.wrap(text.getBytes(UTF_8)), to);
    }
  }

  @Test
  void what_is_sent_to_the_group_is_received_by_all_who_joined_it() throws Exception {
    MemorySink sink = new MemorySink();
    MemorySink otherSink = new MemorySink();
    try (IngestServer server =
            TestServers.builder(sink).source(Udp.on(GROUP, 0).join(loopback())).build().start();
        IngestServer other =
            TestServers.builder(otherSink)
                .source(Udp.on(GROUP, server.localAddress().getPort()).join(loopback()))
                .build()
                .start()) {
      send(server.localAddress(), Events.event(1));
      Ledgers.await(server, stats -> stats.records().persisted() == 1);
      Ledgers.await(other, stats -> stats.records().persisted() == 1);
      assertEquals(List.of(1L), sink.stored());
      assertEquals(List.of(1L), otherSink.stored());
    }
  }

  @Test
  void a_group_that_is_not_joined_is_refused_at_the_start() {
    IngestServer server = TestServers.builder(new MemorySink()).bind(GROUP, 0).build();
    IOException e = assertThrows(IOException.class, server::start);
    assertTrue(e.getMessage().contains("239.255.77.1:0: it is a multicast group"), e::getMessage);
    assertTrue(e.getMessage().contains("join(...)"), e::getMessage);
  }

  @Test
  void an_address_that_is_no_group_cannot_be_joined() {
    Udp udp = Udp.on("127.0.0.1", 5);
    String message =
        assertThrows(IllegalArgumentException.class, () -> udp.join(loopback())).getMessage();
    assertTrue(message.startsWith("join on UDP 127.0.0.1:5: expected a multicast group"), message);
  }

  @Test
  void several_receivers_of_a_group_are_refused_since_each_would_get_all() throws Exception {
    Udp joined = Udp.on(GROUP, 5).join(loopback());
    String message =
        assertThrows(IllegalArgumentException.class, () -> joined.receivers(2)).getMessage();
    assertEquals("receivers of UDP 239.255.77.1:5 is 2: expected 1 to 1", message);
    assertThrows(
        IllegalArgumentException.class, () -> Udp.on(GROUP, 5).receivers(2).join(loopback()));
  }
}
