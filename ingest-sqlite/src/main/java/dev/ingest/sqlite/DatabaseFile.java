package dev.ingest.sqlite;

import dev.ingest.sink.SinkException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import org.jspecify.annotations.Nullable;

/**
 * The file that a connection has open. If it is deleted or replaced, SQLite goes on writing to what
 * has no name any more, and reports success: so the name is looked up before each batch. File
 * systems without file keys, such as those of Windows, do not let an open file be deleted.
 *
 * @param path null for a database in memory
 * @param key what the file system knows the file by
 */
record DatabaseFile(@Nullable Path path, @Nullable Object key) {
  static DatabaseFile of(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet main =
            statement.executeQuery("SELECT file FROM pragma_database_list WHERE name = 'main'")) {
      String name = main.next() ? main.getString(1) : null;
      if (name == null || name.isEmpty()) {
        return new DatabaseFile(null, null);
      }
      Path path = Path.of(name);
      return new DatabaseFile(path, key(path));
    }
  }

  void requireInPlace() throws SinkException {
    if (path != null && key != null && !key.equals(key(path))) {
      throw SinkException.retryable(
          "SQLite database "
              + path
              + ": was deleted, moved or replaced while it was open, so nothing is written. Put it"
              + " back with its -wal file, or restart to begin a new one");
    }
  }

  private static @Nullable Object key(Path path) {
    try {
      return Files.readAttributes(path, BasicFileAttributes.class).fileKey();
    } catch (IOException e) {
      return null;
    }
  }
}
