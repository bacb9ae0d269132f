package dev.ingest.internal.receive.udp;

import java.io.IOException;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.jspecify.annotations.Nullable;

/**
 * Reads the kernel's socket addresses, sockaddr_in and sockaddr_in6 of Linux (ip(7), ipv6(7)). The
 * last ones are kept, so that a steady sender costs no object a datagram.
 */
final class SourceAddresses {
  /** The size of a sockaddr_in6, the longer one. */
  static final int ADDRESS_BYTES = 28;

  private static final int AF_INET = 2;

  /** A power of two. */
  private static final int KEPT = 256;

  private final byte[][] addresses = new byte[KEPT][];
  private final @Nullable InetSocketAddress[] kept = new InetSocketAddress[KEPT];

  /** Returns the address that begins at an offset. */
  InetSocketAddress read(ByteBuffer memory, int offset) throws IOException {
    // Family, port and the 32 bits of an IPv4 address; an IPv6 address stands in the next 16 bytes.
    long hash = memory.getLong(offset);
    boolean isIpv4 = memory.getShort(offset) == AF_INET;
    if (!isIpv4) {
      hash ^= memory.getLong(offset + 8) * 31 ^ memory.getLong(offset + 16);
    }
    int index = (int) ((hash * 0x9E3779B97F4A7C15L) >>> 56);
    int length = isIpv4 ? 8 : ADDRESS_BYTES;
    byte[] address = addresses[index];
    InetSocketAddress last = kept[index];
    if (last != null && address.length == length && equal(memory, offset, address)) {
      return last;
    }
    InetSocketAddress source = isIpv4 ? ipv4(memory, offset) : ipv6(memory, offset);
    addresses[index] = new byte[length];
    memory.get(offset, addresses[index]);
    kept[index] = source;
    return source;
  }

  private static boolean equal(ByteBuffer memory, int offset, byte[] address) {
    for (int i = 0; i < address.length; i++) {
      if (memory.get(offset + i) != address[i]) {
        return false;
      }
    }
    return true;
  }

  private static InetSocketAddress ipv4(ByteBuffer memory, int offset) throws IOException {
    byte[] address = new byte[4];
    memory.get(offset + 4, address);
    return new InetSocketAddress(InetAddress.getByAddress(address), port(memory, offset));
  }

  private static InetSocketAddress ipv6(ByteBuffer memory, int offset) throws IOException {
    byte[] address = new byte[16];
    memory.get(offset + 8, address);
    int scope = memory.getInt(offset + 24);
    // An IPv4 address that is mapped into IPv6 becomes one of IPv4 again, as the JDK does it.
    InetAddress host =
        scope == 0
            ? InetAddress.getByAddress(address)
            : Inet6Address.getByAddress(null, address, scope);
    return new InetSocketAddress(host, port(memory, offset));
  }

  private static int port(ByteBuffer memory, int offset) {
    int port = Short.toUnsignedInt(memory.getShort(offset + 2));
    return memory.order() == ByteOrder.BIG_ENDIAN ? port : Integer.reverseBytes(port) >>> 16;
  }
}
