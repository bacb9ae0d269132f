package dev.ingest.internal.json;

import java.math.BigInteger;
import tools.jackson.core.io.NumberInput;

/**
 * Reads decimal numbers as the nearest double, those without an exponent and of up to 19 digits
 * without allocating anything. Jackson reads the others: from JDK 23 on its parser wraps the text
 * in a memory segment for each four digits behind the point, 96 bytes for the 15 of
 * 21.400000000000002.
 *
 * <p>The digits are multiplied by a power of ten of 128 bits, as in Daniel Lemire's <a
 * href="https://arxiv.org/abs/2101.11408">Number Parsing at a Gigabyte per Second</a>. The power is
 * rounded down, by less than one unit of its last bit, so the product of 192 bits is less than the
 * digits too small. Where that much would change how it is rounded, Jackson reads the number.
 */
final class Doubles {
  private static final int MAX_DIGITS = 19;
  private static final int MANTISSA_BITS = 53;
  private static final int EXPONENT_BIAS = 1023;

  /** The upper and lower 64 bits of 10 to the power of minus a scale, with the first bit set. */
  private static final long[] HIGH = new long[MAX_DIGITS + 1];

  private static final long[] LOW = new long[MAX_DIGITS + 1];

  /** The power of two that these are to be multiplied by is minus this. */
  private static final int[] SHIFT = new int[MAX_DIGITS + 1];

  static {
    BigInteger power = BigInteger.ONE;
    for (int scale = 0; scale <= MAX_DIGITS; scale++) {
      int bits = power.subtract(BigInteger.ONE).bitLength() + 127;
      BigInteger inverse = BigInteger.ONE.shiftLeft(bits).divide(power);
      HIGH[scale] = inverse.shiftRight(Long.SIZE).longValue();
      LOW[scale] = inverse.longValue();
      SHIFT[scale] = bits;
      power = power.multiply(BigInteger.TEN);
    }
  }

  private Doubles() {}

  /** Reads a number as in JSON, whose sign may also be a plus, and which may begin with zeros. */
  static double read(char[] text, int offset, int length) {
    int end = offset + length;
    int start = text[offset] == '-' ? offset + 1 : offset;
    long digits = 0;
    int i = start;
    while (i < end && isDigit(text[i])) {
      digits = digits * 10 + (text[i++] - '0');
    }
    int count = i - start;
    int scale = 0;
    if (i < end && text[i] == '.') {
      int point = i++;
      while (i < end && isDigit(text[i])) {
        digits = digits * 10 + (text[i++] - '0');
      }
      scale = i - point - 1;
      count += scale;
    }
    double value = i < end || count > MAX_DIGITS ? Double.NaN : round(digits, scale);
    if (Double.isNaN(value)) {
      return NumberInput.parseDouble(text, offset, length, true);
    }
    return start == offset ? value : -value;
  }

  private static boolean isDigit(char c) {
    return c >= '0' && c <= '9';
  }

  /**
   * Returns the double that is nearest to the digits, an unsigned number, divided by a power of
   * ten; NaN if it cannot tell.
   */
  private static double round(long digits, int scale) {
    if (digits == 0) {
      return 0;
    }
    int zeros = Long.numberOfLeadingZeros(digits);
    long factor = digits << zeros;
    long middle = factor * HIGH[scale];
    long sum = middle + multiplyHigh(factor, LOW[scale]);
    long high = multiplyHigh(factor, HIGH[scale]);
    if (Long.compareUnsigned(sum, middle) < 0) {
      high++;
    }
    int cut = Long.SIZE - MANTISSA_BITS - (high < 0 ? 0 : 1);
    long half = 1L << (cut - 1);
    long rest = high & ((1L << cut) - 1);
    if ((rest == half && sum == 0) || (rest == half - 1 && sum == -1)) {
      return Double.NaN;
    }
    long mantissa = (high >>> cut) + (rest >= half ? 1 : 0);
    int exponent = cut + 2 * Long.SIZE - SHIFT[scale] - zeros;
    return mantissa
        * Double.longBitsToDouble((long) (exponent + EXPONENT_BIAS) << (MANTISSA_BITS - 1));
  }

  /** Returns the upper half of the product of two unsigned numbers. */
  private static long multiplyHigh(long a, long b) {
    return Math.multiplyHigh(a, b) + ((a >> (Long.SIZE - 1)) & b) + ((b >> (Long.SIZE - 1)) & a);
  }
}
