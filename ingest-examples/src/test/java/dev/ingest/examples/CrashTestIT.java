package dev.ingest.examples;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.ingest.testing.ChildJvm;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@DisabledOnOs(value = OS.WINDOWS, disabledReason = "there is no SIGKILL")
class CrashTestIT {
  @TempDir Path directory;

  @Test
  void each_record_that_was_decoded_is_stored_exactly_once() throws Exception {
    try (ChildJvm test =
        ExamplesJar.start(
            directory,
            CrashTest.class,
            "--rounds",
            "8",
            "--max-millis",
            "1500",
            "--seed", // of long and short lives, and of both capacities
            "9",
            "--directory",
            ".")) {
      assertEquals(0, test.exitStatus(), test::toString);
      assertTrue(test.out().contains("ended with status 143, 0 segments"), test::toString);
      test.awaitOut("^each exactly once: [1-9][0-9,]+ sent, [1-9][0-9,]+ of them known");
    }
  }

  @Test
  void ended_by_a_signal_it_leaves_no_server_behind() throws Exception {
    try (ChildJvm test =
        ExamplesJar.start(
            directory, CrashTest.class, "--max-millis", "60000", "--directory", ".")) {
      // The first server, once it listens: then it has a segment of the journal.
      await().atMost(Duration.ofSeconds(60)).until(this::journals);
      List<ProcessHandle> started = test.descendants();
      assertEquals(1, started.size(), test::toString);
      test.signal("TERM");
      assertEquals(143, test.exitStatus(), test::toString);
      await().atMost(Duration.ofSeconds(60)).until(() -> !started.get(0).isAlive());
      assertEquals(List.of(), test.errLinesOfProgram());
    }
  }

  @Test
  void with_faults_of_the_disk_each_record_is_stored_once_or_reported_as_not_journaled() {
    try (ChildJvm test =
        ExamplesJar.start(
            directory,
            CrashTest.class,
            "--faults",
            "--rounds",
            "4",
            "--max-millis",
            "1500",
            "--seed", // of lives with failing writes, with stalls and with a full disk
            "16",
            "--directory",
            ".")) {
      assertEquals(0, test.exitStatus(), test::toString);
      test.awaitOut("^each exactly once: [1-9][0-9,]+ sent");
      skipIfPrinted(test, "no call of a server fails here: .*");
      test.awaitOut("^faults that struck: .* [1-9][0-9,]* of [1-9]");
      skipIfPrinted(test, "the spool is on no small disk here: .*");
      test.awaitOut("^faults that struck: .* disk full [1-9]");
    }
  }

  @Test
  void ended_by_a_signal_it_unmounts_the_small_disk() throws Exception {
    Path mounts = Path.of("/proc/mounts");
    assumeTrue(Files.exists(mounts), "there is no /proc/mounts");
    Path disk = directory.toRealPath().resolve("disk");
    try (ChildJvm test =
        ExamplesJar.start(
            directory, CrashTest.class, "--faults", "--max-millis", "60000", "--directory", ".")) {
      await().atMost(Duration.ofSeconds(60)).until(() -> journals() || journals(disk));
      skipIfPrinted(test, "the spool is on no small disk here: .*");
      assertTrue(Files.readString(mounts).contains(disk.toString()), test::toString);
      test.signal("TERM");
      assertEquals(143, test.exitStatus(), test::toString);
      assertFalse(Files.readString(mounts).contains(disk.toString()));
    }
  }

  private static void skipIfPrinted(ChildJvm test, String regex) {
    Matcher printed = Pattern.compile("^" + regex, Pattern.MULTILINE).matcher(test.out());
    if (printed.find()) {
      assumeTrue(false, printed.group());
    }
  }

  private boolean journals() throws IOException {
    return journals(directory);
  }

  private static boolean journals(Path folder) throws IOException {
    Path spool = folder.resolve("spool");
    if (Files.notExists(spool)) {
      return false;
    }
    try (Stream<Path> files = Files.list(spool)) {
      return files.anyMatch(file -> file.toString().endsWith(".ndjson"));
    }
  }

  @Test
  void a_directory_that_is_in_use_is_one_line_and_status_1() throws Exception {
    Files.createFile(directory.resolve("sensors.db"));
    try (ChildJvm test = ExamplesJar.start(directory, CrashTest.class, "--directory", ".")) {
      assertEquals(1, test.exitStatus());
      assertTrue(test.err().contains("expected a new or an empty directory"), test::toString);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"--rounds", "--max-millis"})
  void a_number_below_its_range_is_one_line_and_status_1_and_makes_no_folder(String option)
      throws Exception {
    String folder = directory.resolve("made").toString();
    try (ChildJvm test =
        ExamplesJar.start(directory, CrashTest.class, option, "0", "--directory", folder)) {
      assertEquals(1, test.exitStatus());
      assertEquals(
          List.of("error: " + option + " is 0: expected at least 1"), test.errLinesOfProgram());
      assertTrue(Files.notExists(Path.of(folder)));
    }
  }

  @Test
  void a_record_that_is_missing_or_duplicate_or_wrong_is_found() {
    assertVerdict("each exactly once: 4 sent, 3 .* 3 stored", 0, row(0), row(1), row(2));
    assertVerdict("each exactly once: 4 sent, 3 .* 4 stored", 0, row(3), row(2), row(1), row(0));
    assertVerdict("NOT each exactly once: .* 1 missing", 0, row(0), row(2));
    assertVerdict(
        "NOT each exactly once: .* 2 duplicated", 0, row(0), row(1), row(1), row(1), row(2));
    assertVerdict(
        "NOT each exactly once: .* 0 missing, 0 duplicated, 1 wrong",
        0,
        row(0),
        row(1),
        row(2),
        row(4));
    assertVerdict(
        "NOT each exactly once: .* 1 missing, 0 duplicated, 1 wrong",
        0,
        row(0),
        row(1),
        new StoredReadings.Reading(2, 2.5, 3.25, 1_751_715_063));
  }

  @Test
  void as_many_may_be_missing_as_were_reported_as_not_journaled_in_the_same_life() {
    assertVerdict("each exactly once: .* 0 wrong$", 2, row(0), row(1), row(2));
    assertVerdict("each exactly once: .* 0 missing.*; 2 more lost", 2, row(1));
    assertVerdict("NOT each exactly once: .* 1 missing.*; 1 more lost", 1, row(1));
    assertVerdict(
        "NOT each exactly once: .* 1 duplicated.*; 1 more lost", 1, row(1), row(2), row(2));
    List<CrashVerdict.Life> lives =
        List.of(new CrashVerdict.Life(0, 2, 0), new CrashVerdict.Life(2, 2, 2));
    CrashVerdict verdict = CrashVerdict.of(List.of(row(0), row(2)), lives, 4);
    assertEquals(1, verdict.missing(), verdict::toString);
    assertEquals(1, verdict.notJournaled(), verdict::toString);
  }

  private static StoredReadings.Reading row(int number) {
    return new StoredReadings.Reading(number, number + 0.5, number + 0.25, 1_751_715_061 + number);
  }

  private static void assertVerdict(
      String regex, int notJournaled, StoredReadings.Reading... rows) {
    CrashVerdict.Life life = new CrashVerdict.Life(0, 3, notJournaled);
    CrashVerdict verdict = CrashVerdict.of(List.of(rows), List.of(life), 4);
    assertTrue(Pattern.compile("^" + regex).matcher(verdict.toString()).find(), verdict::toString);
    assertEquals(!regex.startsWith("NOT"), verdict.isGood());
  }
}
