package dev.ingest.internal.receive.udp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.ingest.source.Udp;
import dev.ingest.stats.IgnoreReason;
import dev.ingest.testing.Network;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledForJreRange;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.JRE;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Run against the jar, which has recvmmsg for the JVMs that can call it. */
@Timeout(60)
class UdpSocketIT {
  private static final int MAX_DATAGRAM_SIZE = 5_000;
  private static final int MAX_UNREAD_BYTES = 50_000;

  /** A datagram as the receiver gets it. */
  private record Received(InetSocketAddress source, List<Byte> bytes) {}

  @Test
  @EnabledOnOs(OS.LINUX)
  @EnabledForJreRange(min = JRE.JAVA_22)
  void recvmmsg_is_called_from_jdk22_on() {
    assumeTrue(builtWithRecvmmsg(), "built on an older JDK");
    assertNotNull(RecvmmsgLookup.find());
  }

  @Test
  @EnabledForJreRange(max = JRE.JAVA_21)
  void recvmmsg_is_not_called_before() {
    assertNull(RecvmmsgLookup.find());
  }

  private static boolean builtWithRecvmmsg() {
    return UdpSocketIT.class.getResource(
            "/META-INF/versions/22/dev/ingest/internal/receive/udp/RecvmmsgLookup.class")
        != null;
  }

  @ParameterizedTest
  @ValueSource(strings = {"127.0.0.1", "::1", "::"})
  void the_channel_and_recvmmsg_give_the_same(String host) throws IOException {
    assumeTrue(!host.contains(":") || Network.hasIpv6(), "no IPv6 here");
    List<byte[]> datagrams = datagrams();
    List<Received> byChannel = received(host, datagrams, null);
    assertEquals(expected(datagrams), byChannel.stream().map(Received::bytes).toList());
    // The sources differ from run to run, in their ports.
    assertEquals(2, byChannel.stream().map(Received::source).distinct().count());
    List<Received> byCall = received(host, datagrams, RecvmmsgLookup.find());
    assertEquals(
        byChannel.stream().map(Received::bytes).toList(),
        byCall.stream().map(Received::bytes).toList());
    assertEquals(sourcesOf(byChannel), sourcesOf(byCall));
  }

  /** Which of the two senders sent each. */
  private static List<Integer> sourcesOf(List<Received> received) {
    List<InetSocketAddress> distinct = received.stream().map(Received::source).distinct().toList();
    return received.stream().map(one -> distinct.indexOf(one.source())).toList();
  }

  private static List<byte[]> datagrams() {
    Random random = new Random(22);
    List<byte[]> datagrams = new ArrayList<>();
    for (int length :
        new int[] {0, 1, 17, MAX_DATAGRAM_SIZE, MAX_DATAGRAM_SIZE + 1, 20_000, 0, 3}) {
      datagrams.add(bytes(random, length));
    }
    for (int i = 0; i < 1_000; i++) {
      datagrams.add(bytes(random, random.nextInt(200)));
    }
    return datagrams;
  }

  private static byte[] bytes(Random random, int length) {
    byte[] bytes = new byte[length];
    random.nextBytes(bytes);
    return bytes;
  }

  /** What is too long is cut to one byte more than may be, so that it shows. */
  private static List<List<Byte>> expected(List<byte[]> datagrams) {
    return datagrams.stream()
        .map(one -> list(Arrays.copyOf(one, Math.min(one.length, MAX_DATAGRAM_SIZE + 1))))
        .toList();
  }

  private static List<Byte> list(byte[] bytes) {
    List<Byte> list = new ArrayList<>();
    for (byte b : bytes) {
      list.add(b);
    }
    return list;
  }

  private static List<Received> received(
      String host, List<byte[]> datagrams, @Nullable Recvmmsg call) throws IOException {
    List<Received> received = new ArrayList<>();
    Udp settings = Udp.on(host, 0).receiveBuffer(200_000).maxDatagramSize(MAX_DATAGRAM_SIZE);
    try (UdpSocket socket = UdpSocket.open(settings, settings.address(), call, List.of());
        DatagramChannel one = DatagramChannel.open();
        DatagramChannel other = DatagramChannel.open()) {
      InetAddress to = host.equals("::") ? InetAddress.getLoopbackAddress() : address(host);
      InetSocketAddress target = new InetSocketAddress(to, socket.localAddress().getPort());
      int unread = 0;
      for (int i = 0; i < datagrams.size(); i++) {
        byte[] datagram = datagrams.get(i);
        (i % 3 == 0 ? one : other).send(ByteBuffer.wrap(datagram), target);
        unread += datagram.length + 1_000;
        if (unread > MAX_UNREAD_BYTES) {
          readAll(socket, received, i + 1);
          unread = 0;
        }
      }
      readAll(socket, received, datagrams.size());
      assertEquals(0, socket.receive().received(), "more than was sent");
      int port = port(one);
      received.stream()
          .filter(from -> from.source().getPort() == port)
          .forEach(from -> assertEquals(new InetSocketAddress(to, port), from.source()));
    }
    return received;
  }

  private static InetAddress address(String host) throws IOException {
    return InetAddress.getByName(host);
  }

  private static int port(DatagramChannel channel) throws IOException {
    return ((InetSocketAddress) channel.getLocalAddress()).getPort();
  }

  private static void readAll(UdpSocket socket, List<Received> received, int until)
      throws IOException {
    while (received.size() < until) {
      Burst burst = socket.receive();
      assertTrue(burst.received() <= burst.size());
      if (burst.received() == 0) {
        socket.await(100);
      }
      burst.retain((sender, datagram) -> null, new EnumMap<>(IgnoreReason.class));
      int bytes = 0;
      for (int i = 0; i < burst.count(); i++) {
        ByteBuffer datagram = burst.message(i);
        bytes += datagram.remaining();
        byte[] copy = new byte[datagram.remaining()];
        datagram.get(copy);
        received.add(new Received(burst.sender(i), list(copy)));
      }
      assertEquals(bytes, burst.maxBytes());
    }
  }
}
