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
    if (!isAscii(bytes, offset, length)) {
      checkMultibyte(bytes, offset, length);
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

  private void checkMultibyte(byte[] bytes, int offset, int length) throws RejectedException {
    ByteBuffer in = ByteBuffer.wrap(bytes, offset, length);
    decoder.reset();
    CoderResult result;
    do {
      ignored.clear();
      result = decoder.decode(in, ignored, true);
    } while (result.isOverflow());
    if (result.isError()) {
      throw new RejectedException(
          RejectReason.BAD_UTF8, "byte at offset " + (in.position() - offset) + " is not UTF-8");
    }
  }
}
