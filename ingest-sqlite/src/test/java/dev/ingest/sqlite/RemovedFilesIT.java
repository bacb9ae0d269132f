package dev.ingest.sqlite;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ingest.record.Schema;
import dev.ingest.sink.Sink;
import dev.ingest.sink.SinkConfig;
import dev.ingest.sink.SinkException;
import dev.ingest.testing.ChildJvm;
import dev.ingest.testing.TestBatch;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.logging.Level;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Files beside a database that are removed or replaced while it is open. What is stored is asked of
 * another process, since SQLite shares a -shm file within one.
 */
@DisabledOnOs(value = OS.WINDOWS, disabledReason = "an open file cannot be removed")
class RemovedFilesIT {
  private static final Schema SCHEMA = Schema.builder("t").integer("i").build();

  @TempDir Path directory;
  private final TestBatch batches = new TestBatch(SCHEMA);
  private LoggedLines log;
  private Sink sink;

  @BeforeEach
  void open() throws Exception {
    log = new LoggedLines();
    openSink("?busy_timeout=100");
  }

  private void openSink(String options) throws Exception {
    sink = new SqliteSinkProvider().create(SinkConfig.parse("sqlite:" + file() + options));
    sink.open(SCHEMA);
  }

  @AfterEach
  void closeLog() {
    log.close();
  }

  @ParameterizedTest
  @ValueSource(strings = {"-wal", "-shm", "-wal -shm"})
  void s4_what_was_in_removed_files_is_saved_and_the_batch_is_stored(String suffixes)
      throws Exception {
    write(1, 2, 3);
    remove(suffixes.split(" "));
    write(4, 5);
    assertWarnedOnce("5 rows", false);
    write(6);
    assertEquals(List.of("1", "2", "3", "4", "5", "6"), seenByAnotherProcess());
    sink.close();
    assertEquals(List.of("1", "2", "3", "4", "5", "6"), seenByAnotherProcess());
    assertEquals("ok", integrity());
    assertWarnedOnce("3 rows", true);
    assertEquals(List.of(), log.at(Level.SEVERE));
  }

  @ParameterizedTest
  @ValueSource(strings = {"-wal", "-shm", "-wal -shm"})
  void s4_what_was_in_removed_files_is_saved_at_the_close(String suffixes) throws Exception {
    write(1, 2, 3);
    remove(suffixes.split(" "));
    sink.close();
    assertEquals(List.of("1", "2", "3"), seenByAnotherProcess());
    assertWarnedOnce("3 rows", true);
    assertEquals(List.of(), log.at(Level.SEVERE));
  }

