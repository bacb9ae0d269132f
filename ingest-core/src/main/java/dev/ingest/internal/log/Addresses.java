package dev.ingest.internal.log;

import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.charset.StandardCharsets;

/** Addresses as they are written in messages. */
public final class Addresses {
  private Addresses() {}

  /**
   * Returns an address as {@code host:port}, without a look-up of the name, or as {@code unix:path}
   * in printable ASCII: other bytes of UTF-8, and the characters {@code "}, {@code \} and {@code
   * %}, are percent-encoded (RFC 3986, section 2.1).
   */
  public static String toText(SocketAddress address) {
    if (address instanceof UnixDomainSocketAddress socket) {
      return "unix:" + percentEncoded(socket.getPath().toString());
    }
    return address instanceof InetSocketAddress inet ? toText(inet) : address.toString();
  }

  private static String percentEncoded(String path) {
    StringBuilder text = new StringBuilder();
    for (byte b : path.getBytes(StandardCharsets.UTF_8)) {
      if (b < ' ' || b > '~' || b == '"' || b == '\\' || b == '%') {
        text.append(String.format("%%%02X", b));
      } else {
        text.append((char) b);
      }
    }
    return text.toString();
  }

  private static String toText(InetSocketAddress address) {
    String host =
        address.isUnresolved() ? address.getHostString() : address.getAddress().getHostAddress();
    return (host.indexOf(':') < 0 ? host : "[" + host + "]") + ":" + address.getPort();
  }
}
