package dev.ingest.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.ingest.IngestServer;
import dev.ingest.IngestServerBuilder;
import dev.ingest.policy.JournalSync;
import dev.ingest.policy.Spooling;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The faults of {@code faults.c}, in a JVM that it is preloaded into. */
class FaultLibraryIT {
  private static final int ALL = 1_000_000;

  @TempDir Path directory;
  private FaultLibrary library;

  @BeforeEach
  void build() {
    try {
      library = FaultLibrary.build(directory);
    } catch (IOException e) {
      assumeTrue(false, "the library cannot be built here: " + e.getMessage());
    }
  }

  /** Writes 10 bytes to each file, and syncs it; prints what failed. */
  static final class Writes {
    public static void main(String[] files) throws IOException {
      for (String name : files) {
        try (RandomAccessFile file = new RandomAccessFile(name, "rw")) {
          attempt(name + " write", () -> file.write(new byte[10]));
          attempt(name + " sync", () -> file.getFD().sync());
          System.out.println(name + " has " + file.length());
        }
      }
    }

    private interface Call {
      void run() throws IOException;
    }

    private static void attempt(String what, Call call) {
      try {
        call.run();
      } catch (IOException e) {
        System.out.println(what + ": " + e.getMessage());
      }
    }
  }

  /** Starts a server with a new spool; prints how that went. */
  static final class NewSpool {
    public static void main(String[] spool) throws Exception {
      Spooling spooling = Spooling.in(Path.of(spool[0])).journal(JournalSync.ALWAYS);
      IngestServerBuilder server =
          IngestServer.builder()
              .schema(SensorReading.SCHEMA)
              .bind("127.0.0.1", 0)
              .sink(batch -> {})
              .spool(spooling);
      try (IngestServer started = server.build().start()) {
        System.out.println("started with " + started.stats().records().recovered());
      } catch (IOException e) {
        System.out.println(e.getMessage());
      }
    }
  }

  private List<String> run(List<FaultRule> rules, long seed, List<String> files)
      throws IOException {
    return run(Writes.class, rules, seed, files);
  }

  private List<String> run(Class<?> main, List<FaultRule> rules, long seed, List<String> arguments)
      throws IOException {
    List<String> command = new ArrayList<>();
    command.add(CrashTestVictim.JAVA.toString());
    command.addAll(List.of("-Xshare:auto", "-XX:TieredStopAtLevel=1", "-cp"));
    command.addAll(List.of(System.getProperty("java.class.path"), main.getName()));
    command.addAll(arguments);
    ProcessBuilder java = new ProcessBuilder(command).directory(directory.toFile());
    java.environment().remove("JAVA_TOOL_OPTIONS");
    Files.deleteIfExists(counts());
    library.preload(java.environment(), rules, seed, counts());
    return ShellCommand.run(java).lines().toList();
  }

  private Path counts() {
    return directory.resolve("counts");
  }

  @Test
  void a_call_of_a_chosen_file_fails_as_the_rule_says_and_no_other_does() throws Exception {
    library.switchOn();
    List<FaultRule> rules =
        List.of(
            new FaultRule("write", "*/full", "ENOSPC", ALL),
            new FaultRule("write", "*/torn", "TORN", ALL),
            new FaultRule("write", "*/never", "EIO", 0),
            new FaultRule("fsync", "*/bad*", "EIO", ALL));
    assertEquals(
        List.of(
            "good has 10",
            "full write: No space left on device",
            "full has 0",
            "torn write: No space left on device",
            "torn has 5",
            "bad sync: sync failed",
            "bad has 10",
            "never has 10"),
        run(rules, 1, List.of("good", "full", "torn", "bad", "never")));
    assertEquals(
        List.of("1 of 1", "1 of 1", "0 of 1", "1 of 1"),
        FaultLibrary.counts(counts(), 4).stream().map(FaultLibrary.Count::toString).toList());
  }

  @Test
  void nothing_fails_while_the_switch_is_off() throws Exception {
    List<FaultRule> rules = List.of(new FaultRule("write", "*/full", "ENOSPC", ALL));
    library.switchOn();
    library.switchOff();
    assertEquals(List.of("full has 10"), run(rules, 1, List.of("full")));
    assertEquals("0 of 0", FaultLibrary.counts(counts(), 1).get(0).toString());
  }

  @Test
  void a_stall_lasts_as_long_as_it_says_and_the_call_is_done_after_it() throws Exception {
    library.switchOn();
    List<FaultRule> rules = List.of(new FaultRule("fsync", "*/slow", "STALL=1500", ALL));
    long start = System.nanoTime();
    assertEquals(List.of("slow has 10"), run(rules, 1, List.of("slow")));
    assertTrue(System.nanoTime() - start >= 1_500_000_000L);
  }

  @Test
  void the_start_syncs_the_directories_that_hold_a_new_one() throws Exception {
    library.switchOn();
    Path root = directory.toRealPath();
    for (Path holder : List.of(root, root.resolve("above"))) {
      String spool = holder.equals(root) ? "below/spool" : "above/spool";
      List<FaultRule> noSync = List.of(new FaultRule("fsync", holder.toString(), "EIO", ALL));
      List<String> lines = run(NewSpool.class, noSync, 1, List.of(spool));
      String refusal = "cannot use the spool directory " + spool;
      assertTrue(lines.stream().anyMatch(line -> line.startsWith(refusal)), lines::toString);
    }
    List<FaultRule> other = List.of(new FaultRule("fsync", "*/elsewhere", "EIO", ALL));
    List<String> lines = run(NewSpool.class, other, 1, List.of("other/spool"));
    assertTrue(lines.contains("started with 0"), lines::toString); // beside the JVM's warnings
  }

  @Test
  void the_seed_chooses_the_calls() throws Exception {
    library.switchOn();
    List<FaultRule> rules = List.of(new FaultRule("write", "*/some*", "EIO", ALL / 2));
    List<String> files = new ArrayList<>();
    for (int i = 0; i < 50; i++) {
      files.add("some" + i);
    }
    List<String> first = run(rules, 7, files);
    deleteAll(files);
    assertEquals(first, run(rules, 7, files));
    deleteAll(files);
    assertNotEquals(first, run(rules, 8, files));
  }

  private void deleteAll(List<String> files) throws IOException {
    for (String file : files) {
      Files.delete(directory.resolve(file));
    }
  }

  @Test
  void counts_of_a_process_that_never_began_are_none() throws Exception {
    List<FaultLibrary.Count> counts = FaultLibrary.counts(directory.resolve("nosuch"), 2);
    assertEquals(List.of(new FaultLibrary.Count(0, 0), new FaultLibrary.Count(0, 0)), counts);
  }
}
