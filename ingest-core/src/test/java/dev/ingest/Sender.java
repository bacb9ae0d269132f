package dev.ingest;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.ingest.stats.IngestStats;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;

/**
 * Sends datagrams to a server on this machine. What it sends while nobody reads must fit the
 * receive buffer, or the kernel drops some: at most {@value #WINDOW} small datagrams.
 */
final class Sender implements AutoCloseable {
  /** As many small datagrams fit a receive buffer of 208 KiB, the default limit of Linux. */
  static final int WINDOW = 128;

  private final DatagramChannel channel;
  private final InetSocketAddress target;
  private long sent;

  Sender(SocketAddress target) throws IOException {
    this.target = (InetSocketAddress) target;
    this.channel = DatagramChannel.open().bind(new InetSocketAddress(this.target.getAddress(), 0));
  }

  Sender(IngestServer server) throws IOException {
    this(server.localAddress());
  }

  InetSocketAddress localAddress() throws IOException {
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
    return stats.messages().received() + stats.kernelDrops().orElse(0);
  }

  /**
   * Waits until all that was sent is in the receiver's buffer. That is nearly always so when a
   * datagram was sent, but the kernel may put the last step off: for a datagram to this sender,
   * which comes after the others, as well.
   */
  void awaitArrival() throws IOException {
    channel.send(ByteBuffer.wrap(new byte[1]), localAddress());
    channel.receive(ByteBuffer.allocate(1));
  }

  /** Closes it, after all that was sent has arrived. */
  @Override
  public void close() throws IOException {
    try (channel) {
      awaitArrival();
    }
  }
}
