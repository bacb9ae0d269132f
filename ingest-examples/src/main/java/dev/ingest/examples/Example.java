package dev.ingest.examples;

import picocli.CommandLine;
import picocli.CommandLine.Model.OptionSpec;

/**
 * How every example with options runs: a wrong option ends with status 2, a failure with one line
 * and 1.
 */
public final class Example {
  private Example() {}

  /**
   * Runs an example, and ends the process.
   *
   * @param command an object whose options picocli knows from its annotations
   * @param args the arguments of its main method
   */
  public static void run(Object command, String[] args) {
    CommandLine line = new CommandLine(command);
    line.getCommandSpec()
        .addOption(
            OptionSpec.builder("-h", "--help")
                .usageHelp(true)
                .description("Show this and exit.")
                .build());
    line.setCaseInsensitiveEnumValuesAllowed(true);
    line.setExecutionExceptionHandler(
        (failure, failed, parsed) -> {
          System.err.println("error: " + failure.getMessage());
          return 1;
        });
    System.exit(line.execute(args));
  }
}
