package dev.ingest.source;

import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Networks that senders may be in, for {@link Udp#filter}.
 *
 * <pre>{@code
 * Udp.on("::", 12345).filter(Networks.of("192.0.2.0/24", "2001:db8::/32"))
 * }</pre>
 *
 * <p>An IPv4 address that is mapped into IPv6 ({@code ::ffff:192.0.2.1}) is in the networks of IPv4
 * that the IPv4 address is in, and in none of IPv6.
 *
 * <p>Immutable, thread-safe. No name is ever looked up. A test takes time with the logarithm of the
 * number of networks, and allocates nothing for IPv4, nor for an IPv6 sender that goes on sending.
 */
public final class Networks implements Predicate<InetSocketAddress> {
  /** The last IPv6 senders; a power of two. */
  private static final int KEPT = 256;

  private static final int IPV6_BYTES = 16;

  private final List<String> texts;
  private final NetworkTable ipv4;
  private final NetworkTable ipv6;

  /** Since an address of IPv6 gives its bytes only as a copy. Each entry is replaced as a whole. */
  private final @Nullable Verdict[] verdicts = new Verdict[KEPT];

  private record Verdict(InetAddress sender, boolean accepted) {}

  private Networks(List<String> texts, NetworkTable ipv4, NetworkTable ipv6) {
    this.texts = texts;
    this.ipv4 = ipv4;
    this.ipv6 = ipv6;
  }

  /**
   * Returns a filter that accepts the senders in any of these networks.
   *
   * @param networks each an address and the length of its prefix, such as {@code 192.0.2.0/24} or
   *     {@code 2001:db8::/32}, or an address alone for one host; IPv4 in four decimal numbers
   *     without leading zeros, IPv6 as in RFC 4291, section 2.2, without a zone; at least one
   * @return the filter
   * @throws IllegalArgumentException if there is none, or one is anything else: a name, a prefix
   *     out of its range, an address with bits set behind the prefix, an IPv4 address mapped into
   *     IPv6. The message names it and what was expected
   */
  public static Networks of(String... networks) {
    if (networks.length == 0) {
      throw new IllegalArgumentException(
          "no network is given: expected at least one, such as 192.0.2.0/24");
    }
    List<byte[]> addresses = new ArrayList<>();
    List<Integer> prefixes = new ArrayList<>();
    for (String network : networks) {
      int slash = network.indexOf('/');
      byte[] address = address(network, slash < 0 ? network : network.substring(0, slash));
      int prefix = slash < 0 ? 8 * address.length : prefix(network, slash, address);
      addresses.add(address);
      prefixes.add(prefix);
    }
    return new Networks(
        List.of(networks),
        NetworkTable.of(addresses, prefixes, 4),
        NetworkTable.of(addresses, prefixes, IPV6_BYTES));
  }

  private static byte[] address(String network, String text) {
    byte[] address = IpLiteral.parse(text);
    if (address == null) {
      throw wrong(
          network,
          "expected an IPv4 or IPv6 address, and with a slash the length of its prefix, such as"
              + " 192.0.2.0/24 or 2001:db8::/32; a name is not looked up");
    }
    if (address.length == IPV6_BYTES && isMapped(address)) {
      throw wrong(
          network,
          "an IPv4 address mapped into IPv6: expected a network of IPv4, such as "
              + text(Arrays.copyOfRange(address, 12, IPV6_BYTES)));
    }
    return address;
  }

  private static int prefix(String network, int slash, byte[] address) {
    String digits = network.substring(slash + 1);
    int most = 8 * address.length;
    if (!digits.matches("0|[1-9][0-9]{0,2}") || Integer.parseInt(digits) > most) {
      throw wrong(network, "expected a prefix from 0 to " + most + " behind the slash");
    }
    int prefix = Integer.parseInt(digits);
    byte[] base = address.clone();
    for (int bit = prefix; bit < most; bit++) {
      base[bit / 8] &= (byte) ~(0x80 >> bit % 8);
    }
    if (!Arrays.equals(base, address)) {
      throw wrong(
          network,
          "the address has bits set behind the prefix: expected "
              + text(base)
              + "/"
              + prefix
              + " for the network, or "
              + text(address)
              + " for the host");
    }
    return prefix;
  }

  private static IllegalArgumentException wrong(String network, String expected) {
    return new IllegalArgumentException("the network is '" + network + "': " + expected);
  }

  private static String text(byte[] address) {
    try {
      return InetAddress.getByAddress(address).getHostAddress();
    } catch (UnknownHostException e) {
      throw new IllegalStateException(e); // for another length than 4 or 16
    }
  }

  private static boolean isMapped(byte[] address) {
    ByteBuffer bytes = ByteBuffer.wrap(address);
    return bytes.getLong(0) == 0 && bytes.getInt(8) == 0xffff;
  }

  /**
   * Tells whether a sender is in one of the networks.
   *
   * @param sender an address; one that is unresolved is in none
   * @return true if it is
   */
  @Override
  public boolean test(InetSocketAddress sender) {
    InetAddress address = sender.getAddress();
    if (address == null) {
      return false;
    }
    int hash = address.hashCode();
    if (address instanceof Inet4Address) {
      return ipv4.contains(0, Integer.toUnsignedLong(hash)); // the hash is the address itself
    }
    int index = (hash ^ hash >>> 16 ^ hash >>> 8) & (KEPT - 1);
    Verdict last = verdicts[index];
    if (last == null || !last.sender().equals(address)) {
      last = new Verdict(address, accepts(address.getAddress()));
      verdicts[index] = last;
    }
    return last.accepted();
  }

  private boolean accepts(byte[] address) {
    ByteBuffer bytes = ByteBuffer.wrap(address);
    return isMapped(address)
        ? ipv4.contains(0, Integer.toUnsignedLong(bytes.getInt(12)))
        : ipv6.contains(bytes.getLong(0), bytes.getLong(8));
  }

  /** Returns the networks as they were given. */
  @Override
  public String toString() {
    return String.join(", ", texts);
  }
}
