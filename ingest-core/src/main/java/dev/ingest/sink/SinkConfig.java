package dev.ingest.sink;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;

/**
 * A sink's URI in its parts: {@code scheme:path?option=value&option=value}. Immutable.
 *
 * <p>The path is everything between the first colon and the first question mark, taken literally.
 * Names and values of options may be percent-encoded.
 *
 * <p>A URI may hold secrets, so {@link #toString} and every message hide what is not known to be
 * harmless:
 *
 * <ul>
 *   <li>the value of an option, unless the sink's provider has declared its name {@linkplain
 *       SinkProvider#publicOptions() public};
 *   <li>the name of an option that is not public and follows such a value, since it may be the rest
 *       of a value that holds an ampersand, or that does not look like a name;
 *   <li>in the path, all before the last at sign, and all from the first character on that may
 *       begin parameters: {@code ;}, {@code &}, {@code =}, {@code #}, and their percent-encoded
 *       forms;
 *   <li>everything after the scheme while no provider is known, and if an at sign is in the
 *       options, since the user's password may hold a question mark.
 * </ul>
 *
 * <p>In a value, an ampersand is written {@code %26}.
 */
public final class SinkConfig {
  private static final String HIDDEN = Redaction.HIDDEN;
  private static final Pattern SCHEME = Pattern.compile("[A-Za-z][A-Za-z0-9+.-]*");

  private final String scheme;
  private final String path;
  private final Map<String, String> options;
  private final Set<String> publicOptions;

  private SinkConfig(
      String scheme, String path, Map<String, String> options, Set<String> publicOptions) {
    this.scheme = scheme;
    this.path = path;
    this.options = options;
    this.publicOptions = publicOptions;
  }

  /**
   * Takes a URI apart.
   *
   * @param uri the sink's URI, such as {@code sqlite:sensors.db?synchronous=full}
   * @return its parts; the values of all options are hidden
   * @throws IllegalArgumentException if it has no scheme, an option has no {@code =}, an option
   *     stands twice, or a percent sign is not followed by two hexadecimal digits
   */
  public static SinkConfig parse(String uri) {
    int colon = Objects.requireNonNull(uri, "uri").indexOf(':');
    if (colon < 1 || !SCHEME.matcher(uri.substring(0, colon)).matches()) {
      throw new IllegalArgumentException(
          "sink URI '"
              + Redaction.withoutScheme(uri)
              + "' has no scheme: expected scheme:path, such as sqlite:sensors.db");
    }
    String scheme = uri.substring(0, colon).toLowerCase(Locale.ROOT);
    int question = uri.indexOf('?', colon);
    return new SinkConfig(
        scheme,
        uri.substring(colon + 1, question < 0 ? uri.length() : question),
        question < 0 ? Map.of() : options(scheme, uri.substring(question + 1)),
        Set.of());
  }

  /** The messages name options by their number: a name may be part of a secret. */
  private static Map<String, String> options(String scheme, String text) {
    Map<String, String> options = new LinkedHashMap<>();
    int number = 0;
    for (String option : text.isEmpty() ? new String[0] : text.split("&", -1)) {
      number++;
      int equals = option.indexOf('=');
      if (equals < 1) {
        throw wrongOption(
            scheme, number, "has no name or no value: expected name=value, and %26 for an &");
      }
      String name = decode(scheme, number, option.substring(0, equals));
      String value = decode(scheme, number, option.substring(equals + 1));
      if (options.put(name, value) != null) {
        throw wrongOption(scheme, number, "has the name of one before it: expected it once");
      }
    }
    return Collections.unmodifiableMap(options);
  }

