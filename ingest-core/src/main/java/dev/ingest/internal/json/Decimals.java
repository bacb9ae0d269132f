package dev.ingest.internal.json;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.math.BigInteger;
import java.nio.ByteOrder;
import tools.jackson.core.io.NumberInput;

/**
 * Reads decimal numbers exactly: a number of seconds as nanoseconds, an integer written with a
 * fraction or an exponent. Digit by digit, so that neither the number of digits nor the exponent
 * costs more than reading them. Or as the nearest double.
 *
 * <p>A number is an optional sign, digits with at most one point among them, and an optional
 * exponent, as in JSON; the sign may be a plus, and leading zeros are nothing special.
 */
final class Decimals {
  /** The powers of ten that a long can hold. */
  private static final long[] POWERS = new long[19];

  /** How often each power fits into the largest long. */
  private static final long[] LIMITS = new long[POWERS.length];

  /** More digits than these might overflow 64 bits unnoticed. */
  private static final int MAX_PLAIN_DIGITS = 19;

  /** No number that could be scanned. */
  static final int NOT_PLAIN = -1;

  /** More than the digits of a number can make up for. */
  private static final int MAX_EXPONENT = 10_000;

  /** Reads eight bytes, the first as the lowest. */
  private static final VarHandle LONGS =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

  private static final long ZEROS = 0x3030303030303030L;
  private static final long HIGH_BITS = 0x8080808080808080L;

  /** Added to a byte, it sets the high bit if that is more than 9. */
  private static final long TO_HIGH_BIT = 0x7676767676767676L;

  private static final int MANTISSA_BITS = 53;
  private static final int EXPONENT_BIAS = 1023;

  /** The upper and lower 64 bits of 10 to the power of minus a scale, with the first bit set. */
  private static final long[] HIGH = new long[MAX_PLAIN_DIGITS + 1];

  private static final long[] LOW = new long[HIGH.length];

  /** The power of two that these are to be multiplied by is minus this. */
  private static final int[] SHIFT = new int[HIGH.length];

  static {
    long power = 1;
    for (int i = 0; i < POWERS.length; i++) {
      POWERS[i] = power;
      LIMITS[i] = Long.MAX_VALUE / power;
      power *= 10;
    }
    BigInteger divisor = BigInteger.ONE;
    for (int scale = 0; scale < HIGH.length; scale++) {
      int bits = divisor.subtract(BigInteger.ONE).bitLength() + 127;
      BigInteger inverse = BigInteger.ONE.shiftLeft(bits).divide(divisor);
      HIGH[scale] = inverse.shiftRight(Long.SIZE).longValue();
      LOW[scale] = inverse.longValue();
      SHIFT[scale] = bits;
      divisor = divisor.multiply(BigInteger.TEN);
    }
  }

  private long value;
  private boolean exact;

  /** The digits that were scanned last, without the point, as an unsigned number. */
  private long digits;

  /** Whether a minus sign was before them. */
  private boolean negative;

  /** How many of them are behind the point. */
  private int scale;

  /**
   * Reads a number times a power of ten, from 0 to 9. What is beyond the last place is rounded,
   * half away from zero.
   *
   * @return false if a long cannot hold the result
   */
  boolean read(char[] text, int offset, int length, int power) {
    int end = offset + length;
    return (scan(text, offset, end) && takeScanned(power)) || readAny(text, offset, end, power);
  }

  /**
   * Reads a number as the nearest double; one without an exponent and of up to 19 digits without
   * allocating anything. Jackson reads the others: from JDK 23 on its parser wraps the text in a
   * memory segment for each four digits behind the point, 96 bytes for the 15 of
   * 21.400000000000002.
   */
  double readDouble(char[] text, int offset, int length) {
    double value = scan(text, offset, offset + length) ? scannedDouble() : Double.NaN;
    return Double.isNaN(value) ? NumberInput.parseDouble(text, offset, length, true) : value;
  }

