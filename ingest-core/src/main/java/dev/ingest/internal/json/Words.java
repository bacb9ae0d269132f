package dev.ingest.internal.json;

/**
 * The words that devices send for values, in upper or lower case. A word is compared as a long of
 * its letters in lower case, of which it has at most eight.
 */
final class Words {
  private static final int MAX_LETTERS = Long.BYTES;

  private static final long NAN = of("nan");
  private static final long INF = of("inf");
  private static final long INFINITY = of("infinity");
  private static final long TRUE = of("true");
  private static final long ON = of("on");
  private static final long YES = of("yes");
  private static final long FALSE = of("false");
  private static final long OFF = of("off");
  private static final long NO = of("no");

  private Words() {}

  private static long of(String word) {
    return of(word.toCharArray(), 0, word.length());
  }

  /** Returns the word; 0 if this is none of ASCII, or a longer one. */
  static long of(char[] text, int offset, int length) {
    long word = 0;
    for (int i = offset; i < offset + length; i++) {
      if (length > MAX_LETTERS || !isAscii(text[i])) {
        return 0;
      }
      word = word << Byte.SIZE | lowerCase(text[i]);
    }
    return word;
  }

  /** Returns the word that these bytes of UTF-8 are; 0 if it is none of ASCII, or a longer one. */
  static long of(byte[] text, int offset, int length) {
    long word = 0;
    for (int i = offset; i < offset + length; i++) {
      if (length > MAX_LETTERS || !isAscii(text[i])) {
        return 0;
      }
      word = word << Byte.SIZE | lowerCase(text[i]);
    }
    return word;
  }

  private static boolean isAscii(int c) {
    return c > 0 && c <= 0x7f;
  }

  private static int lowerCase(int c) {
    return c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c;
  }

  /** Tells whether this is the {@code nan} or {@code inf} of C, Java or Python, without a sign. */
  static boolean isNonNumber(long word) {
    return word == NAN || word == INF || word == INFINITY;
  }

  static boolean isTrue(long word) {
    return word == TRUE || word == ON || word == YES || word == '1';
  }

  static boolean isFalse(long word) {
    return word == FALSE || word == OFF || word == NO || word == '0';
  }
}
