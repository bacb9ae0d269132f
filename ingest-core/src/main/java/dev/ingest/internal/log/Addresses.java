package dev.ingest.internal.log;

import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;

/**
 * Addresses as they are written in messages: in printable ASCII, without quotes and backslashes, so
 * that they can stand in JSON. Any other byte of a path is written as in a URI (RFC 3986, 2.1).
 */
public final class Addresses {
  private static final HexFormat HEX = HexFormat.of().withUpperCase();

  private Addresses() {}

  /**
   * Returns an address as {@code host:port}, without a look-up of the name, or as {@code
   * unix:path}.
   */
  public static String toText(SocketAddress address) {
    if (address instanceof InetSocketAddress inet) {
      return plain(toText(inet));
    }
    return plain(
        address instanceof UnixDomainSocketAddress socket
            ? "unix:" + socket.getPath().toString().replace("%", "%25")
            : address.toString());
  }

  private static String plain(String text) {
    return text.chars().allMatch(Addresses::isPlain) ? text : encoded(text);
  }

  private static boolean isPlain(int character) {
    return character >= ' ' && character < 0x7f && character != '"' && character != '\\';
  }

  private static String encoded(String text) {
    StringBuilder encoded = new StringBuilder();
    for (byte next : text.getBytes(StandardCharsets.UTF_8)) {
      encoded.append(isPlain(next) ? String.valueOf((char) next) : "%" + HEX.toHexDigits(next));
    }
    return encoded.toString();
  }

  private static String toText(InetSocketAddress address) {
    String host =
        address.isUnresolved() ? address.getHostString() : address.getAddress().getHostAddress();
    return (host.indexOf(':') < 0 ? host : "[" + host + "]") + ":" + address.getPort();
  }
}
