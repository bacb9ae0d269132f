package dev.ingest.source;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.nio.ByteBuffer;

/**
 * Skips a syslog header, of RFC 5424 (section 6) or RFC 3164 (section 4.1), before a JSON message.
 */
final class SyslogHeader implements Unwrap {
  /** The highest facility is 23, the highest severity 7 (RFC 5424, 6.2.1). */
  private static final int MAX_PRIORITY = 191;

  /** TIMESTAMP, HOSTNAME, APP-NAME, PROCID and MSGID. */
  private static final int FIELDS = 5;

  /** Announces JSON in the message (the Common Event Expression's cookie). */
  private static final byte[] COOKIE = "@cee:".getBytes(US_ASCII);

  @Override
  public ByteBuffer unwrap(ByteBuffer message) throws UnwrapException {
    int at = skipPriority(message);
    at =
        at + 1 < message.limit() && message.get(at) == '1' && message.get(at + 1) == ' '
            ? skipStructured(message, at + 2)
            : findObject(message, at);
    return message.position(skipCookie(message, at));
  }

  private static int skipPriority(ByteBuffer message) throws UnwrapException {
    int start = message.position();
    int at = start + 1;
    int priority = 0;
    while (at < Math.min(message.limit(), start + 4) && isDigit(message.get(at))) {
      priority = priority * 10 + message.get(at++) - '0';
    }
    if (at - start < 2
        || message.get(start) != '<'
        || at == message.limit()
        || message.get(at) != '>'
        || priority > MAX_PRIORITY) {
      throw new UnwrapException(
          "no syslog header: expected a priority first, such as <14>, from <0> to <191>");
    }
    return at + 1;
  }

  private static boolean isDigit(byte b) {
    return b >= '0' && b <= '9';
  }

  /** Returns where the message begins after a header of RFC 5424. */
  private static int skipStructured(ByteBuffer message, int from) throws UnwrapException {
    int at = from;
    for (int field = 0; field < FIELDS; field++) {
      at = next(message, at, (byte) ' ') + 1;
    }
    if (at < message.limit() && message.get(at) == '[') {
      while (at < message.limit() && message.get(at) == '[') {
        at = endOfElement(message, at);
      }
    } else {
      at = next(message, at, (byte) '-') + 1;
    }
    if (at >= message.limit() || message.get(at) != ' ') {
      throw new UnwrapException(
          "the syslog header has no message behind it: expected a space and JSON");
    }
    return at + 1;
  }

  /** Returns where an element of structured data ends; in quotes, a backslash escapes. */
  private static int endOfElement(ByteBuffer message, int from) throws UnwrapException {
    boolean quoted = false;
    for (int at = from; at < message.limit(); at++) {
      byte b = message.get(at);
      if (quoted && b == '\\') {
        at++;
      } else if (b == '"') {
        quoted = !quoted;
      } else if (b == ']' && !quoted) {
        return at + 1;
      }
    }
    throw new UnwrapException(
        "the structured data of the syslog header has no end: expected a ']'");
  }

  private static int next(ByteBuffer message, int from, byte wanted) throws UnwrapException {
    for (int at = from; at < message.limit(); at++) {
      if (message.get(at) == wanted) {
        return at;
      }
    }
    throw new UnwrapException(
        "the syslog header ends early: expected the fields of RFC 5424, section 6");
  }

  /**
   * Returns where the JSON begins after a header of RFC 3164, in which devices differ: at its first
   * brace, which a header does not have, or at a bracket before that.
   */
  private static int findObject(ByteBuffer message, int from) throws UnwrapException {
    for (int at = from; at < message.limit(); at++) {
      if (message.get(at) == '{') {
        int before = at - 1;
        while (before > from && isSpace(message.get(before))) {
          before--;
        }
        return message.get(before) == '[' ? before : at;
      }
    }
    throw new UnwrapException("no JSON behind the syslog header: expected an object");
  }

  private static int skipCookie(ByteBuffer message, int from) {
    int at = skipSpaces(message, from);
    for (byte b : COOKIE) {
      if (at == message.limit() || message.get(at) != b) {
        return from;
      }
      at++;
    }
    return skipSpaces(message, at);
  }

  private static int skipSpaces(ByteBuffer message, int from) {
    int at = from;
    while (at < message.limit() && isSpace(message.get(at))) {
      at++;
    }
    return at;
  }

  private static boolean isSpace(byte b) {
    return b == ' ' || b == '\t';
  }

  @Override
  public String toString() {
    return "syslog";
  }
}
