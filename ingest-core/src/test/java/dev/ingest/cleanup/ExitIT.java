package dev.ingest.cleanup;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ingest.testing.ChildJvm;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Rules about the exit, in a JVM that really exits. The programs are in {@link ExitProgram}. */
class ExitIT {
  private static final List<String> BOTH = List.of("second", "first");

  private static final String[] OPEN = {"--add-opens", "java.base/java.lang=ALL-UNNAMED"};

  /** What is left of a JVM. */
  private record Ended(int status, List<String> out, List<String> err) {}

  @TempDir Path directory;

  @Test
  void c1_lastRegisteredRunsFirstWhenMainReturns() {
    Ended ended = run("return");
    assertEquals(new Ended(0, BOTH, List.of()), ended);
  }

  @Test
  void c1_runsWhenMainThrows() {
    Ended ended = run("throw");
    assertEquals(1, ended.status());
    assertEquals(BOTH, ended.out());
  }

  @ParameterizedTest
  @ValueSource(strings = {"0", "1", "42", "255"})
  void c1_runsOnSystemExitAndKeepsItsStatus(String status) {
    Ended ended = run("status", status);
    assertEquals(new Ended(Integer.parseInt(status), BOTH, List.of()), ended);
  }

  @ParameterizedTest
  @CsvSource({"INT,130", "TERM,143", "HUP,129"})
  void c13_runsOnSignalsAndKeepsTheirStatus(String signal, int status) {
    Ended ended = signal(signal, start("signal"));
    assertEquals(new Ended(status, List.of("up", "second", "first"), List.of()), ended);
  }

  @Test
  void c13_doesNotRunOnSigkill() {
    Ended ended = signal("KILL", start("signal"));
    assertEquals(new Ended(137, List.of("up"), List.of()), ended);
  }

  @Test
  void c13_doesNotRunOnHalt() {
    assertEquals(new Ended(3, List.of(), List.of()), run("halt"));
  }

  @Test
  void c13_doesNotRunOnSignalsWithXrs() {
    Ended ended = signal("TERM", launcher("-Xrs").start(ExitProgram.class, "signal"));
    assertEquals(new Ended(143, List.of("up"), List.of()), ended);
  }

  @Test
  void c4_failureIsReportedWithItsStackAndTheOthersRun() {
    Ended ended = run("fail");
    assertEquals(7, ended.status());
    assertEquals(BOTH, ended.out());
    assertEquals(
        "Cleanup action faulty failed: java.io.IOException: disk full", ended.err().get(0));
    assertTrue(ended.err().get(1).contains("ExitProgram.fail"), ended.toString());
  }

  @Test
  void c4_reporterThatThrowsIsReplacedByTheDefaultReport() {
    Ended ended = run("reporterThrows");
    assertEquals(0, ended.status());
    assertEquals(BOTH, ended.out());
    assertSays("Cleanup action faulty failed: java.io.IOException: disk full", ended);
    assertSays("reporter failed", ended);
  }

  @Test
  void c5_registeredDuringTheExitRunsNext() {
    Ended ended = run("register");
    assertEquals(new Ended(7, List.of("registered", "second", "first"), List.of()), ended);
  }

  @Test
  void c5_unregisteredDuringTheExitDoesNotRun() {
    assertEquals(new Ended(7, BOTH, List.of()), run("unregister"));
  }

  @Test
  void c5_registerAfterTheExitRunThrows() {
    Ended ended = end(launcher(OPEN).start(ExitProgram.class, "registerTooLate"));
    assertEquals(0, ended.status());
    assertEquals(
        List.of(
            "second",
            "first",
            "refused: The JVM is exiting and its cleanup is over: register before the exit"),
        ended.out());
  }

  @Test
  void c6_exitWaitsForTheRunInProgress() {
    Ended ended = signal("TERM", start("runThenSignal"));
    List<String> out = List.of("up", "slow on main", "second", "first");
    assertEquals(new Ended(143, out, List.of()), ended);
  }

  @Test
  void c6_runDuringLifeEmptiesTheRegistryForTheExit() {
    Ended ended = run("runThenReturn");
    assertEquals(new Ended(0, List.of("second", "first", "ran", "third"), List.of()), ended);
  }

  @Test
  void c6_nestedRunDuringTheExitDrainsInline() {
    Ended ended = run("nested");
    assertEquals(new Ended(7, List.of("second", "first", "nested run is over"), List.of()), ended);
  }

  @Test
  void c7_hookIsThereOnlyWhileActionsAreAndPinsNoClassLoader() {
    Ended ended = end(launcher(OPEN).start(HookProgram.class));
    assertEquals(
        List.of(
            "looked up: 0",
            "registered elsewhere: 0",
            "registered twice: 1",
            "one left: 1",
            "none left: 0",
            "nothing pending but this is running: 1",
            "ran: 0",
            "unregistered, collected: true",
            "class dev.ingest.cleanup.HookProgram$Plugin",
            "ran, collected: true",
            "deployed, collected: false",
            "class dev.ingest.cleanup.HookProgram$Plugin"),
        ended.out());
  }

