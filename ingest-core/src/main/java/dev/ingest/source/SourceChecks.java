package dev.ingest.source;

import java.net.InetSocketAddress;
import java.util.Objects;

/** The ranges of settings, and addresses as they stand in messages. */
final class SourceChecks {
  private SourceChecks() {}

  static int inRange(String setting, int value, int min, int max) {
    return (int) inRange(setting, (long) value, min, max);
  }

  static long inRange(String setting, long value, long min, long max) {
    if (value < min || value > max) {
      throw new IllegalArgumentException(
          setting + " is " + value + ": expected " + min + " to " + max);
    }
    return value;
  }

  /** Returns an address, unresolved if the name is unknown. */
  static InetSocketAddress address(String host, int port) {
    Objects.requireNonNull(host, "host");
    if (host.isBlank()) {
      throw new IllegalArgumentException(
          "host is '"
              + host
              + "': expected an IP address or a name; 0.0.0.0 for all IPv4 interfaces");
    }
    return new InetSocketAddress(host, inRange("port", port, 0, 65_535));
  }

  static String toText(InetSocketAddress address) {
    String host =
        address.isUnresolved() ? address.getHostString() : address.getAddress().getHostAddress();
    return (host.indexOf(':') < 0 ? host : "[" + host + "]") + ":" + address.getPort();
  }
}
