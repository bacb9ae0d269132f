package dev.ingest.jdbc;

import dev.ingest.sink.SinkException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;

/** A password that an option holds, or names by its place: {@code file:PATH}, {@code env:NAME}. */
final class Secret {
  private static final String FILE = "file:";
  private static final String VARIABLE = "env:";
  private static final int MAX_BYTES = 64 * 1024;

  private Secret() {}

  /**
   * Returns the password; of a file without one newline at its end.
   *
   * @throws SinkException if the file or the variable is missing or empty
   */
  static String read(String database, String option, String value) throws SinkException {
    if (value.startsWith(FILE)) {
      return ofFile(database, option, value.substring(FILE.length()));
    }
    if (value.startsWith(VARIABLE)) {
      String name = value.substring(VARIABLE.length());
      String secret = System.getenv(name);
      if (secret == null || secret.isEmpty()) {
        throw missing(database, option, "environment variable '" + name + "'", "is not set");
      }
      return secret;
    }
    return value;
  }

  private static String ofFile(String database, String option, String name) throws SinkException {
    String place = "file '" + name + "'";
    byte[] bytes;
    try (InputStream file = Files.newInputStream(Path.of(name))) {
      bytes = file.readNBytes(MAX_BYTES + 1);
    } catch (IOException | InvalidPathException e) {
      throw missing(database, option, place, "cannot be read (" + e + ")");
    }
    if (bytes.length > MAX_BYTES) {
      throw missing(database, option, place, "is longer than " + MAX_BYTES + " bytes");
    }
    String secret = new String(bytes, StandardCharsets.UTF_8).replaceFirst("\\r?\\n\\z", "");
    if (secret.isEmpty()) {
      throw missing(database, option, place, "is empty");
    }
    return secret;
  }

  private static SinkException missing(String database, String option, String place, String fault) {
    return SinkException.retryable(
        database
            + ": the "
            + place
            + " of the option "
            + option
            + " "
            + fault
            + ": expected one that holds the password and that this process may read");
  }
}
