package dev.ingest.cleanup;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ingest.cleanup.ExitProgram.Case;
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
  void c1_the_last_registered_runs_first_when_main_returns() {
    Ended ended = run(Case.RETURN);
    assertEquals(new Ended(0, BOTH, List.of()), ended);
  }

  @Test
  void c1_actions_run_when_main_throws() {
    Ended ended = run(Case.THROW);
    assertEquals(1, ended.status());
    assertEquals(BOTH, ended.out());
  }

  @ParameterizedTest
  @ValueSource(strings = {"0", "1", "42", "255"})
  void c1_actions_run_on_system_exit_and_its_status_is_kept(String status) {
    Ended ended = end(launcher().start(ExitProgram.class, Case.STATUS.name(), status));
    assertEquals(new Ended(Integer.parseInt(status), BOTH, List.of()), ended);
  }

  @ParameterizedTest
  @CsvSource({"INT,130", "TERM,143", "HUP,129"})
  void c13_actions_run_on_signals_and_their_status_is_kept(String signal, int status) {
    Ended ended = signal(signal, start(Case.SIGNAL));
    assertEquals(new Ended(status, List.of("up", "second", "first"), List.of()), ended);
  }

  @Test
  void c13_actions_do_not_run_on_sigkill() {
    Ended ended = signal("KILL", start(Case.SIGNAL));
    assertEquals(new Ended(137, List.of("up"), List.of()), ended);
  }

  @Test
  void c13_actions_do_not_run_on_halt() {
    assertEquals(new Ended(3, List.of(), List.of()), run(Case.HALT));
  }

  @Test
  void c13_actions_do_not_run_on_signals_with_xrs() {
    Ended ended = signal("TERM", launcher("-Xrs").start(ExitProgram.class, Case.SIGNAL.name()));
    assertEquals(new Ended(143, List.of("up"), List.of()), ended);
  }

  @Test
  void c4_a_failure_is_reported_with_its_stack_and_the_others_run() {
    Ended ended = run(Case.FAIL);
    assertEquals(7, ended.status());
    assertEquals(BOTH, ended.out());
    assertEquals(
        "Cleanup action faulty failed: java.io.IOException: disk full", ended.err().get(0));
    assertTrue(ended.err().get(1).contains("ExitProgram.fail"), ended.toString());
  }

  @Test
  void c4_a_reporter_that_throws_is_replaced_by_the_default_report() {
    Ended ended = run(Case.REPORTER_THROWS);
    assertEquals(0, ended.status());
    assertEquals(BOTH, ended.out());
    assertReported("Cleanup action faulty failed: java.io.IOException: disk full", ended);
    assertReported("reporter failed", ended);
  }

  @Test
  void c5_an_action_registered_during_the_exit_runs_next() {
    Ended ended = run(Case.REGISTER);
    assertEquals(new Ended(7, List.of("registered", "second", "first"), List.of()), ended);
  }

  @Test
  void c5_an_action_unregistered_during_the_exit_does_not_run() {
    assertEquals(new Ended(7, BOTH, List.of()), run(Case.UNREGISTER));
  }

  @Test
  void c5_register_throws_after_the_exit_run() {
    Ended ended = end(launcher(OPEN).start(ExitProgram.class, Case.REGISTER_TOO_LATE.name()));
    assertEquals(0, ended.status());
    assertEquals(
        List.of(
            "second",
            "first",
            "refused: The JVM is exiting and its cleanup is over: register before the exit"),
        ended.out());
  }

  @Test
  void c6_the_exit_waits_for_the_run_in_progress() {
    Ended ended = signal("TERM", start(Case.RUN_THEN_SIGNAL));
    List<String> out = List.of("up", "slow on main", "second", "first");
    assertEquals(new Ended(143, out, List.of()), ended);
  }

  @Test
  void c6_what_a_run_has_run_does_not_run_at_the_exit() {
    Ended ended = run(Case.RUN_THEN_RETURN);
    assertEquals(new Ended(0, List.of("second", "first", "ran", "third"), List.of()), ended);
  }

  @Test
  void c6_a_nested_run_during_the_exit_runs_the_others_inline() {
    Ended ended = run(Case.NESTED_RUN);
    assertEquals(new Ended(7, List.of("second", "first", "nested run is over"), List.of()), ended);
  }

  @Test
  void c7_the_hook_is_there_only_while_actions_are_and_pins_no_class_loader() {
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
  void c7_actions_run_on_a_thread_that_has_nothing_of_the_registrant() {
    Ended ended = run(Case.THREAD);
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
  void c8_the_deadline_interrupts_and_reports_and_the_process_ends() {
    Ended ended = run(Case.HANG);
    assertEquals(7, ended.status());
    assertTrue(ended.out().isEmpty() || ended.out().equals(List.of("interrupted")));
    assertReported("Cleanup action stuck failed: java.util.concurrent.TimeoutException", ended);
    assertReported("ExitProgram.hang", ended);
    assertReported("PT0.3S", ended);
    assertReported("Cleanup action second failed", ended);
    assertReported("Cleanup action first failed", ended);
  }

  @Test
  void c8_the_deadline_counts_the_wait_for_a_run_in_progress() {
    Ended ended = signal("TERM", start(Case.HANG_IN_RUN));
    assertEquals(143, ended.status());
    assertReported("Cleanup action stuck failed: java.util.concurrent.TimeoutException", ended);
    assertReported("Cleanup action first failed", ended);
  }

  @Test
  void c8_the_deadline_ends_an_action_that_registers_itself_for_ever() {
    Ended ended = run(Case.FOR_EVER);
    assertEquals(7, ended.status());
    assertReported("Cleanup action first failed: java.util.concurrent.TimeoutException", ended);
  }

  @Test
  void c8_the_deadline_ends_a_reporter_that_hangs() {
    Ended ended = run(Case.HANG_IN_REPORTER);
    assertEquals(7, ended.status());
    assertReported("Cleanup action faulty failed: java.util.concurrent.TimeoutException", ended);
    assertReported("Cleanup action first failed: java.util.concurrent.TimeoutException", ended);
  }

  @Test
  void c8_the_process_ends_at_the_deadline_although_nothing_can_be_printed() {
    assertEquals(7, run(Case.HANG_HOLDING_SYSTEM_ERR).status());
  }

  @Test
  void c9_system_exit_inside_is_reported_and_the_others_run() {
    Ended ended = run(Case.EXIT_INSIDE);
    assertEquals(7, ended.status());
    assertEquals(BOTH, ended.out());
    assertReported("Cleanup action exits failed: java.lang.IllegalStateException", ended);
    assertReported("Cleanup action exits, too failed: java.lang.IllegalStateException", ended);
    assertReported("java.lang.System.exit", ended);
  }

  @RepeatedTest(5)
  void c9_system_exit_inside_after_main_returned_costs_at_most_the_status() {
    Ended ended = run(Case.EXIT_INSIDE_AFTER_RETURN);
    // The JVM lets the calls of System.exit go on after the last hook: which one wins is chance.
    assertTrue(Set.of(0, 9, 10).contains(ended.status()), ended.toString());
    assertEquals(BOTH, ended.out());
    assertReported("Cleanup action exits failed: java.lang.IllegalStateException", ended);
    assertReported("Cleanup action exits, too failed: java.lang.IllegalStateException", ended);
  }

  @Test
  void c9_a_thread_in_system_exit_is_known_whether_it_began_the_exit_or_came_later() {
    Ended ended = run(Case.HAS_CALLED_EXIT);
    assertEquals(new Ended(7, List.of("other: false", "second", "first"), List.of()), ended);
  }

  @Test
  void c9_system_exit_in_a_nested_run_reports_both_actions() {
    Ended ended = run(Case.EXIT_IN_NESTED_RUN);
    assertEquals(7, ended.status());
    assertEquals(BOTH, ended.out());
    assertReported("Cleanup action exits failed: java.lang.IllegalStateException", ended);
    assertReported("Cleanup action runs failed: java.lang.IllegalStateException", ended);
  }

  @Test
  void c9_system_exit_in_a_reporter_does_not_hang() {
    Ended ended = run(Case.EXIT_IN_REPORTER);
    assertEquals(7, ended.status());
    assertEquals(BOTH, ended.out());
  }

  @Test
  void c9_system_exit_in_an_action_of_an_ordinary_run_does_not_hang() {
    Ended ended = run(Case.EXIT_IN_RUN);
    assertEquals(4, ended.status());
    assertEquals(BOTH, ended.out());
    assertReported("Cleanup action exits failed: java.lang.IllegalStateException", ended);
  }

  @Test
  void c9_system_exit_in_an_ordinary_run_during_the_exit_does_not_hang() {
    Ended ended = signal("TERM", start(Case.EXIT_IN_RUN_AFTER_SIGNAL));
    assertEquals(143, ended.status());
    assertEquals(List.of("up", "second", "first"), ended.out());
    assertReported("Cleanup action exits failed: java.lang.IllegalStateException", ended);
  }

  @Test
  void c10_the_report_does_not_need_a_logger() {
    // This program resets java.util.logging before its action fails.
    assertReported("Cleanup action faulty failed", run(Case.FAIL));
  }

  private Ended run(Case program) {
    return end(start(program));
  }

  private ChildJvm start(Case program) {
    return launcher().start(ExitProgram.class, program.name());
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

  private static void assertReported(String words, Ended ended) {
    assertTrue(ended.err().stream().anyMatch(line -> line.contains(words)), ended.toString());
  }
}
