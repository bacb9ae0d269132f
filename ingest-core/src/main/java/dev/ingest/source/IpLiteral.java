package dev.ingest.source;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Reads IP addresses from text, in the one form that nobody reads otherwise: IPv4 as four decimal
 * numbers without leading zeros, which some would read as octal (RFC 6943, section 3.1.1); IPv6 as
 * in RFC 4291, section 2.2, without a zone.
 */
final class IpLiteral {
  private static final int GROUPS = 8;

  private IpLiteral() {}

  /** Returns the 4 or 16 bytes of an address; null if the text is none. */
  static byte @Nullable [] parse(String text) {
    if (text.indexOf(':') < 0) {
      ByteBuffer bytes = ByteBuffer.allocate(4);
      return putIpv4(text, bytes) ? bytes.array() : null;
    }
    int gap = text.indexOf("::");
    ByteBuffer head = ByteBuffer.allocate(2 * GROUPS);
    if (gap < 0) {
      return putGroups(text, head) && !head.hasRemaining() ? head.array() : null;
    }
    ByteBuffer tail = ByteBuffer.allocate(2 * GROUPS);
    // The gap stands for at least one group (RFC 4291, section 2.2, number 2).
    if (text.lastIndexOf('.', gap) >= 0
        || !putGroups(text.substring(0, gap), head)
        || !putGroups(text.substring(gap + 2), tail)
        || head.position() + tail.position() >= 2 * GROUPS) {
      return null;
    }
    return head.put(2 * GROUPS - tail.position(), tail.array(), 0, tail.position()).array();
  }

  /** Puts groups of 16 bits; the last one may be an IPv4 address. */
  private static boolean putGroups(String text, ByteBuffer bytes) {
    if (text.isEmpty()) {
      return true;
    }
    String[] groups = text.split(":", -1);
    for (int i = 0; i < groups.length; i++) {
      if (i == groups.length - 1 && groups[i].indexOf('.') >= 0) {
        return putIpv4(groups[i], bytes);
      }
      if (!groups[i].matches("[0-9a-fA-F]{1,4}") || !bytes.hasRemaining()) {
        return false;
      }
      bytes.putShort((short) Integer.parseInt(groups[i], 16));
    }
    return true;
  }

  private static boolean putIpv4(String text, ByteBuffer bytes) {
    String[] numbers = text.split("\\.", -1);
    if (numbers.length != 4 || bytes.remaining() < 4) {
      return false;
    }
    for (String number : numbers) {
      if (!number.matches("0|[1-9][0-9]{0,2}") || Integer.parseInt(number) > 255) {
        return false;
      }
      bytes.put((byte) Integer.parseInt(number));
    }
    return true;
  }
}
