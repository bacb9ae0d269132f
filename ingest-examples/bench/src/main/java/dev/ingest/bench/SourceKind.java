package dev.ingest.bench;

import dev.ingest.source.Source;
import dev.ingest.source.Tcp;
import dev.ingest.source.Udp;
import dev.ingest.source.Unix;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.file.Path;
import java.util.Locale;

/** How the records of a load come to the library: each in a datagram, or each on a line. */
enum SourceKind {
  UDP,
  TCP,
  UNIX;

  /**
   * Returns the source of a server.
   *
   * @param socket where a Unix socket is to be
   */
  Source source(Path socket) {
    return switch (this) {
      case UDP -> Udp.on(0);
      case TCP -> Tcp.on(0);
      case UNIX -> Unix.at(socket);
    };
  }

  /**
   * Returns where a sender finds the server: {@code 12345}, {@code tcp:12345}, {@code unix:PATH}.
   */
  String target(SocketAddress address) {
    return switch (this) {
      case UDP -> Integer.toString(((InetSocketAddress) address).getPort());
      case TCP -> "tcp:" + ((InetSocketAddress) address).getPort();
      case UNIX -> "unix:" + address;
    };
  }

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
