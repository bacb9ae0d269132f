package dev.ingest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ingest.policy.Spooling;
import dev.ingest.testing.ChildJvm;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.TreeMap;
import java.util.logging.Level;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What other users of the machine cannot do through the server's files. */
@DisabledOnOs(value = OS.WINDOWS, disabledReason = "it has no modes, no FIFOs and hardly links")
class FilesIT {
  private static final String SEGMENT = "0000000001-00112233445566ff";

  @TempDir Path directory;

  private Path spool() throws IOException {
    Path spool = directory.resolve("spool");
    return Files.exists(spool)
        ? spool
        : Files.setPosixFilePermissions(
            Files.createDirectory(spool), PosixFilePermissions.fromString("rwx------"));
  }

  private IngestServerBuilder spooling() throws IOException {
    return TestServers.builder(new MemorySink()).spool(Spooling.in(spool()));
  }

  private static String refusal(IngestServerBuilder settings) {
    return assertTimeoutPreemptively(
        TestServers.SOON,
        () -> assertThrows(IOException.class, () -> settings.build().start()).getMessage());
  }

  @ParameterizedTest
  @ValueSource(strings = {"0", "022", "077", "0777"})
  void all_files_are_for_the_owner_alone_whatever_the_umask(String umask) throws Exception {
    Path made = Files.createDirectory(directory.resolve("made"));
    Path tmp = Files.createDirectory(directory.resolve("jvm"));
    Files.createDirectory(tmp.resolve("tmp"));
    TreeMap<String, String> modes = new TreeMap<>();
    try (ChildJvm program =
        ChildJvm.in(tmp).umask(umask).start(FilesProgram.class, made.toString(), "all")) {
      program.awaitOut("^up$");
      try (Stream<Path> files = Files.walk(made)) {
        for (Path file : files.filter(file -> !file.equals(made)).toList()) {
          String name = made.relativize(file).toString().replaceAll("\\d{10}-[0-9a-f]{16}", "N");
          modes.put(name, PosixFilePermissions.toString(Files.getPosixFilePermissions(file)));
        }
      }
    }
    TreeMap<String, String> expected = new TreeMap<>();
    for (String name : List.of("new", "new/spool")) {
      expected.put(name, "rwx------");
    }
    for (String name :
        List.of(
            "dead.ndjson",
            "dead.ndjson.lock",
            "new/spool/N.ndjson",
            "new/spool/N.settled",
            "new/spool/spool.lock")) {
      expected.put(name, "rw-------");
    }
    assertEquals(expected, modes);
  }

  @Test
  void a_spool_that_others_can_write_is_refused_and_nothing_is_made_in_it() throws Exception {
    Files.setPosixFilePermissions(spool(), PosixFilePermissions.fromString("rwxrwxr-x"));
    String message = refusal(spooling());
    assertTrue(
        message.startsWith("the spool directory " + spool() + " has the mode rwxrwxr-x"), message);
    assertTrue(message.contains("chmod 700"), message);
    try (Stream<Path> files = Files.list(spool())) {
      assertEquals(0, files.count());
    }
    Files.setPosixFilePermissions(spool(), PosixFilePermissions.fromString("rwx------"));
    spooling().build().start().close();
  }

  @Test
  void the_directories_that_the_user_names_may_be_links() throws Exception {
    Path link = Files.createSymbolicLink(directory.resolve("link"), spool());
    TestServers.builder(new MemorySink())
        .spool(Spooling.in(link))
        .deadLetters(link.resolve("dead.ndjson"))
        .build()
        .start()
        .close();
    assertTrue(Files.isRegularFile(spool().resolve("dead.ndjson")));
  }

  @ParameterizedTest
  @ValueSource(strings = {"spool.lock", SEGMENT + ".ndjson", SEGMENT + ".settled"})
  void what_is_no_regular_file_in_the_spool_is_refused_and_left_as_it_is(String name)
      throws Exception {
    Path target = Files.writeString(directory.resolve("target"), "precious\n");
    if (name.endsWith(".settled")) {
      Files.writeString(spool().resolve(SEGMENT + ".ndjson"), "{\"id\":1}\n");
    }
    Path file = spool().resolve(name);
    Files.createSymbolicLink(file, target);
    String message = refusal(spooling());
    assertTrue(message.startsWith(file + " is a symbolic link"), message);
    assertEquals("precious\n", Files.readString(target));
    Files.delete(file);
    mkfifo(file);
    message = refusal(spooling());
    assertTrue(message.startsWith(file + " is a FIFO"), message);
    Files.delete(file);
    spooling().build().start().close();
  }

  @ParameterizedTest
  @ValueSource(strings = {"dead.ndjson", "dead.ndjson.1", "dead.ndjson.lock"})
  void dead_letters_do_not_hang_on_a_fifo(String name) throws Exception {
    Path fifo = directory.resolve(name);
    mkfifo(fifo);
    IngestServerBuilder settings =
        TestServers.builder(new MemorySink()).deadLetters(directory.resolve("dead.ndjson"));
    String message = refusal(settings);
    assertTrue(message.startsWith(fifo + " is a FIFO"), message);
    Files.delete(fifo);
    settings.build().start().close();
  }

  @Test
  void a_link_for_unreadable_lines_is_not_followed_and_they_stay_in_the_spool() throws Exception {
    Path target = Files.writeString(directory.resolve("target"), "precious");
    Files.writeString(spool().resolve(SEGMENT + ".ndjson"), "without a check\nnor this\n");
    Path link = Files.createSymbolicLink(spool().resolve("unreadable.ndjson"), target);
    try (Logged warnings = new Logged(Level.WARNING);
        IngestServer server = spooling().build().start()) {
      warnings.await("cannot be read", link + " is a symbolic link");
      assertEquals(2, server.stats().records().recovered());
      TestServers.join(TestServers.closeInBackground(server));
      assertEquals(2, Ledgers.balanced(server.stats()).records().spooled());
    }
    assertEquals("precious", Files.readString(target));
    Files.delete(link);
    try (IngestServer server = spooling().build().start()) {
      Ledgers.await(server, stats -> stats.records().deadLettered() == 2);
    }
  }

  @Test
  void who_reads_and_locks_the_dead_letters_does_not_hold_up_the_start() throws Exception {
    Path file = Files.createFile(directory.resolve("dead.ndjson"));
    try (FileChannel reader = FileChannel.open(file, StandardOpenOption.WRITE);
        FileLock lock = reader.lock()) {
      assertTrue(lock.isValid());
      TestServers.builder(new MemorySink()).deadLetters(file).build().start().close();
    }
  }

  private static void mkfifo(Path path) throws Exception {
    assertEquals(0, new ProcessBuilder("mkfifo", path.toString()).start().waitFor());
  }
}
