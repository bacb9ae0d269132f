package dev.ingest.examples;

import picocli.CommandLine;

/** How every example with options runs: a wrong option ends with status 2, a failure with one line and 1. */
final class Example {
  private Example() {}

  static void run(Object command, String[] args) {
    System.exit(
        new CommandLine(command)
            .setCaseInsensitiveEnumValuesAllowed(true)
            .setExecutionExceptionHandler(
                (failure, line, parsed) -> {
                  System.err.println("error: " + failure.getMessage());
                  return 1;
                })
            .execute(args));
  }
}