  private static String decode(String scheme, int number, String text) {
    try {
      // URLDecoder is for forms, where a plus sign stands for a space: here it stands for itself.
      return URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8);
    } catch (IllegalArgumentException e) {
      // Without the cause, whose message quotes what may be a secret.
      throw wrongOption(
          scheme,
          number,
          "has a % without two hexadecimal digits: expected two after each %, and %25 for a"
              + " percent sign");
    }
  }

  private static IllegalArgumentException wrongOption(String scheme, int number, String fault) {
    return new IllegalArgumentException(
        "sink URI '" + scheme + ":" + HIDDEN + "': option " + number + " " + fault);
  }

  /**
   * Shows the values of some options from now on. The server does this with what the provider
   * declares.
   *
   * @param names the options that hold no secrets
   * @return a copy that shows them
   */
  public SinkConfig showing(Set<String> names) {
    return new SinkConfig(scheme, path, options, Set.copyOf(names));
  }

  /**
   * Returns the part before the first colon.
   *
   * @return the scheme, in lower case
   */
  public String scheme() {
    return scheme;
  }

  /**
   * Returns the part after the scheme and before the options.
   *
   * @return the path, possibly empty
   */
  public String path() {
    return path;
  }

  /**
   * Returns the options, in the order of the URI.
   *
   * @return an immutable map from name to value
   */
  public Map<String, String> options() {
    return options;
  }

  /**
   * Returns one option.
   *
   * @param name its name
   * @return its value, or empty if the URI does not have it
   */
  public Optional<String> option(String name) {
    return Optional.ofNullable(options.get(name));
  }

  /**
   * Returns an option that is text.
   *
   * @param name its name
   * @return its value, or empty if the URI does not have it
   * @throws IllegalArgumentException if the value is blank
   */
  public Optional<String> text(String name) {
    Optional<String> value = option(name);
    if (value.isPresent() && value.get().isBlank()) {
      throw wrong(name, "text that is not blank");
    }
    return value;
  }

  /**
   * Returns an option that is a whole number.
   *
   * @param name its name
   * @param otherwise the number if the URI does not have it
   * @param min the least that is accepted
   * @param max the most that is accepted
   * @param unit what is counted, for the message, such as {@code milliseconds}
   * @return the number
   * @throws IllegalArgumentException if the value is no number or outside the range
   */
  public int integer(String name, int otherwise, int min, int max, String unit) {
    try {
      int number = option(name).map(Integer::parseInt).orElse(otherwise);
      if (number >= min && number <= max) {
        return number;
      }
    } catch (NumberFormatException e) {
      // The one message for all that is wrong follows.
    }
    throw wrong(name, min + " to " + max + " " + unit);
  }

  /**
   * Returns an option that is one of several words, whatever the case of its letters.
   *
   * @param name its name
   * @param otherwise the word if the URI does not have it
   * @param words the words that are accepted, in lower case
   * @return the word, in lower case
   * @throws IllegalArgumentException if the value is none of them
   */
  public String choice(String name, String otherwise, Set<String> words) {
    String word = option(name).orElse(otherwise).toLowerCase(Locale.ROOT);
    if (!words.contains(word)) {
      throw wrong(name, "one of " + new TreeSet<>(words));
    }
    return word;
  }

  private IllegalArgumentException wrong(String name, String expected) {
    return new IllegalArgumentException(
        "sink URI '"
            + this
            + "': the option "
            + name
            + " is '"
            + shown(name, options.getOrDefault(name, ""))
            + "', expected "
            + expected);
  }

  /**
   * Makes an unknown option an error, so that a misspelt one is not ignored.
   *
   * @param known the names of all options that the sink has
   * @throws IllegalArgumentException if the URI has any other, with the known ones listed
   */
  public void requireKnownOptions(Set<String> known) {
    for (String name : options.keySet()) {
      if (!known.contains(name)) {
        throw new IllegalArgumentException(
            "sink URI '"
                + this
                + "' has the unknown option "
                + label(name)
                + ": expected "
                + (known.isEmpty() ? "none" : "one of " + new TreeSet<>(known)));
      }
    }
  }

  /**
   * Returns the URI for messages: without the secrets that it may hold.
   *
   * @return scheme, path and options; {@value Redaction#HIDDEN} in place of what is hidden
   */
  @Override
  public String toString() {
    if (mayHoldUserInOptions()) {
      return scheme + ":" + HIDDEN;
    }
    StringBuilder text = new StringBuilder(scheme).append(':').append(Redaction.path(path));
    char separator = '?';
    for (String name : options.keySet()) {
      text.append(separator).append(isShown(name) ? name : HIDDEN).append('=');
      text.append(shown(name, options.getOrDefault(name, "")));
      separator = '&';
    }
    return text.toString();
  }

  private String shown(String name, String value) {
    return publicOptions.contains(name) && !mayHoldUserInOptions() ? value : HIDDEN;
  }

  /** Returns the name of an option in quotes, or its number if the name may be part of a secret. */
  private String label(String name) {
    return isShown(name)
        ? "'" + name + "'"
        : "number " + (List.copyOf(options.keySet()).indexOf(name) + 1);
  }

  private boolean isShown(String name) {
    if (publicOptions.contains(name)) {
      return true;
    }
    for (String before : options.keySet()) {
      if (before.equals(name)) {
        break;
      }
      if (!publicOptions.contains(before)) {
        return false;
      }
    }
    return !mayHoldUserInOptions() && Redaction.isName(name, options.getOrDefault(name, ""));
  }

  /** Tells whether a question mark in a password may have been mistaken for that of the options. */
  private boolean mayHoldUserInOptions() {
    return options.entrySet().stream()
        .anyMatch(option -> option.getKey().contains("@") || option.getValue().contains("@"));
  }
}
