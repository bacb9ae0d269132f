package dev.ingest.examples.load;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.ingest.examples.Program;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.w3c.dom.Document;

class LoadTestIT {
  @TempDir Path directory;

  @ParameterizedTest
  @CsvSource({"C, sensor, send.c", "JAVA, array, LoadSender"})
  void each_record_is_accounted_for_and_the_results_are_written(
      String sender, String shape, String senderSaid) throws Exception {
    assumeTrue(sender.equals("JAVA") || BenchFiles.find("cc").isPresent(), "there is no cc");
    try (Program test =
        start("--sender", sender, "--shape", shape, "--rates", "4000,max", "--seconds", "0.5")) {
      int status = test.awaitExit();
      String output = test.output();
      assertEquals(0, status, output + test.errors());
      assertTrue(output.contains("sender: " + senderSaid), output);
      assertTrue(output.contains("every record sent to ingest is stored"), output);
      assertEquals(2, output.lines().filter(line -> line.startsWith("ingest ")).count(), output);
      assertEquals(2, output.lines().filter(line -> line.startsWith("ingest, timed ")).count());
    }
    assertCsv(Files.readAllLines(directory.resolve("out/results.csv")), shape);
    Document picture =
        DocumentBuilderFactory.newInstance()
            .newDocumentBuilder()
            .parse(directory.resolve("out/sweep.svg").toFile());
    assertEquals("svg", picture.getDocumentElement().getTagName());
    assertEquals(List.of(), leftovers());
  }

  private static void assertCsv(List<String> lines, String shape) {
    assertEquals(5, lines.size());
    List<String> names = List.of(lines.get(0).split(",", -1));
    for (String line : lines.subList(1, 5)) {
      List<String> values = List.of(line.split(",", -1));
      assertEquals(names.size(), values.size(), line);
      boolean timed = values.get(names.indexOf("system")).equals("ingest timed");
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
  @DisabledOnOs(value = OS.WINDOWS, disabledReason = "there is no SIGINT")
  void nothing_stays_behind_after_ctrl_c() throws Exception {
    try (Program test = start("--rates", "1000", "--seconds", "600", "--sender", "JAVA")) {
      // The server and the sender; a sync comes before them.
      List<ProcessHandle> started =
          await()
              .atMost(Duration.ofSeconds(60))
              .until(() -> javaProcesses(test), processes -> processes.size() == 2);
      test.signal("INT");
      assertEquals(130, test.awaitExit());
      assertEquals("", test.errors());
      assertTrue(started.stream().noneMatch(ProcessHandle::isAlive));
      assertEquals(List.of(), leftovers());
    }
  }

  private static List<ProcessHandle> javaProcesses(Program test) {
    return test.descendants().stream()
        .filter(process -> process.info().command().orElse("").endsWith("java"))
        .toList();
  }

  @ParameterizedTest
  @CsvSource({
    "--rates, '10,x', 'x'",
    "--seconds, NaN, NaN",
    "--turns, 0, 0",
    "--shape, round, round"
  })
  void a_wrong_option_shows_the_usage_and_ends_with_status_2(
      String option, String value, String named) throws Exception {
    try (Program test = Program.start(directory, "load.LoadTest", option, value)) {
      assertEquals(2, test.awaitExit());
      assertTrue(test.errors().contains(named) && test.errors().contains("expected"));
      assertTrue(test.errors().contains("Usage: LoadTest"), test.errors());
    }
  }

  private Program start(String... options) throws Exception {
    List<String> all = new ArrayList<>(List.of(options));
    all.addAll(List.of("--no-peers", "--warm-up", "0", "--output", "out"));
    return Program.start(directory, "load.LoadTest", all.toArray(String[]::new));
  }

  private List<Path> leftovers() throws Exception {
    try (Stream<Path> files = Files.list(directory.resolve("out"))) {
      return files.filter(Files::isDirectory).toList();
    }
  }
}
