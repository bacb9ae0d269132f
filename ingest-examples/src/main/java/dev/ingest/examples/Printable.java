package dev.ingest.examples;

import java.util.HexFormat;
import java.util.regex.Pattern;

/** Text that senders wrote, for a terminal. */
final class Printable {
  /**
   * What a terminal obeys or hides instead of showing it: control characters, separators of lines,
   * and what changes the direction of text.
   */
  private static final Pattern OBEYED =
      Pattern.compile(
          "[\\x00-\\x1f\\x7f-\\x9f\\u061c\\u200e\\u200f\\u2028-\\u202e\\u2066-\\u2069]");

  private Printable() {}

  /** Returns the text with each character that is obeyed as a JSON escape. */
  static String escape(String text) {
    return OBEYED
        .matcher(text)
        .replaceAll(found -> "\\\\u" + HexFormat.of().toHexDigits(found.group().charAt(0)));
  }

  /** Returns the beginning of a text, escaped, and how long it is if that is not all of it. */
  static String start(String text, int characters) {
    return text.length() <= characters
        ? escape(text)
        : escape(text.substring(0, characters))
            + "... (of %,d characters)".formatted(text.length());
  }
}
