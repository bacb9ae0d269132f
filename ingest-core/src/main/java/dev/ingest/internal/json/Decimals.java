package dev.ingest.internal.json;

/**
 * Reads decimal numbers exactly: a number of seconds as nanoseconds, an integer written with a
 * fraction or an exponent. Digit by digit, so that neither the number of digits nor the exponent
 * costs more than reading them.
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

  /** More than the digits of a number can make up for. */
  private static final int MAX_EXPONENT = 10_000;

  static {
    long power = 1;
    for (int i = 0; i < POWERS.length; i++) {
      POWERS[i] = power;
      LIMITS[i] = Long.MAX_VALUE / power;
      power *= 10;
    }
  }

  private long value;
  private boolean exact;

  /**
   * Reads a number times a power of ten, from 0 to 9. What is beyond the last place is rounded,
   * half away from zero.
   *
   * @return false if a long cannot hold the result
   */
  boolean read(char[] text, int offset, int length, int power) {
    return readPlain(text, offset, length, power) || readAny(text, offset, offset + length, power);
  }

  /** Returns the number that was read last. */
  long value() {
    return value;
  }

  /** Tells whether nothing of the number that was read last was rounded away. */
  boolean exact() {
    return exact;
  }

  /** Reads the usual number: without exponent, and with no digit that is rounded away. */
  private boolean readPlain(char[] text, int offset, int length, int power) {
    int end = offset + length;
    int start = text[offset] == '-' ? offset + 1 : offset;
    long digits = 0;
    int i = start;
    while (i < end && isDigit(text[i])) {
      digits = digits * 10 + (text[i++] - '0');
    }
    int count = i - start;
    int scale = power;
    if (i < end && text[i] == '.') {
      int point = i++;
      while (i < end && isDigit(text[i])) {
        digits = digits * 10 + (text[i++] - '0');
      }
      scale -= i - point - 1;
      count = i - start - 1;
    }
    if (i < end || count > MAX_PLAIN_DIGITS || scale < 0 || digits < 0 || digits > LIMITS[scale]) {
      return false;
    }
    value = (start == offset ? digits : -digits) * POWERS[scale];
    exact = true;
    return true;
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
