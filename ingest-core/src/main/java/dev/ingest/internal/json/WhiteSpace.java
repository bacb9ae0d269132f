package dev.ingest.internal.json;

/** White space of JSON (RFC 8259, section 2), and what is taken for it at the ends of a message. */
final class WhiteSpace {
  private WhiteSpace() {}

  static boolean is(byte b) {
    return b == ' ' || b == '\t' || isNewLine(b);
  }

  static boolean isNewLine(byte b) {
    return b == '\n' || b == '\r';
  }

  /** Returns where the first byte is that is no white space; the end if there is none. */
  static int skip(byte[] bytes, int start, int end) {
    int i = start;
    while (i < end && is(bytes[i])) {
      i++;
    }
    return i;
  }

  /** Returns where white space begins that lasts to the end. */
  static int trim(byte[] bytes, int start, int end) {
    int i = end;
    while (i > start && is(bytes[i - 1])) {
      i--;
    }
    return i;
  }

  /** Returns where white space and NULs begin that last to the end of a message. */
  static int trimMessage(byte[] bytes, int start, int end) {
    int i = end;
    while (i > start && (bytes[i - 1] == 0 || is(bytes[i - 1]))) {
      i--;
    }
    return i;
  }

  /** Returns where a message begins behind its byte order mark, if it has one. */
  static int skipMark(byte[] bytes, int start, int end) {
    boolean marked =
        end - start >= 3
            && bytes[start] == (byte) 0xef
            && bytes[start + 1] == (byte) 0xbb
            && bytes[start + 2] == (byte) 0xbf;
    return marked ? start + 3 : start;
  }

  /** Tells whether there is a newline between a place and what is before it. */
  static boolean hasNewLineBefore(byte[] bytes, int place) {
    int i = place - 1;
    while (bytes[i] == ' ' || bytes[i] == '\t') {
      i--;
    }
    return isNewLine(bytes[i]);
  }
}
