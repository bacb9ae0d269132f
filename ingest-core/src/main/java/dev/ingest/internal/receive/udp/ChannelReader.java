package dev.ingest.internal.receive.udp;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.channels.DatagramChannel;

/** Reads through the JDK's channel, one datagram a call. */
final class ChannelReader implements DatagramReader {
  private final DatagramChannel channel;
  private final Burst burst;

  ChannelReader(DatagramChannel channel, Burst burst) {
    this.channel = channel;
    this.burst = burst;
  }

  @Override
  public boolean read() throws IOException {
    while (!burst.isFull() && channel.receive(burst.next()) instanceof InetSocketAddress sender) {
      burst.add(sender);
    }
    return burst.received() > 0;
  }

  @Override
  public String toString() {
    return "one datagram a call";
  }
}
