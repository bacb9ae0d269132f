package dev.ingest.internal.json;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * Reads strings of JSON as UTF-8, from bytes that are UTF-8: one without escapes where it lies,
 * others into memory of its own.
 */
final class PlainStrings {
  private static final VarHandle LONGS =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
  private static final long EACH = 0x0101010101010101L;
  private static final long HIGH_BITS = EACH << 7;

  private static final int NOT_PLAIN = Decimals.NOT_PLAIN;

  private byte[] unescaped = new byte[256];
  private byte[] bytes = unescaped;
  private int offset;
  private int length;

  /** Returns the bytes that hold the string read last, from {@link #offset} on. */
  byte[] bytes() {
    return bytes;
  }

  int offset() {
    return offset;
  }

  int length() {
    return length;
  }

  /**
   * Reads a string.
   *
   * @param from behind the quote that begins it
   * @param end where no string goes on, and where a newline stands
   * @return behind the quote that ends it; {@link Decimals#NOT_PLAIN} if it is no string, or has an
   *     unpaired surrogate
   */
  int read(byte[] text, int from, int end) {
    int i = special(text, from, end);
    if (text[i] == '"') {
      bytes = text;
      offset = from;
      length = i - from;
      return i + 1;
    }
    if (unescaped.length < end - from) {
      unescaped = new byte[Math.max(end - from, 2 * unescaped.length)];
    }
    bytes = unescaped;
    offset = 0;
    length = 0;
    int copied = from;
    while (text[i] == '\\') {
      append(text, copied, i);
      copied = escape(text, i + 1, end);
      if (copied == NOT_PLAIN) {
        return NOT_PLAIN;
      }
      i = special(text, copied, end);
    }
    append(text, copied, i);
    return text[i] == '"' ? i + 1 : NOT_PLAIN;
  }

  /** Returns where the first quote, backslash or control character is. */
  private static int special(byte[] text, int from, int end) {
    int i = from;
    for (; i <= end - Long.BYTES; i += Long.BYTES) {
      long word = (long) LONGS.get(text, i);
      // The lowest bit of each is at the first byte that is one; above it there may be false ones.
      long control = (word - ' ' * EACH) & ~word;
      long quote = word ^ '"' * EACH;
      long backslash = word ^ '\\' * EACH;
      long found =
          (control | ((quote - EACH) & ~quote) | ((backslash - EACH) & ~backslash)) & HIGH_BITS;
      if (found != 0) {
        return i + (Long.numberOfTrailingZeros(found) >> 3);
      }
    }
    while (text[i] < 0 || (text[i] >= ' ' && text[i] != '"' && text[i] != '\\')) {
      i++;
    }
    return i;
  }

  private void append(byte[] text, int from, int to) {
    // Between two escapes there are often a few bytes only.
    for (int i = from; i < to; i++) {
      unescaped[length++] = text[i];
    }
  }

  /** Appends what an escape stands for; returns where it ends. */
  private int escape(byte[] text, int at, int end) {
    switch (text[at]) {
      case '"', '\\', '/' -> append(text[at]);
      case 'n' -> append('\n');
      case 't' -> append('\t');
      case 'r' -> append('\r');
      case 'b' -> append('\b');
      case 'f' -> append('\f');
      case 'u' -> {
        return unicode(text, at + 1, end);
      }
      default -> {
        return NOT_PLAIN;
      }
    }
    return at + 1;
  }

  private int unicode(byte[] text, int at, int end) {
    int c = hex(text, at, end);
    int after = at + 4;
    if (c >= Character.MIN_HIGH_SURROGATE && c <= Character.MAX_HIGH_SURROGATE) {
      boolean follows = after + 2 <= end && text[after] == '\\' && text[after + 1] == 'u';
      int low = follows ? hex(text, after + 2, end) : NOT_PLAIN;
      if (low < Character.MIN_LOW_SURROGATE || low > Character.MAX_LOW_SURROGATE) {
        return NOT_PLAIN;
      }
      c = Character.toCodePoint((char) c, (char) low);
      after += 6;
    } else if (c == NOT_PLAIN
        || (c >= Character.MIN_LOW_SURROGATE && c <= Character.MAX_LOW_SURROGATE)) {
      return NOT_PLAIN;
    }
    appendUtf8(c);
    return after;
  }

  private static int hex(byte[] text, int at, int end) {
    if (at + 4 > end) {
      return NOT_PLAIN;
    }
    int value = 0;
    for (int i = at; i < at + 4; i++) {
      int digit = Character.digit((char) (text[i] & 0xff), 16);
      if (digit < 0 || text[i] < 0) {
        return NOT_PLAIN;
      }
      value = (value << 4) | digit;
    }
    return value;
  }

  private void appendUtf8(int c) {
    if (c < 0x80) {
      append(c);
    } else if (c < 0x800) {
      append(0xc0 | (c >> 6));
      append(0x80 | (c & 0x3f));
    } else if (c < 0x10000) {
      append(0xe0 | (c >> 12));
      append(0x80 | (c >> 6 & 0x3f));
      append(0x80 | (c & 0x3f));
    } else {
      append(0xf0 | (c >> 18));
      append(0x80 | (c >> 12 & 0x3f));
      append(0x80 | (c >> 6 & 0x3f));
      append(0x80 | (c & 0x3f));
    }
  }

  private void append(int octet) {
    unescaped[length++] = (byte) octet;
  }
}
