package dev.ingest.internal.receive.stream;

import dev.ingest.internal.log.Addresses;
import dev.ingest.source.StreamSource;
import dev.ingest.source.Tcp;
import dev.ingest.source.Unix;
import java.io.Closeable;
import java.io.IOException;
import java.net.Inet4Address;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/** A socket that is listened on without blocking. */
final class Listener implements Closeable {
  /** How many connections may wait to be accepted; Linux caps it at net.core.somaxconn. */
  static final int BACKLOG = 1_024;

  private final ServerSocketChannel channel;
  private final SocketAddress address;
  private final Closeable file;
  private final AtomicBoolean closed = new AtomicBoolean();
  private final String kind;

  private Listener(
      String kind, ServerSocketChannel channel, SocketAddress address, Closeable file) {
    this.kind = kind;
    this.channel = channel;
    this.address = address;
    this.file = file;
  }

  /**
   * Binds a socket.
   *
   * @throws IOException if it cannot be bound; the message names the address
   */
  static Listener open(StreamSource<?> settings) throws IOException {
    if (settings instanceof Unix unix) {
      UnixSocketFile file = UnixSocketFile.bind(unix);
      return new Listener("Unix socket ", file.channel(), file.address(), file);
    }
    Tcp tcp = (Tcp) settings;
    InetSocketAddress address = tcp.address();
    if (address.isUnresolved()) {
      throw cannotBind(
          address, "the host is unknown; expected a name or an IP address of this machine", null);
    }
    try {
      return bind(tcp.tls().isPresent() ? "TLS " : "TCP ", address);
    } catch (IOException | UnsupportedOperationException e) {
      throw cannotBind(
          address,
          e.getMessage()
              + ": expected an address of this machine and a port that nobody listens on and that"
              + " this user may have",
          e);
    }
  }

  private static Listener bind(String kind, InetSocketAddress address) throws IOException {
    ServerSocketChannel channel =
        ServerSocketChannel.open(
            address.getAddress() instanceof Inet4Address
                ? StandardProtocolFamily.INET
                : StandardProtocolFamily.INET6);
    try {
      channel.setOption(StandardSocketOptions.SO_REUSEADDR, true); // for a restart
      channel.bind(address, BACKLOG).configureBlocking(false);
      return new Listener(kind, channel, channel.getLocalAddress(), () -> {});
    } catch (Throwable t) {
      channel.close();
      throw t;
    }
  }

  private static IOException cannotBind(
      InetSocketAddress address, String why, @Nullable Exception cause) {
    return new IOException("cannot bind TCP " + Addresses.toText(address) + ": " + why, cause);
  }

  ServerSocketChannel channel() {
    return channel;
  }

  /** Returns the address that it is bound to, with the real port. */
  SocketAddress address() {
    return address;
  }

  /** Returns the next connection that waits to be accepted, without blocking; null if none does. */
  @Nullable SocketChannel accept() throws IOException {
    return channel.accept();
  }

  /** Returns where a connection comes from; a client of a Unix socket has no name of its own. */
  SocketAddress sender(SocketChannel accepted) throws IOException {
    return address instanceof InetSocketAddress ? accepted.getRemoteAddress() : address;
  }

  /** Stops listening. What a selector holds of it ends with its next selection. Any thread. */
  @Override
  public void close() throws IOException {
    if (closed.compareAndSet(false, true)) {
      try (file) {
        channel.close();
      }
    }
  }

  /** Returns the kind and the address of the source. */
  @Override
  public String toString() {
    return kind
        + (address instanceof UnixDomainSocketAddress unix
            ? unix.getPath()
            : Addresses.toText(address));
  }
}
