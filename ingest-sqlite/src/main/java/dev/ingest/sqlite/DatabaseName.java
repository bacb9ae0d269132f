package dev.ingest.sqlite;

import dev.ingest.sink.SinkConfig;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * The name of a database, and what is handed to the driver of it. Two programs read it again: <a
 * href="https://github.com/xerial/sqlite-jdbc">sqlite-jdbc</a> takes what follows a question mark
 * for pragmas and settings of its own, and copies what {@code :resource:} names, from wherever a
 * URL leads, to a temporary file; <a href="https://sqlite.org/uri.html">SQLite</a> decodes a name
 * that begins with {@code file:}. So nothing is handed over that either would take for something
 * else than this class did.
 *
 * @param path as in the URI of the sink
 * @param name what SQLite takes for the file's name: without {@code file:}, and decoded
 */
record DatabaseName(String path, String name) {
  private static final String URI_FILENAME = "file:";
  private static final String IN_MEMORY = ":memory:";
  private static final Set<String> TRUTH_VALUES =
      Set.of("0", "1", "no", "yes", "off", "on", "false", "true");

  /** The values of the parameters of a URI filename, but for the name of a VFS. */
  private static final Map<String, Set<String>> VALUES =
      Map.of(
          "cache", Set.of("private", "shared"),
          "immutable", TRUTH_VALUES,
          "mode", Set.of("memory", "ro", "rw", "rwc"),
          "nolock", TRUTH_VALUES,
          "psow", TRUTH_VALUES);

  private static final Pattern VFS = Pattern.compile("[A-Za-z0-9_-]+");
  private static final Pattern ENCODED = Pattern.compile("%([0-9A-Fa-f]{2})");

  static final Set<String> PARAMETERS =
      Set.of("cache", "immutable", "mode", "nolock", "psow", "vfs");

  /** A user, with or without a server: after two slashes, or with a colon in the first name. */
  private static final Pattern USER =
      Pattern.compile("(?://(?!/|localhost/)|(?![A-Za-z]:[/\\\\])[^/\\\\]*:).*@.*", Pattern.DOTALL);

  /** A host in a URI filename, of which SQLite takes none but its own. */
  private static final Pattern HOST = Pattern.compile("file://(?!/|localhost/).*", Pattern.DOTALL);

  /** The one host that SQLite takes. */
  private static final Pattern LOCALHOST = Pattern.compile("^//localhost(?=/)");

  private static final Pattern JDBC =
      Pattern.compile("jdbc:.*", Pattern.CASE_INSENSITIVE | Pattern.DOTALL);

  private static final Pattern RESOURCE =
      Pattern.compile(":resource:.*", Pattern.CASE_INSENSITIVE | Pattern.DOTALL);

  static DatabaseName of(SinkConfig uri) {
    String path = uri.path();
    boolean isUriFilename = path.startsWith(URI_FILENAME);
    String raw = isUriFilename ? path.substring(URI_FILENAME.length()) : path;
    String decoded = decoded(raw);
    if (decoded.isBlank()) {
      throw refusal(uri, "names no database");
    }
    if (decoded.indexOf('\0') >= 0 || (isUriFilename && raw.indexOf('#') >= 0)) {
      throw refusal(uri, "has a NUL or a # in its name, at which SQLite would cut it off");
    }
    if (USER.matcher(decoded).matches() || HOST.matcher(path).matches()) {
      throw refusal(uri, "names a server or a user, and SQLite has neither");
    }
    if (path.startsWith("//")) {
      throw refusal(
          uri,
          "begins with //, which here would mean the root directory and elsewhere a host",
          "sqlite:FILE with no slash for a file in the working directory, such as"
              + " sqlite:sensors.db, or one slash for an absolute path, such as"
              + " sqlite:/var/lib/sensors.db");
    }
    if (JDBC.matcher(decoded).matches()) {
      throw refusal(uri, "names a URL of JDBC");
    }
    if (RESOURCE.matcher(decoded).matches()) {
      throw refusal(uri, "names a resource, which the driver would copy from wherever it is");
    }
    if (decoded.startsWith(":") && !decoded.equals(IN_MEMORY)) {
      throw refusal(uri, "begins with a colon, and SQLite reserves such names");
    }
    return new DatabaseName(path, isUriFilename ? decoded : path);
  }

  /** As SQLite decodes, but for bytes beyond ASCII: what is not encoded stands for itself. */
  private static String decoded(String text) {
    return ENCODED
        .matcher(text)
        .replaceAll(
            code ->
                Matcher.quoteReplacement(
                    String.valueOf((char) Integer.parseInt(code.group(1), 16))));
  }

  private static IllegalArgumentException refusal(SinkConfig uri, String fault) {
    return refusal(
        uri, fault, "sqlite:FILE, with ./ before a name that begins like that, or sqlite::memory:");
  }

  private static IllegalArgumentException refusal(SinkConfig uri, String fault, String expected) {
    return new IllegalArgumentException(
        "sink URI '" + uri + "' " + fault + ": expected " + expected);
  }

  /**
   * Returns the file that SQLite makes for a database if there is none.
   *
   * @return empty if it makes none, or in a way of its own
   */
  Optional<Path> file(SinkConfig uri) {
    boolean isMade = uri.option("mode").map("rwc"::equalsIgnoreCase).orElse(true);
    return isMade && uri.option("vfs").isEmpty() ? place() : Optional.empty();
  }

  /**
   * Returns where the file of the database is, whoever makes it.
   *
   * @return empty if it is in memory, or the name is none of a file here
   */
  Optional<Path> place() {
    if (isInMemory()) {
      return Optional.empty();
    }
    try {
      return Optional.of(
          Path.of(isUriFilename() ? LOCALHOST.matcher(name).replaceFirst("") : name));
    } catch (InvalidPathException e) {
      return Optional.empty(); // SQLite says what it makes of the name
    }
  }

  boolean isUriFilename() {
    return path.startsWith(URI_FILENAME);
  }

  boolean isInMemory() {
    return name.equals(IN_MEMORY);
  }

  /**
   * Returns the name for the driver.
   *
   * @throws IllegalArgumentException if a parameter has a value that SQLite does not know
   */
  String withParameters(SinkConfig uri) {
    String parameters =
        uri.options().keySet().stream()
            .filter(PARAMETERS::contains)
            .map(option -> option + "=" + value(uri, option))
            .collect(Collectors.joining("&"));
    return parameters.isEmpty() ? path : path + "?" + parameters;
  }

  private static String value(SinkConfig uri, String option) {
    Set<String> values = VALUES.get(option);
    if (values != null) {
      return uri.choice(option, "", values);
    }
    String vfs = uri.option(option).orElse("");
    if (!VFS.matcher(vfs).matches()) {
      throw new IllegalArgumentException(
          "sink URI '"
              + uri
              + "': the option "
              + option
              + " is no name of a VFS: expected letters, digits, - and _, such as unix-excl");
    }
    return vfs;
  }
}
