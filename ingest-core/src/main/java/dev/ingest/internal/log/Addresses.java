package dev.ingest.internal.log;

import java.net.InetSocketAddress;

/** Addresses as they are written in messages. */
public final class Addresses {
  private Addresses() {}

  /** Returns an address as host:port, without a look-up of the name. */
  public static String toText(InetSocketAddress address) {
    String host =
        address.isUnresolved() ? address.getHostString() : address.getAddress().getHostAddress();
    return (host.indexOf(':') < 0 ? host : "[" + host + "]") + ":" + address.getPort();
  }
}
