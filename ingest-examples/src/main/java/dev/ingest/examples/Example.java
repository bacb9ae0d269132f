package dev.ingest.examples;

import dev.ingest.sink.SinkConfig;
import dev.ingest.sink.SinkProvider;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.ServiceLoader;
import java.util.regex.Pattern;
import picocli.CommandLine;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/**
 * Runs the examples that have options. If an option is unknown, or its value is not of its kind or
 * is refused by a {@link CommandLine.ParameterException}, the usage is shown and the process ends
 * with status 2. Any other failure, such as a setting that the library refuses or a port that is
 * taken, is one line and status 1.
 */
public final class Example {
  /** What may hold a user or parameters. */
  private static final Pattern URI_WITH_MORE =
      Pattern.compile(".*:.*[@?;&=#%].*|.*[@?;&=#%].*:.*", Pattern.DOTALL);

  private Example() {}

  /**
   * Runs an example, and ends the process.
   *
   * @param command an object whose options picocli knows from its annotations
   * @param args the arguments of its main method
   */
  public static void run(Object command, String[] args) {
    exit(execute(command, args));
  }

  /**
   * Runs an example, and returns if all went well: what is to run at exit runs when the JVM ends.
   * Otherwise ends the process.
   *
   * @param command an object whose options picocli knows from its annotations
   * @param args the arguments of its main method
   */
  static void runAndReturn(Object command, String[] args) {
    int status = execute(command, args);
    if (status != 0) {
      exit(status);
    }
  }

  /**
   * Runs an example, and returns its exit status.
   *
   * @param command an object whose options picocli knows from its annotations
   * @param args the arguments of its main method
   * @return 0 if all went well
   */
  private static int execute(Object command, String[] args) {
    CommandLine line = new CommandLine(command);
    line.getCommandSpec()
        .addOption(
            OptionSpec.builder("-h", "--help")
                .usageHelp(true)
                .description("Show this and exit.")
                .build());
    line.setCaseInsensitiveEnumValuesAllowed(true);
    line.setParameterExceptionHandler(Example::refuse);
    line.setExecutionExceptionHandler(
        (failure, failed, parsed) -> {
          if (!isExiting()) { // else the exit has made it fail, which is no error
            System.err.println(OptionNames.of(failed).translate("error: " + failure.getMessage()));
          }
          return 1;
        });
    return line.execute(args);
  }

  /** As picocli does by itself, but for secrets that are in the wrong place. */
  private static int refuse(ParameterException failure, String[] args) {
    CommandLine line = failure.getCommandLine();
    List<String> quoted = new ArrayList<>(List.of(args));
    quoted.add(Objects.requireNonNullElse(failure.getValue(), ""));
    if (failure instanceof UnmatchedArgumentException unmatched) {
      quoted.addAll(unmatched.getUnmatched());
    }
    line.getErr().println(withoutSecrets(String.valueOf(failure.getMessage()), quoted));
    if (!UnmatchedArgumentException.printSuggestions(failure, line.getErr())) {
      line.usage(line.getErr());
    }
    return line.getCommandSpec().exitCodeOnInvalidInput();
  }

  private static String withoutSecrets(String message, List<String> quoted) {
    String shown = message;
    for (String argument : quoted) {
      String value = argument.replaceFirst("^--[a-z-]+=", "");
      if (URI_WITH_MORE.matcher(value).matches()) {
        shown = shown.replace(value, hidden(value));
      }
    }
    return shown;
  }

  /**
   * Returns a sink's URI for people: with the options that its provider declares public, and
   * without any secret.
   */
  static SinkConfig shown(String sinkUri) {
    SinkConfig config = SinkConfig.parse(sinkUri);
    for (SinkProvider provider : ServiceLoader.load(SinkProvider.class)) {
      if (provider.scheme().equals(config.scheme())) {
        return config.showing(provider.publicOptions());
      }
    }
    return config;
  }

  private static String hidden(String uri) {
    try {
      return SinkConfig.parse(uri).toString();
    } catch (IllegalArgumentException e) {
      return "***";
    }
  }

  /**
   * Ends the process by {@code System.exit}; returns at once if it is ending already.
   *
   * @param status the exit status
   */
  public static void exit(int status) {
    // The process has the status of the exit that began first, say 143 after SIGTERM. An example
    // often returns because of that exit, which closes its server or kills its children. On JDK 17
    // a second System.exit can replace that status: if its own is not 0 and the shutdown hooks of
    // the first exit have all ended, it halts the process at once. So this thread just ends. If an
    // exit begins after the check below, the example had ended by itself, and either status is
    // right.
    if (!isExiting()) {
      System.exit(status);
    }
  }

  /**
   * Returns whether the JVM is exiting: by a signal, by {@code System.exit}, or since main and all
   * other threads that are not daemons have ended.
   *
   * @return true from the moment when the shutdown hooks are started
   */
  public static boolean isExiting() {
    Thread probe = new Thread(() -> {}, "exit-probe");
    try {
      Runtime.getRuntime().addShutdownHook(probe);
      Runtime.getRuntime().removeShutdownHook(probe);
      return false;
    } catch (IllegalStateException e) {
      return true; // both throw it then, and only then
    }
  }
}
