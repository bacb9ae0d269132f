package dev.ingest.internal.log;

/**
 * Characters that a terminal or an editor obeys instead of showing them: control characters (C0,
 * DEL, C1), the line and paragraph separators U+2028 and U+2029, and those that change the
 * direction of text (Unicode Standard Annex #9, Bidi_Control). Who could write them into a log
 * could forge lines in it.
 */
public final class Unprintable {
  private Unprintable() {}

  /** Tells whether a character is one of these. */
  public static boolean is(char c) {
    return c < ' '
        || (c >= 0x7f && c <= 0x9f)
        || c == 0x061c
        || c == 0x200e
        || c == 0x200f
        || (c >= 0x2028 && c <= 0x202e)
        || (c >= 0x2066 && c <= 0x2069);
  }

  /** Returns the text with each of these in the form of a JSON escape. */
  public static String escape(String text) {
    int first = 0;
    while (first < text.length() && !is(text.charAt(first))) {
      first++;
    }
    if (first == text.length()) {
      return text;
    }
    StringBuilder escaped = new StringBuilder(text.length() + 16).append(text, 0, first);
    for (int i = first; i < text.length(); i++) {
      char c = text.charAt(i);
      if (is(c)) {
        escaped.append(String.format("\\u%04x", (int) c));
      } else {
        escaped.append(c);
      }
    }
    return escaped.toString();
  }
}