  @Test
  void c7_actionsRunOnAThreadThatHasNothingOfTheRegistrant() {
    Ended ended = run("thread");
    assertEquals(
        List.of(
            "second",
            "first",
            "inherited: null",
            "system loader: true",
            "group: system",
            "daemon: true"),
        ended.out());
  }

  @Test
  void c8_deadlineInterruptsAndReportsAndTheProcessEnds() {
    Ended ended = run("hang");
    assertEquals(7, ended.status());
    assertTrue(ended.out().isEmpty() || ended.out().equals(List.of("interrupted")));
    assertSays("Cleanup action stuck failed: java.util.concurrent.TimeoutException", ended);
    assertSays("ExitProgram.hang", ended);
    assertSays("PT0.3S", ended);
    assertSays("Cleanup action second failed", ended);
    assertSays("Cleanup action first failed", ended);
  }

  @Test
  void c8_deadlineCountsTheWaitForARunInProgress() {
    Ended ended = signal("TERM", start("hangInRun"));
    assertEquals(143, ended.status());
    assertSays("Cleanup action stuck failed: java.util.concurrent.TimeoutException", ended);
    assertSays("Cleanup action first failed", ended);
  }

  @Test
  void c8_deadlineEndsAnActionThatRegistersItselfForEver() {
    Ended ended = run("forEver");
    assertEquals(7, ended.status());
    assertSays("Cleanup action first failed: java.util.concurrent.TimeoutException", ended);
  }

  @Test
  void c8_deadlineEndsAReporterThatHangs() {
    Ended ended = run("hangInReporter");
    assertEquals(7, ended.status());
    assertSays("Cleanup action faulty failed: java.util.concurrent.TimeoutException", ended);
    assertSays("Cleanup action first failed: java.util.concurrent.TimeoutException", ended);
  }

  @Test
  void c8_processEndsAtTheDeadlineAlthoughNothingCanBePrinted() {
    assertEquals(7, run("hangHoldingSystemErr").status());
  }

  @Test
  void c9_systemExitInsideIsReportedAndTheOthersRun() {
    Ended ended = run("exitInside");
    assertEquals(7, ended.status());
    assertEquals(BOTH, ended.out());
    assertSays("Cleanup action exits failed: java.lang.IllegalStateException", ended);
    assertSays("Cleanup action exits, too failed: java.lang.IllegalStateException", ended);
    assertSays("java.lang.System.exit", ended);
  }

  @RepeatedTest(5)
  void c9_systemExitInsideAfterMainReturnedCostsAtMostTheStatus() {
    // The JVM lets the calls of System.exit go on after the last hook: which one wins is chance.
    Ended ended = run("exitInsideAfterReturn");
    assertTrue(Set.of(0, 9, 10).contains(ended.status()), ended.toString());
    assertEquals(BOTH, ended.out());
    assertSays("Cleanup action exits failed: java.lang.IllegalStateException", ended);
    assertSays("Cleanup action exits, too failed: java.lang.IllegalStateException", ended);
  }

  @Test
  void c9_systemExitInANestedRunReportsBothActions() {
    Ended ended = run("exitInNested");
    assertEquals(7, ended.status());
    assertEquals(BOTH, ended.out());
    assertSays("Cleanup action exits failed: java.lang.IllegalStateException", ended);
    assertSays("Cleanup action runs failed: java.lang.IllegalStateException", ended);
  }

  @Test
  void c9_systemExitInAReporterDoesNotHang() {
    Ended ended = run("exitInReporter");
    assertEquals(7, ended.status());
    assertEquals(BOTH, ended.out());
  }

  @Test
  void c9_systemExitInAnActionOfAnOrdinaryRunDoesNotHang() {
    Ended ended = run("exitInRun");
    assertEquals(4, ended.status());
    assertEquals(BOTH, ended.out());
    assertSays("Cleanup action exits failed: java.lang.IllegalStateException", ended);
  }

  @Test
  void c9_systemExitInAnOrdinaryRunDuringTheExitDoesNotHang() {
    Ended ended = signal("TERM", start("exitInRunAfterSignal"));
    assertEquals(143, ended.status());
    assertEquals(List.of("up", "second", "first"), ended.out());
    assertSays("Cleanup action exits failed: java.lang.IllegalStateException", ended);
  }

  @Test
  void c10_reportDoesNotNeedALogger() {
    // This program resets java.util.logging before its action fails.
    assertSays("Cleanup action faulty failed", run("fail"));
  }

  private Ended run(String... program) {
    return end(start(program));
  }

  private ChildJvm start(String... program) {
    return launcher().start(ExitProgram.class, program);
  }

  private ChildJvm.Launcher launcher(String... options) {
    return ChildJvm.in(directory).options(options);
  }

  private static Ended signal(String name, ChildJvm jvm) {
    try (jvm) {
      jvm.awaitOut("^up$");
      jvm.signal(name);
      return end(jvm);
    }
  }

  private static Ended end(ChildJvm jvm) {
    try (jvm) {
      return new Ended(jvm.exitStatus(), jvm.outLines(), jvm.errLines());
    }
  }

  private static void assertSays(String words, Ended ended) {
    assertTrue(ended.err().stream().anyMatch(line -> line.contains(words)), ended.toString());
  }
}
