package dev.ingest.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ingest.testing.ChildJvm;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ExamplesIT {
  @TempDir Path directory;

  @Test
  void the_demo_balances() throws Exception {
    try (ChildJvm demo = ExamplesJar.start(directory, Demo.class, "--sink", "sqlite:demo.db")) {
      assertEquals(0, demo.exitStatus(), demo::toString);
      String output = demo.out();
      assertTrue(output.contains("main returns: the rest is stored at exit"), output);
      assertTrue(output.contains("it balances: 205,000 sent"), output);
      assertEquals(List.of(), demo.errLinesOfProgram());
    }
  }

  @Test
  void a_custom_sink_is_found_by_its_uri_and_drained_at_exit() throws Exception {
    try (ChildJvm example = ExamplesJar.start(directory, CustomSink.class)) {
      assertEquals(0, example.exitStatus(), example::toString);
      List<String> lines = example.outLines();
      assertEquals(5, lines.size(), example.out());
      assertTrue(lines.get(0).matches("> sensor \\d+ has [0-9.]+ degrees"), example.out());
    }
  }

  @Test
  void cleanup_runs_last_in_first_out_and_survives_a_failure() throws Exception {
    try (ChildJvm example = ExamplesJar.start(directory, CleanupOrder.class)) {
      assertEquals(0, example.exitStatus());
      assertEquals(
          List.of(
              "main returns with 3 actions registered",
              "registered last, runs first",
              "registered first, runs last"),
          example.outLines());
      assertTrue(example.err().contains("a failure is reported"), example::toString);
      assertFalse(example.out().contains("never runs"));
    }
  }
}
