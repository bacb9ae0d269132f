package dev.ingest.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ingest.testing.ChildJvm;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HostileIT {
  private static final Path JAR = Path.of("target", "ingest-bench.jar").toAbsolutePath();
  private static final Pattern ROW = Pattern.compile("(?m)^\\| [^|]+ \\| \\d+\\.\\d \\|$");

  @TempDir Path directory;

  private ChildJvm start(Class<?> main, String... options) {
    return ChildJvm.in(directory).withoutOptions().classPath(JAR.toString()).start(main, options);
  }

  @Test
  void valid_records_are_stored_beside_hostile_input_in_64_megabytes() throws Exception {
    try (ChildJvm soak = start(HostileSoak.class, "--seconds", "8", "--rate", "1500")) {
      assertEquals(0, soak.exitStatus(), soak::toString);
      assertTrue(soak.out().contains("good: of "), soak::toString);
    }
  }

  @Test
  void every_kind_of_hostile_input_is_measured() throws Exception {
    try (ChildJvm test =
        start(HostileInput.class, "--millis", "5", "--turns", "1", "--limit", "1000000")) {
      assertEquals(0, test.exitStatus(), test::toString);
      assertEquals(
          HostileKind.ALL.size(), ROW.matcher(test.out()).results().count(), test::toString);
    }
  }

  @Test
  void the_table_of_SECURITY_has_every_kind() throws Exception {
    String text = Files.readString(Path.of("..", "..", "SECURITY.md"));
    String table =
        text.substring(text.indexOf("<!-- hostile-input -->"), text.indexOf("<!-- /hostile-input"));
    for (HostileKind kind : HostileKind.ALL) {
      assertTrue(table.contains("\n| " + kind.name() + " | "), kind::name);
    }
  }

  @Test
  void a_kind_that_costs_more_than_the_limit_is_a_failure() throws Exception {
    try (ChildJvm test =
        start(HostileInput.class, "--millis", "20", "--turns", "1", "--limit", "0.0001")) {
      assertEquals(1, test.exitStatus(), test::toString);
      assertTrue(test.out().contains("kinds cost more than"), test::toString);
    }
  }

  @ParameterizedTest
  @CsvSource({"--millis, 0, --millis is 0", "--turns, 0, --turns is 0"})
  void a_wrong_option_shows_the_usage_and_ends_with_status_2(
      String option, String value, String named) throws Exception {
    try (ChildJvm test = start(HostileInput.class, option, value)) {
      assertEquals(2, test.exitStatus(), test::toString);
      assertTrue(test.err().contains(named), test::toString);
    }
  }

  @ParameterizedTest
  @CsvSource({"--seconds, 0, --seconds is 0", "--rate, -1, --rate is -1"})
  void a_wrong_option_of_the_soak_shows_the_usage(String option, String value, String named)
      throws Exception {
    try (ChildJvm test = start(HostileSoak.class, option, value)) {
      assertEquals(2, test.exitStatus(), test::toString);
      assertTrue(test.err().contains(named), test::toString);
    }
  }
}
