package dev.ingest.examples;

import dev.ingest.sink.SinkConfig;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.util.Locale;
import java.util.Properties;
import java.util.Set;

/** Logs in to the database of the JDBC sink as the sink itself does, for looking at its rows. */
final class DatabaseLogin {
  /** The options that are for the sink; all others are for the driver. */
  private static final Set<String> OF_SINK = Set.of("table", "lock_timeout", "write_timeout");

  private DatabaseLogin() {}

  /**
   * Connects to the database that a sink's URI names.
   *
   * @throws Exception if the password's file cannot be read, or the database does not answer
   */
  static Connection connect(SinkConfig uri) throws Exception {
    Properties properties = new Properties();
    for (String name : uri.options().keySet()) {
      if (!OF_SINK.contains(name)) {
        String value = uri.option(name).orElse("");
        properties.setProperty(
            name, name.toLowerCase(Locale.ROOT).endsWith("password") ? secret(value) : value);
      }
    }
    return DriverManager.getConnection("jdbc:" + uri.path(), properties);
  }

  private static String secret(String value) throws Exception {
    if (value.startsWith("env:")) {
      return String.valueOf(System.getenv(value.substring("env:".length())));
    }
    return value.startsWith("file:")
        ? Files.readString(Path.of(value.substring("file:".length())))
            .replaceFirst("\\r?\\n\\z", "")
        : value;
  }
}
