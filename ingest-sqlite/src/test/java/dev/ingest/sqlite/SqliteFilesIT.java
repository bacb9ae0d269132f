package dev.ingest.sqlite;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.ingest.record.Schema;
import dev.ingest.sink.Sink;
import dev.ingest.sink.SinkConfig;
import dev.ingest.sink.SinkException;
import dev.ingest.testing.ChildJvm;
import dev.ingest.testing.TestBatch;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.FutureTask;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What other users of the machine cannot do through the files of a database. */
@DisabledOnOs(value = OS.WINDOWS, disabledReason = "it has neither modes nor FIFOs")
class SqliteFilesIT {
  private static final Schema SCHEMA = Schema.builder("t").integer("i").build();
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  @TempDir Path directory;

  /** Stores a record, and waits with the database open. */
  static final class Program {
    private Program() {}

    public static void main(String... args) throws Exception {
      Sink sink = open(args[0]);
      System.out.println("up");
      System.in.read();
      sink.write(new TestBatch(SCHEMA).of("{\"i\":2}"));
      System.out.println("stored");
      sink.close();
    }
  }

  private static Sink open(String uri) throws Exception {
    Sink sink = new SqliteSinkProvider().create(SinkConfig.parse(uri));
    sink.open(SCHEMA);
    sink.write(new TestBatch(SCHEMA).of("{\"i\":1}"));
    return sink;
  }

  private Map<String, String> modes() throws IOException {
    Map<String, String> modes = new TreeMap<>();
    try (Stream<Path> files = Files.list(directory)) {
      for (Path file : files.filter(file -> file.toString().contains("test.db")).toList()) {
        modes.put(
            file.getFileName().toString(),
            PosixFilePermissions.toString(Files.getPosixFilePermissions(file)));
      }
    }
    return modes;
  }

  private static Map<String, String> all(String mode) {
    return Map.of("test.db", mode, "test.db-shm", mode, "test.db-wal", mode);
  }

  @ParameterizedTest
  @CsvSource({"0,", "022,", "0777,", "0, file:", "0, file://"})
  void all_files_are_for_the_owner_alone_whatever_the_umask(String umask, String prefix)
      throws Exception {
    Files.createDirectory(directory.resolve("tmp"));
    String uri = "sqlite:" + (prefix == null ? "" : prefix) + directory.resolve("test.db");
    try (ChildJvm program = ChildJvm.in(directory).umask(umask).start(Program.class, uri)) {
      program.awaitOut("^up$");
      assertEquals(all("rw-------"), modes());
    }
  }

  @Test
  void another_user_can_neither_read_the_files_nor_lock_them() throws Exception {
    Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
    assumeTrue(asNobody("cd " + directory) == 0, "another user takes root and setpriv");
    Files.createDirectory(directory.resolve("tmp"));
    String uri = "sqlite:" + directory.resolve("test.db");
    try (ChildJvm program = ChildJvm.in(directory).umask("0").start(Program.class, uri)) {
      program.awaitOut("^up$");
      for (String name : modes().keySet()) {
        // A lock needs an open file: to read it, or to write it.
        assertNotEquals(0, asNobody(": < " + directory.resolve(name)), name);
        assertNotEquals(0, asNobody(": >> " + directory.resolve(name)), name);
      }
      program.writeLine("");
      program.awaitOut("^stored$");
    }
  }

  /**
   * Two sinks that found the same file missing would both make it, and the slower one would close
   * it when the faster one has locked it: that would release the lock.
   */
  @Test
  @SuppressWarnings("LockOnNonEnclosingClassLiteral") // to be in its way is what this is for
  void a_missing_file_is_looked_for_and_made_by_one_thread_at_a_time() throws Exception {
    Path file = directory.resolve("test.db");
    FutureTask<Sink> opening = new FutureTask<>(() -> open("sqlite:" + file));
    Thread thread = new Thread(opening);
    synchronized (DatabaseFile.class) {
      thread.start();
      await().atMost(PATIENCE).until(() -> thread.getState() == Thread.State.BLOCKED);
      assertTrue(Files.notExists(file));
    }
    opening.get().close();
    assertTrue(Files.exists(file));
  }

  private static int asNobody(String command) throws Exception {
    return NativeLibraryIT.run(
        "setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "sh", "-c", command);
  }

  @Test
  void a_mode_that_exists_is_kept_and_the_files_beside_have_it() throws Exception {
    Path file = Files.createFile(directory.resolve("test.db"));
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r-----"));
    Sink sink = open("sqlite:" + file);
    assertEquals(all("rw-r-----"), modes());
    sink.close();
  }

  @Test
  void a_link_to_a_file_that_is_not_there_yet_makes_it_for_the_owner_alone() throws Exception {
    Path link = Files.createSymbolicLink(directory.resolve("link"), directory.resolve("test.db"));
    Sink sink = open("sqlite:" + link);
    assertEquals("rw-------", modes().get("test.db"));
    sink.close();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "file:"})
  void what_is_no_file_is_refused_before_it_is_opened(String prefix) throws Exception {
    Path fifo = directory.resolve("fifo");
    assertEquals(0, new ProcessBuilder("mkfifo", fifo.toString()).start().waitFor());
    for (Path path : new Path[] {fifo, directory, Path.of("/dev/null")}) {
      String uri = "sqlite:" + prefix + path;
      String message =
          assertTimeoutPreemptively(
                  PATIENCE, () -> assertThrows(SinkException.class, () -> open(uri)))
              .getMessage();
      assertTrue(message.startsWith("SQLite database " + prefix + path + ": is a "), message);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {":memory:", "file::memory:", "file:x?mode=memory&cache=shared", "file:no?mode=rw"})
  void no_file_is_made_for_what_is_none(String database) throws Exception {
    Files.createDirectory(directory.resolve("tmp"));
    try (ChildJvm program = ChildJvm.in(directory).start(Program.class, "sqlite:" + database)) {
      if (database.endsWith("=rw")) {
        assertNotEquals(0, program.exitStatus(), program::toString);
      } else {
        program.awaitOut("^up$");
      }
      try (Stream<Path> files = Files.list(directory)) {
        assertEquals(3, files.count(), "the program's output, its errors, and tmp");
      }
    }
  }
}
