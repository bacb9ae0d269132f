package dev.ingest.sqlite;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ingest.record.JournalPosition;
import dev.ingest.record.RecordBatch;
import dev.ingest.record.Schema;
import dev.ingest.sink.Sink;
import dev.ingest.sink.SinkConfig;
import dev.ingest.sink.SinkException;
import dev.ingest.testing.TestBatch;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which lines of the journal are stored, as the database has it. */
class PositionsIT {
  private static final Schema SCHEMA = Schema.builder("t").integer("i").build();

  @TempDir Path directory;
  private final TestBatch batches = new TestBatch(SCHEMA);
  private Sink sink;

  @BeforeEach
  void open() throws Exception {
    sink =
        new SqliteSinkProvider().create(SinkConfig.parse("sqlite:" + file() + "?busy_timeout=100"));
    sink.open(SCHEMA);
  }

  @AfterEach
  void close() throws Exception {
    sink.close();
  }

  private Path file() {
    return directory.resolve("test.db");
  }

  private RecordBatch batch(String segment, int line, int count) {
    return batches.at(
        new JournalPosition(segment, line),
        IntStream.range(line, line + count)
            .mapToObj(i -> "{\"i\":" + i + "}")
            .toArray(String[]::new));
  }

  private List<String> rows(String sql) throws Exception {
    try (Database database = new Database(file())) {
      return database.rows(sql);
    }
  }

  @Test
  void ranges_that_follow_one_another_are_one_row() throws Exception {
    sink.write(batch("a", 0, 10));
    sink.write(batch("a", 10, 1));
    sink.write(batch("a", 11, 9));
    sink.write(batch("b", 0, 5));
    sink.write(batch("a", 20, 5));
    assertEquals(
        List.of("a|0|20", "a|20|5", "b|0|5"),
        rows("SELECT segment, first, count FROM ingest_journal ORDER BY 1, 2"));
    assertEquals(List.of("30"), rows("SELECT count(*) FROM t"));
  }

  @Test
  void a_server_without_a_spool_makes_no_table_for_it() throws Exception {
    sink.write(batches.of("{\"i\":1}"));
    sink.forget("a");
    sink.write(batches.of("{\"i\":2}"));
    assertTrue(sink.stored("a").isEmpty());
    assertEquals(List.of("t"), rows("SELECT name FROM sqlite_master"));
  }

  @Test
  void its_table_is_no_table_for_records() {
    Sink wrong =
        new SqliteSinkProvider()
            .create(SinkConfig.parse("sqlite:" + file() + "?table=Ingest_Journal"));
    SinkException refused = assertThrows(SinkException.class, () -> wrong.open(SCHEMA));
    assertTrue(refused.getMessage().contains("'Ingest_Journal'"), refused::getMessage);
    assertFalse(refused.isRetryable());
  }

  @Test
  void what_is_forgotten_goes_with_the_next_batch() throws Exception {
    sink.write(batch("a", 0, 10));
    sink.forget("a");
    assertEquals(10, sink.stored("a").cardinality(), "not yet");
    sink.write(batch("b", 0, 5));
    assertEquals(List.of("b|0|5"), rows("SELECT * FROM ingest_journal"));
  }

  @Test
  void records_that_are_stored_already_are_not_stored_again() throws Exception {
    sink.write(batch("a", 0, 10));
    sink.close(); // as after a commit that is on disk, but was reported as failed
    open();
    sink.write(batch("a", 0, 10));
    sink.write(batch("a", 10, 10));
    assertEquals(List.of("20|20"), rows("SELECT count(*), count(DISTINCT i) FROM t"));
  }

  @Test
  void of_a_batch_that_is_stored_in_part_only_the_rest_is_stored() throws Exception {
    sink.write(batch("a", 5, 10));
    sink.write(batch("a", 20, 5));
    sink.close(); // as after a commit that is on disk, but was reported as failed
    open();
    sink.write(batch("a", 5, 12)); // now the replay has more to offer
    assertEquals(List.of("17|17"), rows("SELECT count(*), count(DISTINCT i) FROM t"));
    sink.write(batch("a", 17, 8)); // ends with what is stored
    sink.write(batch("a", 0, 30));
    sink.write(batch("a", 30, 2));
    assertEquals(List.of("32|32"), rows("SELECT count(*), count(DISTINCT i) FROM t"));
    assertEquals(32, sink.stored("a").cardinality());
    assertEquals(List.of("32"), rows("SELECT sum(count) FROM ingest_journal"));
  }

  @Test
  void a_batch_that_fails_leaves_no_position_and_what_follows_is_right() throws Exception {
    sink.write(batch("a", 0, 10));
    try (Database database = new Database(file())) {
      database.execute("BEGIN IMMEDIATE");
      SinkException failure =
          assertThrows(SinkException.class, () -> sink.write(batch("a", 10, 10)));
      assertTrue(failure.isRetryable());
      database.execute("ROLLBACK");
      database.execute(
          "CREATE TRIGGER refuse BEFORE INSERT ON t WHEN NEW.i = 15"
              + " BEGIN SELECT RAISE(ABORT, 'refused'); END");
    }
    SinkException refused = assertThrows(SinkException.class, () -> sink.write(batch("a", 10, 10)));
    assertFalse(refused.isRetryable());
    assertEquals(10, sink.stored("a").cardinality());
    RecordBatch all = batch("a", 10, 10);
    sink.write(all.slice(0, 5));
    sink.write(all.slice(6, 10));
    assertEquals(
        "{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 16, 17, 18, 19}",
        sink.stored("a").toString());
    assertEquals(List.of("19|19"), rows("SELECT count(*), count(DISTINCT i) FROM t"));
  }
}
