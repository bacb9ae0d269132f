package dev.ingest.sqlite;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ingest.record.Schema;
import dev.ingest.sink.Sink;
import dev.ingest.sink.SinkConfig;
import dev.ingest.sink.SinkException;
import dev.ingest.testing.TestBatch;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Databases and tables that a sink can, or cannot, be opened on. */
class SqliteOpenFaultsIT {
  private static final Schema SCHEMA =
      Schema.builder("t").integer("i").real("r").optional().build();

  @TempDir Path directory;
  private final TestBatch batches = new TestBatch(SCHEMA);
  private final List<Sink> opened = new ArrayList<>();

  @Test
  void a_folder_that_is_missing_or_a_folder_for_a_file_is_named() throws IOException {
    assertCannotOpen(
        directory.resolve("missing").resolve("x.db").toString(), "a folder that exists");
    assertCannotOpen(directory.toString(), "Expected a file");
  }

  @ParameterizedTest
  @ValueSource(strings = {"%s", "file:%s", "file:%s?mode=rw"})
  void what_is_wrong_with_the_place_of_a_file_is_named(String pattern) throws IOException {
    Path missing = directory.resolve("missing");
    assertCannotOpen(
        pattern.formatted(missing.resolve("x.db")), "the folder " + missing + " does not exist");
    Path file = Files.createFile(directory.resolve("file"));
    assertCannotOpen(pattern.formatted(file.resolve("x.db")), file + " is no folder");
  }

  @Test
  void a_relative_name_is_shown_with_its_absolute_path() throws IOException {
    String name = "no-such-folder-" + System.nanoTime();
    assertCannotOpen(
        name + "/x.db", "the folder " + Path.of(name).toAbsolutePath() + " does not exist");
  }

  @Test
  void a_file_that_is_no_database_is_named_and_left_as_it_is() throws Exception {
    Path file = Files.writeString(file(), "This is no database, it is a text. ".repeat(50));
    String before = Files.readString(file);
    assertCannotOpen(file.toString(), "Expected a SQLite database");
    assertEquals(before, Files.readString(file));
  }

  @Test
  void a_read_only_database_is_named() throws Exception {
    open("");
    closeSinks();
    assertCannotOpen("file:" + file() + "?mode=ro", "write permission");
  }

  @Test
  void a_journal_mode_that_cannot_be_had_is_named() throws IOException {
    // Without shared memory there is no WAL.
    assertCannotOpen("file:" + file() + "?nolock=1", "journal mode 'wal'");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "CREATE TABLE t (i integer, x real)               | has no column [r]",
        "CREATE TABLE t (x)                               | has no column [i, r]",
        "CREATE TABLE t (i, r, must NOT NULL)             | needs a value for [must]",
        "CREATE TABLE t (k text PRIMARY KEY NOT NULL, i, r) | needs a value for [k]",
        "CREATE TABLE t (k text PRIMARY KEY, i, r) WITHOUT ROWID | needs a value for [k]",
        "CREATE TABLE t (k integer PRIMARY KEY, i, r) WITHOUT ROWID | needs a value for [k]",
        "CREATE VIEW t AS SELECT 1 AS i, 2 AS r           | view",
      })
  void a_table_that_does_not_fit_is_named_with_the_column(String sql, String message)
      throws Exception {
    try (Database database = new Database(file())) {
      database.execute(sql);
    }
    assertCannotOpen(file().toString(), message);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "k integer PRIMARY KEY, i, r",
        "k INTEGER PRIMARY KEY NOT NULL, i, r",
        "k text DEFAULT 'x' NOT NULL, i, r",
        "k, i, r, g AS (i + 1)"
      })
  void a_table_may_have_columns_that_need_no_value(String columns) throws Exception {
    try (Database database = new Database(file())) {
      database.execute("CREATE TABLE t (" + columns + ")");
    }
    open("").write(batches.of("{\"i\":1}"));
    assertEquals(List.of("1"), stored());
  }

  @Test
  void fields_that_are_the_same_column_are_named() throws Exception {
    try (Database database = new Database(file())) {
      database.execute("CREATE TABLE t (i integer)");
    }
    Sink sink = new SqliteSinkProvider().create(SinkConfig.parse("sqlite:" + file()));
    Schema schema = Schema.builder("t").integer("i").integer("I").build();
    String message = assertThrows(SinkException.class, () -> sink.open(schema)).getMessage();
    assertTrue(message.contains("'i' and 'I' are the same column"), message);
  }

  @Test
  @SuppressWarnings("try") // the lock is held, which is enough
  void a_start_while_the_database_is_locked_fails_after_the_busy_timeout() throws Exception {
    open("");
    closeSinks();
    try (Locker locker = new Locker(file())) {
      assertCannotOpen(file().toString(), "holds the lock", "?busy_timeout=50");
    }
  }

  private Path file() {
    return directory.resolve("test.db");
  }

  private Sink open(String options) throws Exception {
    Sink sink = new SqliteSinkProvider().create(SinkConfig.parse("sqlite:" + file() + options));
    sink.open(SCHEMA);
    opened.add(sink);
    return sink;
  }

  private void assertCannotOpen(String database, String message) throws IOException {
    assertCannotOpen(database, message, "");
  }

  private void assertCannotOpen(String database, String message, String options)
      throws IOException {
    Sink sink = new SqliteSinkProvider().create(SinkConfig.parse("sqlite:" + database + options));
    SinkException failure = assertThrows(SinkException.class, () -> sink.open(SCHEMA));
    assertTrue(
        failure.getMessage().contains("SQLite database " + database)
            && failure.getMessage().contains(message),
        failure.getMessage());
    assertEquals(List.of(), openFiles());
  }

  /** The files of the test that this process has open; always empty where that cannot be told. */
  private List<String> openFiles() throws IOException {
    List<String> files = new ArrayList<>();
    Path descriptors = Path.of("/proc/self/fd");
    if (Files.isDirectory(descriptors)) {
      try (DirectoryStream<Path> all = Files.newDirectoryStream(descriptors)) {
        for (Path descriptor : all) {
          target(descriptor).ifPresent(files::add);
        }
      }
    }
    files.removeIf(file -> !file.startsWith(file().toString()));
    return files;
  }

  private static Optional<String> target(Path descriptor) throws IOException {
    try {
      return Optional.of(Files.readSymbolicLink(descriptor).toString()); // no path if of a socket
    } catch (NoSuchFileException e) {
      return Optional.empty(); // closed meanwhile, by another thread
    }
  }

  private List<String> stored() throws Exception {
    try (Database database = new Database(file())) {
      return database.rows("SELECT i FROM t ORDER BY i");
    }
  }

  @AfterEach
  void closeSinks() throws Exception {
    for (Sink sink : opened) {
      sink.close();
    }
    opened.clear();
  }
}
