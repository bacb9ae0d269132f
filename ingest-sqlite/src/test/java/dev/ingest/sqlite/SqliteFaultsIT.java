package dev.ingest.sqlite;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ingest.record.Schema;
import dev.ingest.sink.Sink;
import dev.ingest.sink.SinkConfig;
import dev.ingest.sink.SinkException;
import dev.ingest.testkit.TestBatch;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What happens when the database cannot be opened or written. */
class SqliteFaultsIT {
  private static final Schema SCHEMA =
      Schema.builder("t").integer("i").real("r").optional().build();

  @TempDir Path directory;
  private final TestBatch batches = new TestBatch(SCHEMA);
  private final List<Sink> opened = new ArrayList<>();

  @Test
  void a_folder_that_is_missing_or_a_folder_for_a_file_is_named() {
    assertCannotOpen(
        directory.resolve("missing").resolve("x.db").toString(), "a folder that exists");
    assertCannotOpen(directory.toString(), "Expected a file");
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
  void a_journal_mode_that_cannot_be_had_is_named() {
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
  void a_start_while_the_database_is_locked_fails_after_the_busy_timeout() throws Exception {
    open("");
    closeSinks();
    Locker locker = new Locker(file());
    try {
      assertCannotOpen(file().toString(), "holds the lock", "?busy_timeout=50");
    } finally {
      locker.release();
    }
  }

  @Test
  void a_write_waits_for_another_process_and_then_counts_as_failed_for_now() throws Exception {
    Sink sink = open("?busy_timeout=100");
    Locker locker = new Locker(file());
    try {
      SinkException failure =
          assertThrows(SinkException.class, () -> sink.write(batches.of("{\"i\":1}")));
      assertTrue(failure.isRetryable());
      assertTrue(
          failure.getMessage().contains(file().toString())
              && failure.getMessage().contains("busy_timeout"),
          failure.getMessage());
    } finally {
      locker.release();
    }
    sink.write(batches.of("{\"i\":2}"));
    assertEquals(List.of("2"), stored());
  }

  @Test
  void a_write_goes_on_as_soon_as_the_lock_is_released() throws Exception {
    Sink sink = open("");
    CompletableFuture<Void> written;
    Locker locker = new Locker(file());
    try {
      written =
          CompletableFuture.runAsync(
              () -> {
                try {
                  sink.write(batches.of("{\"i\":1}"));
                } catch (Exception e) {
                  throw new IllegalStateException(e);
                }
              });
      assertFalse(written.isDone());
    } finally {
      locker.release();
    }
    written.get(15, TimeUnit.SECONDS);
    assertEquals(List.of("1"), stored());
  }

  @Test
  void s8_an_interrupt_ends_the_wait_for_the_lock_and_is_kept() throws Exception {
    Sink sink = open("?busy_timeout=3600000");
    AtomicReference<Exception> failure = new AtomicReference<>();
    CompletableFuture<Boolean> kept = new CompletableFuture<>();
    Locker locker = new Locker(file());
    try {
      Thread writer =
          new Thread(
              () -> {
                try {
                  sink.write(batches.of("{\"i\":1}"));
                } catch (Exception e) {
                  failure.set(e);
                }
                kept.complete(Thread.currentThread().isInterrupted());
              });
      writer.start();
      await().until(() -> writer.getState() == Thread.State.TIMED_WAITING);
      writer.interrupt();
      assertTrue(kept.get(30, TimeUnit.SECONDS));
      assertTrue(((SinkException) failure.get()).isRetryable());
      assertTrue(failure.get().getMessage().contains("was interrupted"), failure.toString());
    } finally {
      locker.release();
    }
  }

  @Test
  void s5_a_batch_with_a_record_that_breaks_a_constraint_stores_nothing() throws Exception {
    try (Database database = new Database(file())) {
      database.execute("CREATE TABLE t (i integer CHECK (i < 300), r)");
    }
    Sink sink = open("");
    String[] records = new String[400];
    for (int i = 0; i < records.length; i++) {
      records[i] = "{\"i\":" + i + "}";
    }
    SinkException failure =
        assertThrows(SinkException.class, () -> sink.write(batches.of(records)));
    assertFalse(failure.isRetryable());
    assertTrue(failure.getMessage().contains("CHECK"), failure.getMessage());
    assertEquals(List.of(), stored());
    sink.write(batches.of("{\"i\":7}"));
    assertEquals(List.of("7"), stored());
  }

  @Test
  @DisabledOnOs(OS.WINDOWS) // which does not let an open file be moved
  void s4_nothing_counts_as_stored_in_a_file_that_was_moved_away_or_replaced() throws Exception {
    Sink sink = open("");
    sink.write(batches.of("{\"i\":1}"));
    Path away = directory.resolve("away.db");
    Files.move(file(), away);
    assertNotInPlace(sink);
    Files.createFile(file());
    assertNotInPlace(sink);
    Files.delete(file());
    Files.move(away, file());
    sink.write(batches.of("{\"i\":2}"));
    assertEquals(List.of("1", "2"), stored());
  }

  private void assertNotInPlace(Sink sink) {
    SinkException failure =
        assertThrows(SinkException.class, () -> sink.write(batches.of("{\"i\":2}")));
    assertTrue(
        failure.isRetryable() && failure.getMessage().contains("deleted, moved or replaced"),
        failure.getMessage());
  }

  @Test
  void s6_a_record_for_which_an_expression_of_the_table_fails_is_refused_for_good()
      throws Exception {
    try (Database database = new Database(file())) {
      database.execute("CREATE TABLE t (i integer, r, g AS (abs(i)) STORED)");
    }
    Sink sink = open("");
    SinkException failure =
        assertThrows(
            SinkException.class,
            () -> sink.write(batches.of("{\"i\":1}", "{\"i\":" + Long.MIN_VALUE + "}")));
    assertFalse(failure.isRetryable(), failure.getMessage());
    assertEquals(List.of(), stored());
    sink.write(batches.of("{\"i\":1}"));
    assertEquals(List.of("1"), stored());
  }

  @Test
  void s6_a_trigger_that_names_a_missing_table_is_not_the_fault_of_records() throws Exception {
    Sink sink = open("");
    try (Database database = new Database(file())) {
      database.execute(
          "CREATE TRIGGER audit AFTER INSERT ON t BEGIN INSERT INTO log VALUES (NEW.i); END");
      SinkException failure =
          assertThrows(SinkException.class, () -> sink.write(batches.of("{\"i\":1}")));
      assertTrue(
          failure.isRetryable() && failure.getMessage().contains("log"), failure.getMessage());
      database.execute("CREATE TABLE log (i)");
    }
    sink.write(batches.of("{\"i\":1}"));
    assertEquals(List.of("1"), stored());
  }

  @Test
  @EnabledOnOs(OS.LINUX)
  void failures_leave_no_statement_in_memory() throws Exception {
    // With a heap that is there from the start, and without the compiler that takes 20 MiB.
    Process process =
        Jvm.start(
                List.of("-Xms64m", "-Xmx64m", "-XX:+AlwaysPreTouch", "-XX:TieredStopAtLevel=1"),
                RefusedProgram.class,
                file().toString())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    try (BufferedReader output = process.inputReader()) {
      int grownKiB = Integer.parseInt(output.readLine());
      assertTrue(grownKiB < 24 * 1024, grownKiB + " KiB after 1500 refused batches");
    } finally {
      process.destroyForcibly();
    }
  }

  @Test
  void a_table_that_was_dropped_is_made_again_at_the_next_try() throws Exception {
    Sink sink = open("");
    sink.write(batches.of("{\"i\":1}"));
    try (Database database = new Database(file())) {
      database.execute("DROP TABLE t");
    }
    SinkException failure =
        assertThrows(SinkException.class, () -> sink.write(batches.of("{\"i\":2}")));
    assertTrue(failure.isRetryable() && failure.getMessage().contains("no such table"));
    sink.write(batches.of("{\"i\":2}"));
    assertEquals(List.of("2"), stored());
  }

  @Test
  void a_table_that_was_replaced_by_one_that_does_not_fit_is_named_and_tried_again()
      throws Exception {
    Sink sink = open("");
    try (Database database = new Database(file())) {
      database.execute("ALTER TABLE t RENAME COLUMN r TO x");
      assertThrows(SinkException.class, () -> sink.write(batches.of("{\"i\":1}")));
      SinkException failure =
          assertThrows(SinkException.class, () -> sink.write(batches.of("{\"i\":1}")));
      assertTrue(failure.isRetryable() && failure.getMessage().contains("[r]"), failure.toString());
      database.execute("ALTER TABLE t RENAME COLUMN x TO r");
    }
    sink.write(batches.of("{\"i\":2}"));
    assertEquals(List.of("2"), stored());
  }

  @Test
  void two_processes_write_to_one_database() throws Exception {
    Process other = Jvm.start(WriterProgram.class, file().toString(), "200").inheritIO().start();
    try {
      WriterProgram.main(file().toString(), "200");
      assertTrue(other.waitFor(60, TimeUnit.SECONDS));
      assertEquals(0, other.exitValue());
    } finally {
      other.destroyForcibly();
    }
    assertEquals(400 * WriterProgram.BATCH, stored().size());
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

  private void assertCannotOpen(String database, String message) {
    assertCannotOpen(database, message, "");
  }

  private void assertCannotOpen(String database, String message, String options) {
    Sink sink = new SqliteSinkProvider().create(SinkConfig.parse("sqlite:" + database + options));
    SinkException failure = assertThrows(SinkException.class, () -> sink.open(SCHEMA));
    assertTrue(
        failure.getMessage().contains("SQLite database " + database)
            && failure.getMessage().contains(message),
        failure.getMessage());
    assertEquals(List.of(), openFiles());
  }

  /** The files of the test that this process has open. */
  private List<String> openFiles() {
    List<String> files = new ArrayList<>();
    Path descriptors = Path.of("/proc/self/fd");
    if (Files.isDirectory(descriptors)) {
      try (DirectoryStream<Path> all = Files.newDirectoryStream(descriptors)) {
        for (Path descriptor : all) {
          String target = descriptor.toRealPath().toString();
          if (target.startsWith(directory.resolve("test.db").toString())) {
            files.add(target);
          }
        }
      } catch (IOException e) {
        files.clear();
      }
    }
    return files;
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
