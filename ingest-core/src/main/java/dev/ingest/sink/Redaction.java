package dev.ingest.sink;

import java.util.regex.Pattern;

/**
 * What messages may show of a sink's URI, which may hold secrets anywhere. What is not known to be
 * harmless is hidden: whoever wrote the URI may have mistaken its syntax.
 */
final class Redaction {
  static final String HIDDEN = "***";

  /** As text or percent-encoded. The last one ends the user, whose password may hold others. */
  private static final Pattern USER = Pattern.compile(".*(?:@|%40)", Pattern.DOTALL);

  /** What may begin parameters that stand in a path, percent-encoded or not. */
  private static final Pattern PARAMETERS =
      Pattern.compile(
          "(?:[?&;=#]|%(?:3F|26|3B|3D|23|25)).*", Pattern.DOTALL | Pattern.CASE_INSENSITIVE);

  private static final Pattern NAME = Pattern.compile("[A-Za-z][A-Za-z0-9_.-]{0,31}");
  private static final Pattern PLAIN = Pattern.compile("[\\p{L}\\p{N}._/\\\\ -]*");

  private Redaction() {}

  /** Returns a path without the user and the parameters that it may hold. */
  static String path(String path) {
    String slashes = path.startsWith("//") ? "//" : "";
    String text = USER.matcher(path).replaceFirst(slashes + HIDDEN + "@");
    return PARAMETERS.matcher(text).replaceFirst(HIDDEN);
  }

  /** Returns what can be shown of a text that has no scheme: all of it if that is a plain path. */
  static String withoutScheme(String text) {
    return PLAIN.matcher(text).matches() ? text : HIDDEN;
  }

  /** Tells whether an option is more like a name with a value than like a secret in base64. */
  static boolean isName(String name, String value) {
    return NAME.matcher(name).matches() && !value.replace("=", "").isEmpty();
  }
}
