package dev.ingest;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.util.OptionalLong;

/** Sends datagrams to a server. On loopback a datagram is in the receiver's buffer on return. */
final class Sender implements AutoCloseable {
  /** As many small datagrams fit a receive buffer of 208 KiB, the default limit of Linux. */
  private static final int WINDOW = 128;

  private final DatagramChannel channel;
  private final InetSocketAddress target;
  private long sent;

  Sender(InetSocketAddress target) throws IOException {
    this.channel = DatagramChannel.open();
    this.target = target;
  }

  Sender(IngestServer server) throws IOException {
    this(server.localAddress());
  }

  InetSocketAddress localAddress() throws IOException {
    if (channel.getLocalAddress() == null) {
      channel.bind(new InetSocketAddress(target.getAddress(), 0));
    }
    return (InetSocketAddress) channel.getLocalAddress();
  }

  void send(byte[] datagram) throws IOException {
    channel.send(ByteBuffer.wrap(datagram), target);
    sent++;
  }

  void send(String datagram) throws IOException {
    send(datagram.getBytes(UTF_8));
  }

  /** Sends events in a datagram each, as fast as it can. */
  void sendEvents(long from, long to) throws IOException {
    for (long id = from; id < to; id++) {
      send(Events.event(id));
    }
  }

  /** Sends events like {@link #sendEvents}, at the pace at which the server receives them. */
  void flood(IngestServer server, long from, long to) throws IOException {
    for (long id = from; id < to; id += WINDOW) {
      sendEvents(id, Math.min(to, id + WINDOW));
      Ledgers.await(server, stats -> seen(stats) >= sent);
    }
  }

  long sent() {
    return sent;
  }

  /** What arrived, whether the kernel kept it or not. */
  private static long seen(IngestStats stats) {
    OptionalLong drops = stats.kernelDrops();
    return stats.datagramsReceived() + drops.orElse(0);
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
