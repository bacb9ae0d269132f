package dev.ingest.examples;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.charset.Charset;

/** Runs commands of the system that end soon. */
final class ShellCommand {
  private ShellCommand() {}

  /** Runs a command; fails with the first line that it prints, unless its status is 0. */
  static String run(String... command) throws IOException {
    return run(new ProcessBuilder(command));
  }

  /** Runs a command; returns what it prints. */
  static String run(ProcessBuilder command) throws IOException {
    Process process = command.redirectErrorStream(true).start();
    process.getOutputStream().close();
    String output = new String(process.getInputStream().readAllBytes(), Charset.defaultCharset());
    int status = awaitEnd(process);
    if (status != 0) {
      throw new IOException(
          command.command().get(0)
              + " has ended with status "
              + status
              + ": "
              + output.lines().findFirst().orElse("it printed nothing"));
    }
    return output;
  }

  private static int awaitEnd(Process process) throws IOException {
    try {
      return process.waitFor();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted while a command ran");
    }
  }
}
