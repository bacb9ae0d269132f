package dev.ingest.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;

import java.util.Arrays;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.platform.engine.reporting.ReportEntry;
import org.junit.platform.testkit.engine.EngineExecutionResults;
import org.junit.platform.testkit.engine.EngineTestKit;

/** Each wrong sink fails the tests of what it does wrong, and no other. */
class WrongSinksTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      textBlock =
          """
          LeavesAHalfWrittenBatch ; s5_a_write_that_ends_halfway
          KeepsTheBatch           ; s3_
          ReadsOnAnotherThread    ; s3_
          RoundsLargeIntegers     ; s4_every_value
          SwallowsFailures        ; s5_writing_again|s6_|s7_|s10_records
          SaysThatARetryHelps     ; s6_
          SwallowsTheInterrupt    ; s8_
          LeaksWhenItCannotOpen   ; s1_an_open_that_fails_leaves
          ForgetsNothing          ; s10_what
          HidesThatItRemembers    ; s10_what
          StoresAgainWhatIsKnown  ; s11_(?!what|another_sink_after)
          StoresAtTheClose        ; s4_what|s5_|s6_|s7_|s8_an_interrupt_ends_a|s10_|s11_(?!a_server)
          DropsTheLastRow         ; s1_(?!.*start)|s3_|s4_(?!a_long|text)|s5_|s7_|s8_an_interrupt_ends_a|s10_|s11_
          StoresOneColumn         ; s1_(?!.*start)|s3_|s4_|s5_|s7_|s8_an_interrupt_ends_a|s10_what|s11_
          StoresNullsAsZero       ; s1_(?!.*start)|s3_|s4_|s5_|s7_|s8_an_interrupt_ends_a|s10_what|s11_
          """)
  void a_wrong_sink_fails_what_it_does_wrong(String sink, String failing) throws Exception {
    Set<String> failed =
        run(Class.forName(WrongSinks.class.getName() + '$' + sink)).testEvents().failed().stream()
            .map(event -> event.getTestDescriptor().getDisplayName().replace("()", ""))
            .collect(Collectors.toCollection(TreeSet::new));
    assertEquals(tests(failing), failed);
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
        "proved: S1 S2 S3 S4; NOT proved: S8 (block(): nothing holds up writes to a file),"
            + " S5 S6 S7 S9 (refuse(): a file takes every record),"
            + " S10 S11 (remembersPositions() is false)",
        report(FileSinkContractTest.class));
    assertEquals(
        "proved: S1 S2 S3 S4 S5 S6 S7 S8 S9 S10 S11", report(MemorySinkContractTest.class));
  }

  private static String report(Class<?> contract) {
    return run(contract).allEvents().reportingEntryPublished().stream()
        .map(event -> event.getRequiredPayload(ReportEntry.class).getKeyValuePairs())
        .map(entry -> entry.get("sink contract"))
        .collect(Collectors.joining());
  }

  private static EngineExecutionResults run(Class<?> contract) {
    return EngineTestKit.engine("junit-jupiter").selectors(selectClass(contract)).execute();
  }
}
