package dev.ingest.sink;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * A sink's URI in its parts: {@code scheme:path?option=value&option=value}. Immutable.
 *
 * <p>The path is everything between the first colon and the first question mark, taken literally.
 * Names and values of options may be percent-encoded.
 */
public final class SinkConfig {
  private final String uri;
  private final String scheme;
  private final String path;
  private final Map<String, String> options;

  private SinkConfig(String uri, String scheme, String path, Map<String, String> options) {
    this.uri = uri;
    this.scheme = scheme;
    this.path = path;
    this.options = Collections.unmodifiableMap(options);
  }

  /**
   * Takes a URI apart.
   *
   * @param uri the sink's URI, such as {@code sqlite:sensors.db?synchronous=full}
   * @return its parts
   * @throws IllegalArgumentException if it has no scheme, an option has no {@code =}, an option
   *     stands twice, or a percent sign is not followed by two hexadecimal digits
   */
  public static SinkConfig parse(String uri) {
    int colon = Objects.requireNonNull(uri, "uri").indexOf(':');
    if (colon < 1 || !uri.substring(0, colon).matches("[A-Za-z][A-Za-z0-9+.-]*")) {
      throw new IllegalArgumentException(
          "sink URI '" + uri + "' has no scheme: expected scheme:path, such as sqlite:sensors.db");
    }
    int question = uri.indexOf('?', colon);
    int end = question < 0 ? uri.length() : question;
    Map<String, String> options = new LinkedHashMap<>();
    if (question >= 0 && question + 1 < uri.length()) {
      for (String option : uri.substring(question + 1).split("&", -1)) {
        int equals = option.indexOf('=');
        if (equals < 1) {
          throw new IllegalArgumentException(
              "sink URI '" + uri + "' has the option '" + option + "': expected name=value");
        }
        String name = decode(uri, option.substring(0, equals));
        if (options.put(name, decode(uri, option.substring(equals + 1))) != null) {
          throw new IllegalArgumentException(
              "sink URI '" + uri + "' has the option '" + name + "' twice: expected it once");
        }
      }
    }
    return new SinkConfig(
        uri,
        uri.substring(0, colon).toLowerCase(Locale.ROOT),
        uri.substring(colon + 1, end),
        options);
  }

  private static String decode(String uri, String text) {
    try {
      // URLDecoder is for forms, where a plus sign stands for a space: here it stands for itself.
      return URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(
          "sink URI '" + uri + "' has '" + text + "': expected two hexadecimal digits after each %",
          e);
    }
  }

  /**
   * The whole URI.
   *
   * @return the URI as it was given
   */
  public String uri() {
    return uri;
  }

  /**
   * The part before the first colon.
   *
   * @return the scheme, in lower case
   */
  public String scheme() {
    return scheme;
  }

  /**
   * The part after the scheme and before the options.
   *
   * @return the path, possibly empty
   */
  public String path() {
    return path;
  }

  /**
   * The options, in the order of the URI.
   *
   * @return an immutable map from name to value
   */
  public Map<String, String> options() {
    return options;
  }

  /**
   * One option.
   *
   * @param name its name
   * @return its value, or empty if the URI does not have it
   */
  public Optional<String> option(String name) {
    return Optional.ofNullable(options.get(name));
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
                + uri
                + "' has the unknown option '"
                + name
                + "': expected "
                + (known.isEmpty() ? "none" : "one of " + new TreeSet<>(known)));
      }
    }
  }

  @Override
  public String toString() {
    return uri;
  }
}