  /**
   * Returns the double that is nearest to what was scanned; NaN if that cannot be told.
   *
   * <p>The digits are multiplied by a power of ten of 128 bits, as in Daniel Lemire's <a
   * href="https://arxiv.org/abs/2101.11408">Number Parsing at a Gigabyte per Second</a>. The power
   * is rounded down, by less than one unit of its last bit, so the product of 192 bits is less than
   * the digits too small. Where that much would change how it is rounded, it cannot be told. Carry
   * and rounding, which no processor foresees, are computed without a branch.
   */
  private double nearest() {
    if (scale == 0 || digits == 0) {
      return digits < 0 ? Double.NaN : digits;
    }
    int zeros = Long.numberOfLeadingZeros(digits);
    long factor = digits << zeros;
    long middle = factor * HIGH[scale];
    long lower = multiplyHigh(factor, LOW[scale]);
    long sum = middle + lower;
    long carry = ((middle & lower) | ((middle | lower) & ~sum)) >>> (Long.SIZE - 1);
    long high = multiplyHigh(factor, HIGH[scale]) + carry;
    int cut = Long.SIZE - MANTISSA_BITS - 1 + (int) (high >>> (Long.SIZE - 1));
    long half = 1L << (cut - 1);
    long rest = high & ((1L << cut) - 1);
    if ((rest == half && sum == 0) || (rest == half - 1 && sum == -1)) {
      return Double.NaN;
    }
    long mantissa = ((high >>> (cut - 1)) + 1) >>> 1;
    int exponent = cut + 2 * Long.SIZE - SHIFT[scale] - zeros;
    return mantissa
        * Double.longBitsToDouble((long) (exponent + EXPONENT_BIAS) << (MANTISSA_BITS - 1));
  }

  /** Returns the upper half of the product of two unsigned numbers. */
  private static long multiplyHigh(long a, long b) {
    return Math.multiplyHigh(a, b) + ((a >> (Long.SIZE - 1)) & b) + ((b >> (Long.SIZE - 1)) & a);
  }

  /** Returns the number that was read last. */
  long value() {
    return value;
  }

  /** Tells whether nothing of the number that was read last was rounded away. */
  boolean exact() {
    return exact;
  }

  /**
   * Scans a number of JSON where its bytes lie. After it there must be a byte that is no digit.
   *
   * @return where it ends; {@link #NOT_PLAIN} if it is none, or has an exponent or more than 19
   *     digits
   */
  int scan(byte[] text, int from) {
    negative = text[from] == '-';
    int start = negative ? from + 1 : from;
    digits = 0;
    int i = scanDigits(text, start);
    int count = i - start;
    if (count == 0 || (count > 1 && text[start] == '0')) {
      return NOT_PLAIN;
    }
    scale = 0;
    if (text[i] == '.') {
      int point = i;
      i = scanDigits(text, point + 1);
      scale = i - point - 1;
      count += scale;
      if (scale == 0) {
        return NOT_PLAIN;
      }
    }
    return count > MAX_PLAIN_DIGITS || (text[i] | ' ') == 'e' ? NOT_PLAIN : i;
  }

  /** Appends digits to those scanned so far; returns where they end. */
  private int scanDigits(byte[] text, int from) {
    long scanned = digits;
    int i = from;
    int count = Long.BYTES;
    while (count == Long.BYTES && i <= text.length - Long.BYTES) {
      long eight = (long) LONGS.get(text, i) ^ ZEROS;
      count = digitsIn(eight);
      scanned = scanned * POWERS[count] + number(eight, count);
      i += count;
    }
    if (count == Long.BYTES) { // near the end of the array
      for (; isDigit((char) text[i]); i++) {
        scanned = scanned * 10 + (text[i] - '0');
      }
    }
    digits = scanned;
    return i;
  }

  /** Returns how many of eight bytes, from the lowest on, are at most 9. */
  private static int digitsIn(long eight) {
    long others = ((eight + TO_HIGH_BIT) | eight) & HIGH_BITS;
    return Long.numberOfTrailingZeros(others) / Byte.SIZE;
  }

