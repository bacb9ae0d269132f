package dev.ingest.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ExamplesIT {
  @TempDir Path directory;

  @Test
  void the_demo_balances() throws Exception {
    try (Program demo = Program.start(directory, "Demo", directory.resolve("demo.db").toString())) {
      assertEquals(0, demo.awaitExit(), demo.errors());
      String output = demo.output();
      assertTrue(output.contains("main returns: the rest is stored at exit"), output);
      assertTrue(output.contains("it balances: 205,000 sent"), output);
      assertEquals("", demo.errors());
    }
  }

  @Test
  void a_custom_sink_is_found_by_its_uri_and_drained_at_exit() throws Exception {
    try (Program example = Program.start(directory, "CustomSink")) {
      assertEquals(0, example.awaitExit(), example.errors());
      List<String> lines = example.output().lines().toList();
      assertEquals(5, lines.size(), example.output());
      assertTrue(lines.get(0).matches("> sensor \\d+ has [0-9.]+ degrees"), example.output());
    }
  }

  @Test
  void cleanup_runs_last_in_first_out_and_survives_a_failure() throws Exception {
    try (Program example = Program.start(directory, "CleanupOrder")) {
      assertEquals(0, example.awaitExit());
      assertEquals(
          List.of(
              "main returns with 3 actions registered",
              "registered last, runs first",
              "registered first, runs last"),
          example.output().lines().toList());
      assertTrue(example.errors().contains("a failure is reported"), example.errors());
      assertFalse(example.output().contains("never runs"));
    }
  }
}
