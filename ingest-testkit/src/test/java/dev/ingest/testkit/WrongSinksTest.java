package dev.ingest.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectMethod;

import dev.ingest.sink.Sink;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.platform.engine.DiscoverySelector;
import org.junit.platform.engine.TestDescriptor;
import org.junit.platform.engine.reporting.ReportEntry;
import org.junit.platform.testkit.engine.EngineExecutionResults;
import org.junit.platform.testkit.engine.EngineTestKit;

/** Each wrong sink fails the tests of what it does wrong, and no other. */
class WrongSinksTest {
  private static final String PARALLEL = "junit.jupiter.execution.parallel.";

  /** Those that keep the contract, run in parallel as far as it lets them. */
  private static final EngineExecutionResults RIGHT =
      EngineTestKit.engine("junit-jupiter")
          .configurationParameter(PARALLEL + "enabled", "true")
          .configurationParameter(PARALLEL + "mode.default", "concurrent")
          .configurationParameter(PARALLEL + "config.strategy", "fixed")
          .configurationParameter(PARALLEL + "config.fixed.parallelism", "2")
          .selectors(
              selectClass(FileSinkContractTest.class), selectClass(MemorySinkContractTest.class))
          .execute();

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      textBlock =
          """
          LeavesAHalfWrittenBatch ; s5_s6_
          KeepsTheBatch           ; s3_
          ReadsOnAnotherThread    ; s3_
          RoundsLargeIntegers     ; s4_every_value
          SwallowsFailures        ; s5_writing_again|s6_|s7_|s10_records
          SaysThatARetryHelps     ; s6_
          SwallowsTheInterrupt    ; s8_
          LeaksWhenItCannotOpen   ; s1_an_open_that_fails_leaves
          RefusesForGoodWhateverFails ; s5_s6_|s8_
          KeepsAThreadAfterTheClose ; s9_a_sink_that_is_closed
          ForgetsNothing          ; s10_what
          HidesThatItRemembers    ; s10_what
          StoresAgainWhatIsKnown  ; s11_(?!what|another_sink_after)
          StoresAtTheClose        ; s4_what|s5_|s6_|s7_|s8_an_interrupt_ends_a|s10_|s11_(?!a_server)
          DropsTheLastRow         ; s1_(?!.*start)|s3_|s4_(?!a_long|text)|s5_|s7_|s8_an_interrupt_ends_a|s10_|s11_
          StoresOneColumn         ; s1_(?!.*start)|s3_|s4_|s5_|s7_|s8_an_interrupt_ends_a|s10_what|s11_
          StoresNullsAsZero       ; s1_(?!.*start)|s3_|s4_|s5_|s7_|s8_an_interrupt_ends_a|s10_what|s11_
          """)
  void a_wrong_sink_fails_what_it_does_wrong(String sink, String failing) {
    String contract = WrongSinks.class.getName() + '$' + sink;
    DiscoverySelector[] selected =
        tests(failing + "|(?!.*_server_)").stream() // the slow ones only if they are to fail
            .map(test -> selectMethod(contract, test))
            .toArray(DiscoverySelector[]::new);
    Set<String> failed =
        run(selected).testEvents().failed().stream()
            .map(event -> event.getTestDescriptor().getDisplayName().replace("()", ""))
            .collect(Collectors.toCollection(TreeSet::new));
    assertEquals(tests(failing), failed);
  }

  /** Polls at changing depths, so that no two looks see the same stack. */
  static class Polls extends MemoryContract {
    @Override
    protected Sink newSink() {
      return new MemorySink(store) {
        @Override
        void awaitStore() throws InterruptedException {
          for (int turn = 0; !isOpen(turn % 8); turn++) {}
        }

        private boolean isOpen(int depth) throws InterruptedException {
          return depth == 0 ? store.isOpenSoon() : isOpen(depth - 1);
        }
      };
    }
  }

  @Test
  void a_sink_that_polls_a_store_is_held_up_by_it() {
    String test = "s8_an_interrupt_ends_a_write_that_the_store_holds_up_and_is_kept";
    EngineExecutionResults results = run(selectMethod(Polls.class, test));
    results.testEvents().assertStatistics(statistics -> statistics.started(1).succeeded(1));
  }

  /** Returns the tests of the contract whose names begin so. */
  private static Set<String> tests(String beginning) {
    return Stream.of(SinkContract.class, SinkFaultContract.class)
        .flatMap(part -> Arrays.stream(part.getDeclaredMethods()))
        .filter(method -> method.isAnnotationPresent(Test.class))
        .map(method -> method.getName())
        .filter(Pattern.compile("^(" + beginning + ")").asPredicate())
        .collect(Collectors.toCollection(TreeSet::new));
  }

  @Test
  void the_report_tells_what_is_proved_and_why_the_rest_is_not() {
    assertEquals(
        Set.of(
            "proved: S1 S2 S3 S4; NOT proved: S8 (block(): nothing holds up writes to a file),"
                + " S5 S6 S7 S9 (refuse(): a file takes every record),"
                + " S10 S11 (remembersPositions() is false)",
            "proved: S1 S2 S3 S4 S5 S6 S7 S8 S9 S10 S11"),
        reports(RIGHT));
  }

  @Test
  void a_rule_of_which_one_test_has_not_run_is_not_proved() {
    assertEquals(
        Set.of("proved: none; NOT proved: S1 S2 S3 S4 S5 S6 S7 S8 S9 S10 S11 (not run)"),
        reports(
            run(
                selectMethod(
                    FileSinkContractTest.class, "s4_a_slice_is_stored_and_nothing_around_it"))));
  }

  @Test
  void no_other_test_runs_during_those_of_a_sink() {
    List<TestDescriptor> classes =
        RIGHT.testEvents().started().stream()
            .map(event -> event.getTestDescriptor().getParent().orElseThrow())
            .toList();
    long changes =
        IntStream.range(1, classes.size())
            .filter(test -> !classes.get(test).equals(classes.get(test - 1)))
            .count();
    assertEquals(1, changes, classes::toString);
  }

  private static Set<String> reports(EngineExecutionResults results) {
    return results.allEvents().reportingEntryPublished().stream()
        .map(event -> event.getRequiredPayload(ReportEntry.class).getKeyValuePairs())
        .map(entry -> entry.get("sink contract"))
        .collect(Collectors.toSet());
  }

  private static EngineExecutionResults run(DiscoverySelector... tests) {
    return EngineTestKit.engine("junit-jupiter").selectors(tests).execute();
  }
}
