package dev.ingest.sqlite;

import dev.ingest.sink.SinkConfig;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A checked URI of the sink. The database is named as in messages: a file, or a place in memory.
 */
record SqliteConfig(
    String database,
    String jdbcUrl,
    boolean inMemory,
    String journalMode,
    String synchronous,
    int busyTimeoutMillis,
    Optional<String> table) {

  private static final Set<String> OPTIONS =
      Set.of("journal_mode", "synchronous", "busy_timeout", "table");
  private static final Set<String> URI_FILENAME_PARAMETERS =
      Set.of("cache", "immutable", "mode", "nolock", "psow", "vfs");

  /** Without 'off': then nothing can be rolled back, and a refused record can ruin the database. */
  private static final Set<String> JOURNAL_MODES =
      Set.of("wal", "delete", "truncate", "persist", "memory");

  private static final Set<String> SYNCHRONOUS = Set.of("off", "normal", "full", "extra");
  private static final int DEFAULT_BUSY_TIMEOUT_MILLIS = 20_000;
  private static final int MAX_BUSY_TIMEOUT_MILLIS = 3_600_000;

  static SqliteConfig of(SinkConfig uri) {
    String path = uri.path();
    boolean isUriFilename = path.startsWith("file:");
    uri.requireKnownOptions(
        isUriFilename
            ? Stream.concat(OPTIONS.stream(), URI_FILENAME_PARAMETERS.stream())
                .collect(Collectors.toSet())
            : OPTIONS);
    if (path.isBlank() || path.equals("file:")) {
      throw new IllegalArgumentException(
          "sink URI '" + uri + "' names no database: expected sqlite:FILE or sqlite::memory:");
    }
    String parameters =
        uri.options().entrySet().stream()
            .filter(option -> URI_FILENAME_PARAMETERS.contains(option.getKey()))
            .map(option -> option.getKey() + "=" + option.getValue())
            .collect(Collectors.joining("&"));
    String database = parameters.isEmpty() ? path : path + "?" + parameters;
    return new SqliteConfig(
        database,
        "jdbc:sqlite:" + database,
        path.equals(":memory:")
            || path.equals("file::memory:")
            || uri.option("mode").filter("memory"::equals).isPresent(),
        oneOf(uri, "journal_mode", "wal", JOURNAL_MODES),
        oneOf(uri, "synchronous", "normal", SYNCHRONOUS),
        busyTimeout(uri),
        table(uri));
  }

  private static String oneOf(SinkConfig uri, String option, String otherwise, Set<String> known) {
    String value = uri.option(option).orElse(otherwise).toLowerCase(Locale.ROOT);
    if (!known.contains(value)) {
      throw wrong(uri, option, "one of " + new TreeSet<>(known));
    }
    return value;
  }

  private static int busyTimeout(SinkConfig uri) {
    String expected = "0 to " + MAX_BUSY_TIMEOUT_MILLIS + " milliseconds";
    try {
      int millis =
          uri.option("busy_timeout").map(Integer::parseInt).orElse(DEFAULT_BUSY_TIMEOUT_MILLIS);
      if (millis < 0 || millis > MAX_BUSY_TIMEOUT_MILLIS) {
        throw wrong(uri, "busy_timeout", expected);
      }
      return millis;
    } catch (NumberFormatException e) {
      throw wrong(uri, "busy_timeout", expected);
    }
  }

  private static Optional<String> table(SinkConfig uri) {
    Optional<String> table = uri.option("table");
    if (table.filter(String::isBlank).isPresent()) {
      throw wrong(uri, "table", "a name");
    }
    return table;
  }

  private static IllegalArgumentException wrong(SinkConfig uri, String option, String expected) {
    return new IllegalArgumentException(
        "sink URI '"
            + uri
            + "': the option "
            + option
            + " is '"
            + uri.option(option).orElse("")
            + "', expected "
            + expected);
  }
}
