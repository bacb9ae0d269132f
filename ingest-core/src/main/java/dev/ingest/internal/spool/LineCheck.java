package dev.ingest.internal.spool;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.zip.CRC32C;

/**
 * What a line of a segment ends with, so that damage is found: {@value #LENGTH} spaces and tabs,
 * the bits of a number, with a tab for a one. JSON takes them for white space, so any tool reads
 * the line as if they were not there.
 *
 * <p>The number is the sum of the CRC-32C of what is before it (RFC 3720, B.4), of the salt of the
 * segment, and of the line's own number. So a line that is in the wrong segment or in the wrong
 * place is no good line there, and a good line tells which one it is, although lines before it may
 * be damaged. One thread at a time uses it.
 */
final class LineCheck {
  static final int LENGTH = Integer.SIZE;

  private static final VarHandle LONGS =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);

  /** A tab has the lowest bit set, a space has not. */
  private static final long LOWEST_BITS = 0x0101010101010101L;

  private static final long SPACES = ' ' * LOWEST_BITS;

  /** A factor that moves the lowest bits of all bytes, in their order, to the highest byte. */
  private static final long GATHER = 0x0102040810204080L;

  /** The bits of each value of a byte, as eight characters. */
  private static final long[] CHARACTERS = new long[1 << Byte.SIZE];

  static {
    for (int value = 0; value < CHARACTERS.length; value++) {
      for (int bit = Byte.SIZE - 1; bit >= 0; bit--) {
        long character = (value & 1 << bit) == 0 ? ' ' : '\t';
        CHARACTERS[value] = CHARACTERS[value] << Byte.SIZE | character;
      }
    }
  }

  private final CRC32C crc = new CRC32C();

  /** Writes the check of a line behind it. */
  void append(byte[] buffer, int from, int to, int salt, int line) {
    int check = crc(buffer, from, to) + salt + line;
    for (int at = to; at < to + LENGTH; at += Byte.SIZE) {
      LONGS.set(buffer, at, CHARACTERS[check >>> (Integer.SIZE - Byte.SIZE)]);
      check <<= Byte.SIZE;
    }
  }

  /**
   * Returns which line of a segment this is, if it is a good one: of any other bytes the result
   * says nothing, and is any number.
   *
   * @param to where the line ends, after its check and before its newline
   * @return less than 0 if there is no check
   */
  int line(byte[] buffer, int from, int to, int salt) {
    int end = to - LENGTH;
    if (end <= from) {
      return -1;
    }
    int check = 0;
    for (int at = end; at < to; at += Byte.SIZE) {
      long characters = (long) LONGS.get(buffer, at);
      long ones = characters & LOWEST_BITS;
      if (characters != SPACES + ones * ('\t' - ' ')) {
        return -1;
      }
      check = check << Byte.SIZE | (int) ((ones * GATHER) >>> (Long.SIZE - Byte.SIZE));
    }
    return check - crc(buffer, from, end) - salt;
  }

  /** Tells whether a check may have this character. */
  static boolean isCheck(byte character) {
    return character == ' ' || character == '\t';
  }

  private int crc(byte[] buffer, int from, int to) {
    crc.reset();
    crc.update(buffer, from, to - from);
    return (int) crc.getValue();
  }
}
