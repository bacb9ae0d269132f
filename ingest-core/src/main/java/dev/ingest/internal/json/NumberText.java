package dev.ingest.internal.json;

/**
 * Finds the number in a string, as devices write it: white space, a sign, digits with at most one
 * point among them, an exponent, white space. All but one digit may be missing. As in JSON, there
 * are at most {@value RecordParsers#MAX_NUMBER_LENGTH} digits.
 */
final class NumberText {
  /** What a string holds. */
  enum Kind {
    NUMBER,
    /** A {@code nan} or {@code inf}. */
    NON_NUMBER,
    OTHER
  }

  private int start;
  private int at;
  private int end;

  /** Reads a string, or a number of JSON. */
  Kind read(char[] text, int offset, int length) {
    start = offset;
    end = offset + length;
    while (start < end && isSpace(text[start])) {
      start++;
    }
    while (start < end && isSpace(text[end - 1])) {
      end--;
    }
    if (isNumber(text)) {
      return Kind.NUMBER;
    }
    at = start;
    skipSign(text);
    return Words.isNonNumber(Words.of(text, at, end - at)) ? Kind.NON_NUMBER : Kind.OTHER;
  }

  /** Returns where the number that was found last begins. */
  int start() {
    return start;
  }

  /** Returns how long the number that was found last is. */
  int length() {
    return end - start;
  }

  private static boolean isSpace(char c) {
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
  }

  private boolean isNumber(char[] text) {
    at = start;
    skipSign(text);
    int digits = skipDigits(text);
    if (at < end && text[at] == '.') {
      at++;
      digits += skipDigits(text);
    }
    boolean hasDigits = digits > 0;
    if (hasDigits && at < end && (text[at] == 'e' || text[at] == 'E')) {
      at++;
      skipSign(text);
      int exponent = skipDigits(text);
      hasDigits = exponent > 0;
      digits += exponent;
    }
    return hasDigits && at == end && digits <= RecordParsers.MAX_NUMBER_LENGTH;
  }

  private void skipSign(char[] text) {
    if (at < end && (text[at] == '+' || text[at] == '-')) {
      at++;
    }
  }

  private int skipDigits(char[] text) {
    int from = at;
    while (at < end && text[at] >= '0' && text[at] <= '9') {
      at++;
    }
    return at - from;
  }
}
