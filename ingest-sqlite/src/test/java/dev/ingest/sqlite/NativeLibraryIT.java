package dev.ingest.sqlite;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.ingest.record.Schema;
import dev.ingest.sink.Sink;
import dev.ingest.sink.SinkConfig;
import dev.ingest.sink.SinkException;
import dev.ingest.testing.ChildJvm;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The directory from which sqlite-jdbc loads SQLite. */
@DisabledOnOs(value = OS.WINDOWS, disabledReason = "a loaded library cannot be removed")
class NativeLibraryIT {
  private final FileTime longAgo = FileTime.from(Instant.now().minus(Duration.ofHours(1)));

  @TempDir Path directory;
  private Path temporary;

  @BeforeEach
  void makeDirectory() throws IOException {
    temporary = Files.createDirectory(directory.resolve("code"));
  }

  /** Opens a database, says whether that works, and waits. */
  static final class Program {
    private Program() {}

    public static void main(String... args) throws Exception {
      Sink sink = new SqliteSinkProvider().create(SinkConfig.parse("sqlite:" + args[0]));
      Schema schema = Schema.builder("t").integer("i").build();
      try {
        sink.open(schema);
        System.out.println("open");
      } catch (SinkException e) {
        System.out.println("retryable " + e.isRetryable() + " " + e.getMessage());
      }
      System.in.read();
      sink.open(schema);
      System.out.println("open now");
      sink.close();
    }
  }

  private ChildJvm start(String property, Path value) {
    return ChildJvm.in(directory)
        .options("-D" + property + "=" + value)
        .start(Program.class, directory.resolve("test.db").toString());
  }

  @ParameterizedTest
  @CsvSource({
    "java.io.tmpdir, missing, does not exist",
    "java.io.tmpdir, file, is no directory",
    "org.sqlite.tmpdir, missing, does not exist"
  })
  void a_directory_that_cannot_be_used_is_named_with_the_remedy_and_tried_again(
      String property, String name, String fault) throws Exception {
    Files.createFile(directory.resolve("file"));
    Path wrong = directory.resolve(name);
    try (ChildJvm program = start(property, wrong)) {
      program.awaitOut("^retryable true .*directory " + wrong + ": it " + fault + ".*noexec");
      program.awaitOut("-Dorg\\.sqlite\\.tmpdir=DIRECTORY");
      Files.deleteIfExists(wrong);
      Files.createDirectory(wrong);
      program.writeLine("");
      program.awaitOut("^open now$");
    }
  }

  @Test
  void a_directory_on_a_file_system_without_code_is_named_with_the_remedy() throws Exception {
    assumeTrue(
        run("mount", "-t", "tmpfs", "-o", "noexec,size=8m", "none", temporary.toString()) == 0,
        "to mount a file system with the option noexec takes root, and a kernel that lets it");
    try (ChildJvm program = start("java.io.tmpdir", temporary)) {
      program.awaitOut("^retryable true .*directory " + temporary + ": it is mounted noexec");
    } finally {
      assertEquals(0, run("umount", temporary.toString()));
    }
  }

  /** Runs a program; returns its exit status, or -1 if there is no such program. */
  static int run(String... command) throws InterruptedException {
    try {
      return new ProcessBuilder(command)
          .redirectError(ProcessBuilder.Redirect.DISCARD)
          .start()
          .waitFor();
    } catch (IOException e) {
      return -1;
    }
  }

  @Test
  void a_later_start_removes_the_library_that_a_killed_process_left() throws Exception {
    try (ChildJvm program = start("java.io.tmpdir", temporary)) {
      program.awaitOut("^open$");
    } // SIGKILL
    List<Path> left = files();
    assertEquals(2, left.size(), left::toString);
    try (ChildJvm program = start("java.io.tmpdir", temporary)) {
      program.awaitOut("^open$");
      assertEquals(4, files().size(), "what is young may be about to be loaded");
    }
    for (Path file : files()) {
      Files.setLastModifiedTime(file, longAgo);
    }
    try (ChildJvm program = start("java.io.tmpdir", temporary)) {
      program.awaitOut("^open$");
      assertEquals(2, files().size(), files()::toString);
      assertFalse(files().contains(left.get(0)), left::toString);
      assertFalse(program.err().contains("Failed to delete"), program::toString);
    }
  }

  @Test
  void a_process_whose_library_is_removed_goes_on() throws Exception {
    try (ChildJvm first = start("java.io.tmpdir", temporary)) {
      first.awaitOut("^open$");
      for (Path file : files()) {
        Files.setLastModifiedTime(file, longAgo);
      }
      try (ChildJvm second = start("java.io.tmpdir", temporary)) {
        second.awaitOut("^open$");
        assertEquals(2, files().size(), files()::toString);
      }
      first.writeLine("");
      assertEquals(0, first.exitStatus(), first::toString);
      first.awaitOut("^open now$");
    }
  }

  @Test
  void no_other_file_is_removed() throws Exception {
    String uuid = "-1f1a6050-1cdf-442b-8425-741b70e07efc-";
    for (String name :
        List.of(
            "sqlite-3.5.0" + uuid + "libsqlitejdbc.so.bak",
            "sqlite-3.5.0-notes-libsqlitejdbc.so",
            "sqlite-3.5.0" + uuid + "libother.so",
            "xsqlite-3.5.0" + uuid + "libsqlitejdbc.so")) {
      Files.setLastModifiedTime(Files.createFile(temporary.resolve(name)), longAgo);
    }
    Path folder =
        Files.createDirectory(temporary.resolve("sqlite-3.5.0" + uuid + "libsqlitejdbc.so"));
    Files.setLastModifiedTime(folder, longAgo);
    try (ChildJvm program = start("org.sqlite.tmpdir", temporary)) {
      program.awaitOut("^open$");
      assertEquals(5 + 2, files().size(), files()::toString);
    }
    assertTrue(Files.isDirectory(folder));
  }

  private List<Path> files() throws IOException {
    try (Stream<Path> files = Files.list(temporary)) {
      return files.sorted().toList();
    }
  }
}