  @Test
  void what_was_in_removed_files_is_saved_although_another_program_has_looked_meanwhile()
      throws Exception {
    write(1, 2, 3);
    remove("-wal", "-shm");
    try (ChildJvm other = other("SELECT 1 FROM sqlite_master")) {
      assertTrue(Files.exists(beside("-wal")), "the other program has made no new file");
      SinkException failure = assertThrows(SinkException.class, () -> write(4));
      assertTrue(failure.isRetryable(), failure.toString());
      assertTrue(failure.getMessage().contains("End the programs"), failure.toString());
      end(other);
    }
    write(4);
    sink.close();
    assertEquals(List.of("1", "2", "3", "4"), seenByAnotherProcess());
    assertWarnedOnce("3 rows", true);
    assertEquals(List.of(), log.at(Level.SEVERE));
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void what_is_gone_since_another_program_wrote_meanwhile_is_counted_and_its_rows_stay(
      boolean staysOpen) throws Exception {
    write(1, 2, 3);
    remove("-wal", "-shm");
    try (ChildJvm other = other("CREATE TABLE theirs (i)", "INSERT INTO theirs VALUES (1), (2)")) {
      if (!staysOpen) {
        end(other);
      }
      write(4);
      write(5);
    }
    sink.close();
    List<String> errors = log.at(Level.SEVERE);
    assertEquals(1, errors.size(), errors::toString);
    assertTrue(
        errors.get(0).contains("of 3 rows that the table 't' had, 3 are gone"), errors.get(0));
    assertEquals("ok", integrity());
    assertEquals(List.of("4", "5"), seenByAnotherProcess());
    try (Database database = new Database(file())) {
      assertEquals("2", database.value("SELECT count(*) FROM theirs"));
    }
  }

  @Test
  void nothing_of_another_program_is_removed_where_nothing_was_left_to_save() throws Exception {
    write(1, 2, 3);
    try (ChildJvm other = other("PRAGMA wal_checkpoint(TRUNCATE)")) {
      end(other);
    }
    remove("-wal", "-shm");
    try (ChildJvm other = other("CREATE TABLE theirs (i)", "INSERT INTO theirs VALUES (1), (2)")) {
      end(other);
    }
    sink.close();
    assertEquals("ok", integrity());
    assertEquals(List.of("1", "2", "3"), seenByAnotherProcess());
    try (Database database = new Database(file())) {
      assertEquals("2", database.value("SELECT count(*) FROM theirs"));
    }
    assertEquals(List.of(), log.at(Level.SEVERE));
    assertTrue(
        log.at(Level.WARNING).get(0).contains("no row of the table 't' is gone"),
        log.at(Level.WARNING)::toString);
    try (Stream<Path> files = Files.list(directory)) {
      assertEquals(List.of(), files.filter(f -> f.toString().contains("-wal-")).toList());
    }
  }

  @Test
  void a_program_that_reads_from_the_removed_files_is_waited_for() throws Exception {
    write(1, 2, 3);
    try (ChildJvm other = other("BEGIN", "SELECT count(*) FROM t")) {
      write(4);
      remove("-wal", "-shm");
      SinkException failure = assertThrows(SinkException.class, () -> write(5));
      assertTrue(failure.isRetryable(), failure.toString());
      end(other);
    }
    write(5);
    sink.close();
    assertEquals(List.of("1", "2", "3", "4", "5"), seenByAnotherProcess());
  }

  @Test
  void two_sinks_of_one_process_get_over_removed_files() throws Exception {
    Sink first = sink;
    openSink("?busy_timeout=100");
    Sink second = sink;
    first.write(batches.of("{\"i\":1}"));
    second.write(batches.of("{\"i\":2}"));
    remove("-wal", "-shm");
    boolean bothStore = false;
    for (int round = 0; round < 5 && !bothStore; round++) {
      boolean firstStores = stores(first, 10 + round);
      bothStore = stores(second, 20 + round) && firstStores;
    }
    assertTrue(bothStore, "one of them does not store any more");
    assertTrue(Files.exists(beside("-shm")), "they share a removed file");
    first.close();
    second.close();
    List<String> rows = seenByAnotherProcess();
    assertEquals(List.of("1", "2"), rows.subList(0, 2));
    assertEquals(rows.stream().distinct().toList(), rows);
    assertEquals("ok", integrity());
    assertEquals(List.of(), log.at(Level.SEVERE));
  }

  private boolean stores(Sink one, int number) throws Exception {
    try {
      one.write(batches.of("{\"i\":" + number + "}"));
      return true;
    } catch (SinkException e) {
      assertTrue(e.isRetryable(), e.toString());
      return false;
    }
  }

  @Test
  void a_wal_without_shared_memory_is_saved_as_well() throws Exception {
    sink.close();
    sink =
        new SqliteSinkProvider()
            .create(SinkConfig.parse("sqlite:file:" + file() + "?vfs=unix-excl"));
    sink.open(SCHEMA);
    write(1, 2);
    remove("-wal");
    write(3);
    sink.close();
    assertEquals(List.of("1", "2", "3"), seenByAnotherProcess());
  }

  @ParameterizedTest
  @ValueSource(strings = {"delete", "truncate", "persist", "memory"})
  void without_a_wal_nothing_is_missed(String mode) throws Exception {
    sink.close();
    openSink("?journal_mode=" + mode);
    write(1, 2);
    Files.deleteIfExists(beside("-journal"));
    write(3);
    sink.close();
    assertEquals(List.of("1", "2", "3"), seenByAnotherProcess());
    assertEquals(List.of(), log.at(Level.WARNING));
  }

  @Test
  void a_database_that_was_moved_has_all_records_at_the_close() throws Exception {
    write(1, 2, 3);
    Path away = Files.move(file(), directory.resolve("away.db"));
    assertThrows(SinkException.class, () -> write(4));
    sink.close();
    try (Database database = new Database(away)) {
      assertEquals(List.of("1", "2", "3"), database.rows("SELECT i FROM t ORDER BY i"));
    }
    List<String> errors = log.at(Level.SEVERE);
    assertEquals(1, errors.size(), errors::toString);
    assertTrue(errors.get(0).contains("are in the moved file"), errors.get(0));
  }

  private Path file() {
    return directory.resolve("test.db");
  }

  private Path beside(String suffix) {
    return directory.resolve("test.db" + suffix);
  }

  private void write(int... numbers) throws Exception {
    String[] records = new String[numbers.length];
    for (int i = 0; i < numbers.length; i++) {
      records[i] = "{\"i\":" + numbers[i] + "}";
    }
    sink.write(batches.of(records));
  }

  private void remove(String... suffixes) throws IOException {
    for (String suffix : suffixes) {
      Files.delete(beside(suffix));
    }
  }

  private ChildJvm other(String... sql) {
    String[] args =
        Stream.concat(Stream.of(file().toString()), Stream.of(sql)).toArray(String[]::new);
    ChildJvm other = ChildJvm.in(directory).start(SqlProgram.class, args);
    other.awaitOut("^done$");
    return other;
  }

  private static void end(ChildJvm other) {
    other.writeLine("");
    assertEquals(0, other.exitStatus(), other::toString);
  }

  private List<String> seenByAnotherProcess() {
    try (ChildJvm other = other("SELECT i FROM t ORDER BY i")) {
      List<String> rows =
          other.outLines().stream()
              .filter(line -> line.startsWith("row "))
              .map(line -> line.substring(4))
              .toList();
      end(other);
      return rows;
    }
  }

  private String integrity() throws Exception {
    try (Database database = new Database(file())) {
      return database.value("PRAGMA integrity_check");
    }
  }

  private void assertWarnedOnce(String rows, boolean holds) {
    List<String> warnings = log.at(Level.WARNING);
    assertEquals(1, warnings.size(), warnings::toString);
    assertTrue(warnings.get(0).contains("Nothing is lost"), warnings.get(0));
    assertEquals(holds, warnings.get(0).contains(rows), warnings.get(0));
    assertFalse(warnings.get(0).contains("null"), warnings.get(0));
  }
}
