package dev.ingest.bench;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeFalse;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.ingest.testing.ChildJvm;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.w3c.dom.Document;

class LoadTestIT {
  private static final Path JAR = Path.of("target", "ingest-bench.jar").toAbsolutePath();

  @TempDir Path directory;

  @ParameterizedTest
  @CsvSource({
    "C, sensor, send.c, udp",
    "JAVA, array, LoadSender, udp",
    "C, nested, send.c, tcp",
    "JAVA, sensor, LoadSender, unix"
  })
  void each_record_is_accounted_for_and_the_results_are_written(
      String sender, String shape, String senderReported, String source) throws Exception {
    assumeTrue(sender.equals("JAVA") || BenchFiles.find("cc").isPresent(), "there is no cc");
    String[] options = {
      "--sender",
      sender,
      "--shape",
      shape,
      "--rates",
      "4000,max",
      "--seconds",
      "0.5",
      "--source",
      source
    };
    try (ChildJvm test = start(options)) {
      int status = test.exitStatus();
      String output = test.out();
      assertEquals(0, status, test::toString);
      assertTrue(output.contains("sender: " + senderReported), output);
      assertTrue(output.contains("every record sent to ingest is stored"), output);
      String name = source.equals("udp") ? "ingest" : "ingest " + source;
      assertEquals(2, count(output, name + " "), output);
      assertEquals(2, count(output, name + ", timed "), output);
    }
    assertCsv(Files.readAllLines(directory.resolve("out/results.csv")), shape);
    Document picture =
        DocumentBuilderFactory.newInstance()
            .newDocumentBuilder()
            .parse(directory.resolve("out/sweep.svg").toFile());
    assertEquals("svg", picture.getDocumentElement().getTagName());
    assertEquals(List.of(), folders("out"));
  }

  private static long count(String output, String start) {
    return output.lines().filter(line -> line.startsWith(start)).count();
  }

  private static void assertCsv(List<String> lines, String shape) {
    assertEquals(5, lines.size());
    List<String> names = List.of(lines.get(0).split(",", -1));
    for (String line : lines.subList(1, 5)) {
      List<String> values = List.of(line.split(",", -1));
      assertEquals(names.size(), values.size(), line);
      boolean timed = values.get(names.indexOf("system")).endsWith(" timed");
      assertEquals(shape, values.get(names.indexOf("shape")));
      assertEquals("2000", values.get(names.indexOf("sent")), line);
      assertEquals(
          2_000,
          Integer.parseInt(values.get(names.indexOf("stored")))
              + Integer.parseInt(values.get(names.indexOf("lost"))),
          line);
      assertEquals(timed, !values.get(names.indexOf("max_us")).isEmpty(), line);
    }
  }

  @Test
  void udp_and_streams_are_measured_side_by_side() throws Exception {
    try (ChildJvm test =
        start("--source", "udp,tcp,unix", "--rates", "2000", "--seconds", "0.5", "--turns", "2")) {
      assertEquals(0, test.exitStatus(), test::toString);
      List<String> systems =
          Files.readAllLines(directory.resolve("out/results.csv")).stream()
              .skip(1)
              .map(line -> line.split(",", -1)[1])
              .filter(system -> !system.endsWith("timed"))
              .toList();
      List<String> turn = List.of("ingest", "ingest tcp", "ingest unix");
      assertEquals(Stream.of(turn, turn).flatMap(List::stream).toList(), systems);
    }
  }

  @Test
  void another_build_is_measured_by_turns() throws Exception {
    try (ChildJvm test =
        start("--against", JAR.toString(), "--rates", "2000", "--seconds", "0.5", "--turns", "2")) {
      assertEquals(0, test.exitStatus(), test::toString);
      test.awaitOut("processor time a record, sensor, ingest over against:");
      test.awaitOut(" +2,000 +[0-9.]+ +\\([0-9.]+ to [0-9.]+\\)");
    }
  }

  @Test
  void a_peer_that_is_not_there_is_left_out_and_the_way_to_get_it_is_printed() throws Exception {
    String[] options = {"--source", "tcp", "--rates", "2000", "--seconds", "0.5"};
    List<String> all = new ArrayList<>(List.of(options));
    all.addAll(List.of("--warm-up", "0", "--output", "out"));
    try (ChildJvm test = startWith(all.toArray(String[]::new))) {
      assertEquals(0, test.exitStatus(), test::toString);
      test.awaitOut("questdb is not run: --questdb does not name its jar; to get it: mvn .*");
      assertEquals(0, count(test.out(), "questdb  "), test::toString);
    }
  }

  @Test
  void questdb_needs_records_over_tcp() throws Exception {
    try (ChildJvm test = startWith("--questdb", JAR.toString(), "--source", "udp,unix")) {
      assertEquals(2, test.exitStatus());
      assertTrue(test.err().contains("--source is [udp, unix]: expected tcp"), test::toString);
    }
  }

