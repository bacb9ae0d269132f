package dev.ingest.internal.json;

import dev.ingest.internal.decode.RejectedException;
import dev.ingest.stats.RejectReason;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.StandardCharsets;

/**
 * Checks that a message is well-formed UTF-8 (RFC 3629). Jackson does not: it takes overlong forms
 * and surrogates, and hardly looks into text that it skips.
 */
final class Utf8 {
  private static final VarHandle LONGS =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.nativeOrder());
  private static final long HIGH_BITS = 0x8080808080808080L;

  private final CharsetDecoder decoder = StandardCharsets.UTF_8.newDecoder();
  private final CharBuffer ignored = CharBuffer.allocate(1024);

  /** Rejects the message if it is not UTF-8, with the offset of the first byte at fault. */
  void check(byte[] bytes, int offset, int length) throws RejectedException {
    if (!isAscii(bytes, offset, length) && !isWellFormed(bytes, offset, offset + length)) {
      throw fault(bytes, offset, length);
    }
  }

  private static boolean isAscii(byte[] bytes, int offset, int length) {
    int i = offset;
    int end = offset + length;
    long seen = 0;
    for (; i <= end - Long.BYTES; i += Long.BYTES) {
      seen |= (long) LONGS.get(bytes, i);
    }
    for (; i < end; i++) {
      seen |= bytes[i];
    }
    return (seen & HIGH_BITS) == 0;
  }

  /**
   * Follows table 3-7 of the Unicode Standard, which has the bytes of all well-formed sequences.
   */
  private static boolean isWellFormed(byte[] bytes, int offset, int end) {
    int i = offset;
    while (i < end) {
      if (i <= end - Long.BYTES && ((long) LONGS.get(bytes, i) & HIGH_BITS) == 0) {
        i += Long.BYTES;
        continue;
      }
      int lead = bytes[i] & 0xff;
      int length = lead < 0x80 ? 1 : lead < 0xc2 ? 0 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
      if (length == 0 || lead > 0xf4 || i + length > end) {
        return false;
      }
      if (length > 1 && !hasTrail(bytes, i, length, lead)) {
        return false;
      }
      i += length;
    }
    return true;
  }

  private static boolean hasTrail(byte[] bytes, int at, int length, int lead) {
    int second = bytes[at + 1] & 0xff;
    int least = lead == 0xe0 ? 0xa0 : lead == 0xf0 ? 0x90 : 0x80;
    int most = lead == 0xed ? 0x9f : lead == 0xf4 ? 0x8f : 0xbf;
    boolean good = second >= least && second <= most;
    for (int i = at + 2; i < at + length; i++) {
      good &= (bytes[i] & 0xc0) == 0x80;
    }
    return good;
  }

  private RejectedException fault(byte[] bytes, int offset, int length) {
    ByteBuffer in = ByteBuffer.wrap(bytes, offset, length);
    decoder.reset();
    CoderResult result;
    do {
      ignored.clear();
      result = decoder.decode(in, ignored, true);
    } while (result.isOverflow());
    return new RejectedException(
        RejectReason.BAD_UTF8, "byte at offset " + (in.position() - offset) + " is not UTF-8");
  }
}