  /**
   * Returns the number whose digits are the lowest of eight bytes, the first one lowest. They are
   * joined to pairs, those to fours, and those to the number, all at once in a register.
   */
  private static long number(long eight, int count) {
    long number = count == 0 ? 0 : eight << (Long.SIZE - count * Byte.SIZE); // zeros go first
    number = ((number * ((10L << 8) + 1)) >>> 8) & 0x00ff_00ff_00ff_00ffL;
    number = ((number * ((100L << 16) + 1)) >>> 16) & 0x0000_ffff_0000_ffffL;
    return (number * ((10_000L << 32) + 1)) >>> 32;
  }

  /** Tells whether what was scanned last has a fraction. */
  boolean hasFraction() {
    return scale > 0;
  }

  /** Returns what was scanned last as the nearest double; NaN if that cannot be told. */
  double scannedDouble() {
    double magnitude = nearest();
    return negative ? -magnitude : magnitude;
  }

  /**
   * Takes what was scanned last, times a power of ten from 0 to 9, as the {@link #value}.
   *
   * @return false if a long cannot hold it, or something would be rounded away
   */
  boolean takeScanned(int power) {
    int places = power - scale;
    if (places < 0 || digits < 0 || digits > LIMITS[places]) {
      return false;
    }
    value = (negative ? -digits : digits) * POWERS[places];
    exact = true;
    return true;
  }

  /** Returns false if there is an exponent, a plus sign, or a digit too many. */
  private boolean scan(char[] text, int offset, int end) {
    negative = text[offset] == '-';
    int start = negative ? offset + 1 : offset;
    long scanned = 0;
    int i = start;
    while (i < end && isDigit(text[i])) {
      scanned = scanned * 10 + (text[i++] - '0');
    }
    int count = i - start;
    scale = 0;
    if (i < end && text[i] == '.') {
      int point = i++;
      while (i < end && isDigit(text[i])) {
        scanned = scanned * 10 + (text[i++] - '0');
      }
      scale = i - point - 1;
      count += scale;
    }
    digits = scanned;
    return i == end && count <= MAX_PLAIN_DIGITS;
  }

  private static boolean isDigit(char c) {
    return c >= '0' && c <= '9';
  }

  private boolean readAny(char[] text, int offset, int end, int power) {
    int exponentAt = indexOf('e', text, offset, end);
    int point = indexOf('.', text, offset, exponentAt);
    boolean negative = text[offset] == '-';
    int i = negative || text[offset] == '+' ? offset + 1 : offset;
    // The place that the first digit has in the result: 0 is the last one before the point.
    int place = point - i - 1 + power + exponent(text, exponentAt + 1, end);
    value = 0; // negative until the end, since there is one more of these
    for (; i < exponentAt && place >= 0; i++) {
      if (i != point) {
        if (!append(text[i] - '0')) {
          return false;
        }
        place--;
      }
    }
    for (; place >= 0 && value != 0; place--) {
      if (!append(0)) {
        return false;
      }
    }
    boolean inTheMiddle = place == -1;
    exact = true;
    for (; i < exponentAt; i++) {
      if (i != point) {
        exact &= text[i] == '0';
        value -= inTheMiddle && text[i] >= '5' ? 1 : 0;
        inTheMiddle = false; // only the next digit decides
      }
    }
    if (value > 0 || (value == Long.MIN_VALUE && !negative)) {
      return false;
    }
    value = negative ? value : -value;
    return true;
  }

  /** Returns where a sign is, in lower or upper case, or else the end. */
  private static int indexOf(char sign, char[] text, int from, int end) {
    int i = from;
    while (i < end && (text[i] | ' ') != sign) {
      i++;
    }
    return i;
  }

  private boolean append(int digit) {
    if (value < (Long.MIN_VALUE + digit) / 10) {
      return false;
    }
    value = value * 10 - digit;
    return true;
  }

  /** Reads an exponent; one beyond all ranges as one that is just beyond them. */
  private static int exponent(char[] text, int from, int end) {
    int i = from;
    boolean negative = i < end && text[i] == '-';
    if (negative || (i < end && text[i] == '+')) {
      i++;
    }
    int exponent = 0;
    for (; i < end && exponent < MAX_EXPONENT; i++) {
      exponent = exponent * 10 + (text[i] - '0');
    }
    return negative ? -exponent : exponent;
  }
}
