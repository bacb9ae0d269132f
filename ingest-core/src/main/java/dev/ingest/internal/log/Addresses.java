package dev.ingest.internal.log;

import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;

/** Addresses as they are written in messages. */
public final class Addresses {
  private Addresses() {}

  /**
   * Returns an address as {@code host:port}, without a look-up of the name, or as {@code
   * unix:path}.
   */
  public static String toText(SocketAddress address) {
    if (address instanceof UnixDomainSocketAddress socket) {
      return "unix:" + socket.getPath();
    }
    return address instanceof InetSocketAddress inet ? toText(inet) : address.toString();
  }

  private static String toText(InetSocketAddress address) {
    String host =
        address.isUnresolved() ? address.getHostString() : address.getAddress().getHostAddress();
    return (host.indexOf(':') < 0 ? host : "[" + host + "]") + ":" + address.getPort();
  }
}
