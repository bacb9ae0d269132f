package dev.ingest.sqlite;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ingest.record.Schema;
import dev.ingest.sink.Sink;
import dev.ingest.sink.SinkConfig;
import dev.ingest.sink.SinkException;
import dev.ingest.testing.ChildJvm;
import dev.ingest.testing.TestBatch;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** What happens when an open database cannot be written. */
class SqliteFaultsIT {
  private static final Schema SCHEMA =
      Schema.builder("t").integer("i").real("r").optional().build();

  /** Long enough for a machine that does everything else first. */
  private static final Duration SOON = Duration.ofMinutes(2);

  @TempDir Path directory;
  private final TestBatch batches = new TestBatch(SCHEMA);
  private final List<Sink> opened = new ArrayList<>();

  @Test
  @SuppressWarnings("try") // the lock is held, which is enough
  void a_write_waits_for_another_process_and_then_fails_with_a_retryable_failure()
      throws Exception {
    Sink sink = open("?busy_timeout=100");
    try (Locker locker = new Locker(file())) {
      SinkException failure =
          assertThrows(SinkException.class, () -> sink.write(batches.of("{\"i\":1}")));
      assertTrue(failure.isRetryable());
      assertTrue(
          failure.getMessage().contains(file().toString())
              && failure.getMessage().contains("busy_timeout"),
          failure.getMessage());
    }
    sink.write(batches.of("{\"i\":2}"));
    assertEquals(List.of("2"), stored());
  }

  @Test
  @SuppressWarnings("try") // the lock is held, which is enough
  void a_write_goes_on_as_soon_as_the_lock_is_released() throws Exception {
    Sink sink = open("?busy_timeout=3600000");
    BlockedWrite write;
    try (Locker locker = new Locker(file())) {
      write = new BlockedWrite(sink);
    }
    write.join();
    assertNull(write.failure);
    assertEquals(List.of("1"), stored());
  }

  @Test
  @SuppressWarnings("try") // the lock is held, which is enough
  void s8_an_interrupt_ends_the_wait_for_the_lock_and_is_kept() throws Exception {
    Sink sink = open("?busy_timeout=3600000");
    try (Locker locker = new Locker(file())) {
      BlockedWrite write = new BlockedWrite(sink);
      write.thread.interrupt();
      write.join();
      assertTrue(write.interrupted, "the interrupt is lost");
      SinkException failure = assertInstanceOf(SinkException.class, write.failure);
      assertTrue(failure.isRetryable());
      assertTrue(failure.getMessage().contains("was interrupted"), failure.toString());
    }
  }

  /** A write on a thread of its own, which waits for the lock of another process. */
  private final class BlockedWrite {
    private final Thread thread;
    private volatile Exception failure;
    private volatile boolean interrupted;

    BlockedWrite(Sink sink) {
      thread =
          new Thread(
              () -> {
                try {
                  sink.write(batches.of("{\"i\":1}"));
                } catch (Exception e) {
                  failure = e;
                }
                interrupted = Thread.currentThread().isInterrupted();
              });
      thread.start();
      await().atMost(SOON).until(this::waitsForLock);
    }

    private boolean waitsForLock() {
      return thread.getState() == Thread.State.TIMED_WAITING
          && Stream.of(thread.getStackTrace())
              .anyMatch(frame -> frame.getClassName().equals(LockWait.class.getName()));
    }

    void join() throws InterruptedException {
      thread.join(SOON.toMillis());
      assertFalse(thread.isAlive(), "the write does not end");
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
  @DisabledOnOs(value = OS.WINDOWS, disabledReason = "an open file cannot be moved")
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

  /** The room is a limit on the size of the process's files: it needs no file system of its own. */
  @Test
  @EnabledOnOs(OS.LINUX)
  void a_write_without_room_is_retried_and_stores_everything_once_there_is_room() throws Exception {
    try (ChildJvm program = ChildJvm.in(directory).start(NoRoomProgram.class, file().toString())) {
      program.awaitOut("^open$");
      program.limitFileSize("300000");
      program.writeLine("");
      Matcher failure = program.awaitOut("^failed after (\\d+), retryable (true|false): ");
      int stored = Integer.parseInt(failure.group(1));
      assertTrue(stored > 0, program::toString);
      assertEquals("true", failure.group(2), program::toString);
      program.limitFileSize("unlimited");
      program.writeLine("");
      assertEquals(0, program.exitStatus(), program::toString);
      program.awaitOut("^stored$");
      try (Database database = new Database(file())) {
        assertEquals(
            String.valueOf((stored + 1) * NoRoomProgram.BATCH),
            database.value("SELECT count(*) FROM t"));
        assertEquals("ok", database.value("PRAGMA integrity_check"));
      }
    }
  }

  @Test
  @EnabledOnOs(OS.LINUX)
  void failures_leave_no_statement_in_memory() throws Exception {
    // With a heap that is there from the start, and without the compiler that takes 20 MiB.
    try (ChildJvm program =
        ChildJvm.in(directory)
            .options("-Xms64m", "-XX:+AlwaysPreTouch")
            .start(RefusedProgram.class, file().toString())) {
      assertEquals(0, program.exitStatus(), program::toString);
      int grownKiB = Integer.parseInt(program.outLines().get(0));
      assertTrue(grownKiB < 24 * 1024, grownKiB + " KiB after 1500 refused batches");
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
    try (ChildJvm other =
        ChildJvm.in(directory).start(WriterProgram.class, file().toString(), "200")) {
      other.awaitOut("^open$");
      WriterProgram.main(file().toString(), "200");
      assertEquals(0, other.exitStatus(), other::toString);
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
