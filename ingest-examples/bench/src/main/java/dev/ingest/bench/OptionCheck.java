package dev.ingest.bench;

import java.util.Objects;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;

/** Refuses the value of an option. */
final class OptionCheck {
  private OptionCheck() {}

  /**
   * Fails if a value is not good.
   *
   * @throws ParameterException with the option, the value and what was expected
   */
  static void require(
      @Nullable CommandSpec command, boolean good, String option, Object value, String expected) {
    if (!good) {
      throw new ParameterException(
          Objects.requireNonNull(command).commandLine(),
          option + " is " + value + ": expected " + expected);
    }
  }
}
