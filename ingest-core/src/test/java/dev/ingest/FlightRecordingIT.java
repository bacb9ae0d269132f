package dev.ingest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ingest.testing.ChildJvm;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.ToLongFunction;
import java.util.stream.Collectors;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The events of Java Flight Recorder, as {@link FlightProgram} makes them. */
class FlightRecordingIT {
  @TempDir Path directory;

  @Test
  void a_recording_that_is_started_later_has_every_event_and_nothing_touched_the_recorder_before()
      throws Exception {
    Path file = directory.resolve("recording.jfr");
    List<String> printed =
        Consumer.output(ChildJvm.in(directory).start(FlightProgram.class, file.toString()));
    assertEquals("recorder touched: false", printed.get(0));

    Map<String, List<RecordedEvent>> events =
        RecordingFile.readAllEvents(file).stream()
            .filter(event -> event.getEventType().getName().startsWith("dev.ingest."))
            .collect(Collectors.groupingBy(event -> event.getEventType().getName()));
    assertEquals(6, sum(events.get("dev.ingest.BatchWritten"), event -> event.getInt("records")));
    RecordedEvent failed = single(events.get("dev.ingest.BatchFailed"));
    assertEquals(1, failed.getInt("records"));
    assertTrue(failed.getString("failure").endsWith("SinkException: made up"), failed::toString);
    List<RecordedEvent> overflows = events.get("dev.ingest.Overflow");
    assertEquals(14, sum(overflows, event -> event.getLong("dropped")));
    assertEquals(0, sum(overflows, event -> event.getLong("spooled")));
    assertEquals("DROP_NEWEST", overflows.get(0).getString("policy"));
    assertTrue(single(events.get("dev.ingest.Drain")).getBoolean("inTime"));
    RecordedEvent run = single(events.get("dev.ingest.CleanupRun"));
    assertEquals(2, run.getInt("actions"));
    assertEquals(1, run.getInt("failures"));
    assertFalse(run.getBoolean("atExit"));
    assertEquals(5, events.size(), events.keySet()::toString);
    assertTrue(
        events.values().stream()
            .flatMap(List::stream)
            .allMatch(event -> event.getDuration().toNanos() > 0));
  }

  @Test
  void a_server_runs_where_the_module_of_the_recorder_is_missing() throws Exception {
    List<String> printed =
        Consumer.output(
            ChildJvm.in(directory)
                .options("--limit-modules", "java.base")
                .start(FlightProgram.class));
    assertEquals(List.of("made up", "done"), printed);
  }

  private static RecordedEvent single(List<RecordedEvent> events) {
    assertEquals(1, events.size(), events::toString);
    return events.get(0);
  }

  private static long sum(List<RecordedEvent> events, ToLongFunction<RecordedEvent> field) {
    return events.stream().mapToLong(field).sum();
  }
}
