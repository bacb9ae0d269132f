package dev.ingest.fuzz;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.io.TempDir;

class FuzzerIT {
  /** By chance one input in 281 trillion; Jazzer sees what the input is compared with. */
  public static class Broken {
    public static void fuzzerTestOneInput(byte[] input) {
      if (new String(input, StandardCharsets.UTF_8).startsWith("broken")) {
        throw new IllegalStateException("broken");
      }
    }
  }

  @Test
  @EnabledOnOs(architectures = {"amd64", "x86_64", "aarch64"})
  void what_breaks_a_target_is_found_and_becomes_a_seed(@TempDir Path module) throws Exception {
    Path seeds = Files.createDirectories(module.resolve("src/test/resources/fuzz/Broken"));
    Path harmless = Files.writeString(seeds.resolve("harmless"), "good");
    Fuzzer fuzzer = new Fuzzer(Broken.class, module);

    AssertionError failure = assertThrows(AssertionError.class, () -> fuzzer.run(60_000, 600));

    assertTrue(failure.getMessage().contains("IllegalStateException: broken"), failure::getMessage);
    Path found = fuzzer.seeds().filter(seed -> !seed.equals(harmless)).findFirst().orElseThrow();
    byte[] input = Files.readAllBytes(found);
    assertThrows(IllegalStateException.class, () -> Broken.fuzzerTestOneInput(input));
  }
}