  /** Only a record that is stored right counts as stored. */
  @Test
  void the_limit_stores_each_shape_that_it_knows() throws Exception {
    String[] options = {
      "--shape", "short,wide,text,optional", "--rates", "2000", "--seconds", "0.5"
    };
    List<String> all = new ArrayList<>(List.of(options));
    all.addAll(List.of("--warm-up", "0", "--output", "out"));
    try (ChildJvm test = startWith(all.toArray(String[]::new))) {
      assertEquals(0, test.exitStatus(), test::toString);
      assumeFalse(test.out().contains("limit is not run"), "no C compiler, or no SQLite for it");
      List<String> limit =
          Files.readAllLines(directory.resolve("out/results.csv")).stream()
              .filter(line -> line.split(",", -1)[1].equals("limit"))
              .toList();
      assertEquals(4, limit.size(), test::toString);
      for (String line : limit) {
        List<String> values = List.of(line.split(",", -1));
        assertEquals("1000", values.get(6), "stored: " + line);
        assertEquals("true", values.get(values.size() - 1), "the sums: " + line);
      }
      assertTrue(test.out().contains("processor time a record, wide, ingest over limit:"));
    }
  }

  @Test
  void idle_connections_are_measured() throws Exception {
    try (ChildJvm program =
        launcher().start(IdleConnections.class, "--connections", "20", "--seconds", "1")) {
      assertEquals(0, program.exitStatus(), program::toString);
      program.awaitOut("with 20 tcp connections +[0-9.]+ MB resident, [0-9.]+ % of a processor");
    }
  }

  @Test
  void nothing_stays_behind_after_ctrl_c() throws Exception {
    try (ChildJvm test = start("--rates", "1000", "--seconds", "600", "--sender", "JAVA")) {
      // The server and the sender; a sync comes before them.
      List<ProcessHandle> started =
          await()
              .atMost(Duration.ofSeconds(60))
              .until(() -> javaProcesses(test), processes -> processes.size() == 2);
      test.signal("INT");
      assertEquals(130, test.exitStatus());
      assertEquals(List.of(), test.errLinesOfProgram());
      assertTrue(started.stream().noneMatch(ProcessHandle::isAlive));
      assertEquals(List.of(), folders("out"));
    }
  }

  /** At moments from the load of its main class on, while it compiles and loads what it times. */
  @RepeatedTest(10)
  @DisabledOnOs(value = OS.WINDOWS, disabledReason = "there is no SIGINT")
  void it_ends_with_the_status_of_the_signal_at_any_moment(RepetitionInfo repetition)
      throws Exception {
    int number = repetition.getCurrentRepetition();
    boolean interrupt = number % 2 == 0;
    String[] options = {"--rates", "2000", "--seconds", "0.1", "--turns", "1000", "--warm-up", "0"};
    try (ChildJvm test = launcher().options(ChildJvm.SHOW_CLASSES).start(LoadTest.class, options)) {
      test.awaitLoaded(LoadTest.class);
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(300L * (number - 1)));
      List<ProcessHandle> started = test.descendants();
      List<String> command = new ArrayList<>(List.of("kill", interrupt ? "-INT" : "-TERM"));
      if (interrupt) { // the children first, since a terminal sends Ctrl-C to all in any order
        started.forEach(child -> command.add(Long.toString(child.pid())));
      }
      command.add(Long.toString(test.pid()));
      new ProcessBuilder(command).start().waitFor();
      assertEquals(interrupt ? 130 : 143, test.exitStatus(), test::toString);
      assertEquals(List.of(), test.errLinesOfProgram());
      assertFalse(test.out().contains("is not measured"), test::toString);
      await()
          .atMost(Duration.ofSeconds(60))
          .until(() -> started.stream().noneMatch(ProcessHandle::isAlive));
      if (Files.exists(directory.resolve("load-test"))) {
        assertEquals(List.of(), folders("load-test"));
      }
    }
  }

  private static List<ProcessHandle> javaProcesses(ChildJvm test) {
    return test.descendants().stream()
        .filter(process -> process.info().command().orElse("").endsWith("java"))
        .toList();
  }

  @ParameterizedTest
  @CsvSource({
    "--rates, '10,x', is no rate",
    "--seconds, NaN, NaN",
    "--turns, 0, --turns is 0",
    "--shape, round, round",
    "--against, nosuch.jar, --against is nosuch.jar",
    "--questdb, nosuch.jar, --questdb is nosuch.jar"
  })
  void a_wrong_option_shows_the_usage_and_ends_with_status_2(
      String option, String value, String named) throws Exception {
    try (ChildJvm test = startWith(option, value)) {
      assertEquals(2, test.exitStatus());
      assertTrue(test.err().contains(named), test::toString);
      assertTrue(test.err().contains("expected"), test::toString);
      assertTrue(test.err().contains("Usage: LoadTest"), test::toString);
    }
  }

  private ChildJvm start(String... options) {
    List<String> all = new ArrayList<>(List.of(options));
    all.addAll(List.of("--no-peers", "--warm-up", "0", "--output", "out"));
    return startWith(all.toArray(String[]::new));
  }

  private ChildJvm startWith(String... options) {
    return launcher().start(LoadTest.class, options);
  }

  private ChildJvm.Launcher launcher() {
    return ChildJvm.in(directory).withoutOptions().classPath(JAR.toString());
  }

  private List<Path> folders(String output) throws Exception {
    try (Stream<Path> files = Files.list(directory.resolve(output))) {
      return files.filter(Files::isDirectory).toList();
    }
  }
}
