package dev.ingest.internal.receive.udp;

import dev.ingest.internal.log.Addresses;
import dev.ingest.source.Udp;
import java.io.IOException;
import java.net.Inet4Address;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.ProtocolFamily;
import java.net.SocketAddress;
import java.net.SocketOption;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.nio.channels.Channel;
import java.nio.channels.DatagramChannel;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Opens the JDK's channels for a UDP port, bound and not blocking. */
final class UdpChannels {
  private UdpChannels() {}

  /**
   * Opens a channel as the settings want it.
   *
   * @param address where to bind it; others may be bound there if they share the port
   * @param options options that it needs, with the value true
   * @throws IOException if it cannot be bound; the message names the address
   */
  static DatagramChannel open(
      Udp settings, InetSocketAddress address, Set<SocketOption<Boolean>> options)
      throws IOException {
    if (settings.isInherited()) {
      return inherited();
    }
    if (address.isUnresolved()) {
      throw cannotBind(
          address, "the host is unknown; expected a name or an IP address of this machine", null);
    }
    NetworkInterface joined = settings.networkInterface().orElse(null);
    if (address.getAddress().isMulticastAddress() && joined == null) {
      throw cannotBind(
          address,
          "it is a multicast group: expected a network interface to join it on, by join(...)",
          null);
    }
    DatagramChannel channel = open(address);
    try {
      channel.setOption(StandardSocketOptions.SO_RCVBUF, settings.receiveBuffer());
      for (SocketOption<Boolean> option : options) {
        channel.setOption(option, true);
      }
      if (joined != null) {
        // Others on this machine may receive the group, too: each gets all datagrams.
        channel.setOption(StandardSocketOptions.SO_REUSEADDR, true);
      }
      channel.bind(address);
      if (joined != null) {
        channel.join(address.getAddress(), joined);
      }
      channel.configureBlocking(false);
      return channel;
    } catch (IOException e) {
      channel.close();
      throw cannotBind(address, e.getMessage(), e);
    } catch (Throwable t) {
      channel.close();
      throw t;
    }
  }

  private static DatagramChannel open(InetSocketAddress address) throws IOException {
    ProtocolFamily family =
        address.getAddress() instanceof Inet4Address
            ? StandardProtocolFamily.INET
            : StandardProtocolFamily.INET6;
    try {
      return DatagramChannel.open(family);
    } catch (UnsupportedOperationException e) {
      throw cannotBind(address, e.getMessage(), e);
    }
  }

  /**
   * Returns the channel of the socket that was handed over, always the same one. Its receive buffer
   * is left as it is: its holder may have been allowed a larger one than this process is.
   */
  private static DatagramChannel inherited() throws IOException {
    Channel inherited = System.inheritedChannel();
    if (!(inherited instanceof DatagramChannel channel)) {
      throw new IOException(
          "cannot receive on an inherited socket: standard input is "
              + (inherited == null ? "no socket" : "a socket of another kind")
              + ". Expected a UDP socket there, as systemd hands it over with StandardInput=socket");
    }
    SocketAddress local = channel.getLocalAddress();
    if (!(local instanceof InetSocketAddress inet) || inet.getPort() == 0) {
      throw new IOException(
          "cannot receive on the inherited socket: it is bound to "
              + local
              + ": expected an address and a port");
    }
    channel.configureBlocking(false);
    return channel;
  }

  private static IOException cannotBind(
      InetSocketAddress address, @Nullable String why, @Nullable Exception cause) {
    return new IOException("cannot bind UDP " + Addresses.toText(address) + ": " + why, cause);
  }
}
