package dev.ingest.examples;

import java.util.ArrayList;
import java.util.List;

/** The demo in a process of its own, which ends while the server that it stores to goes on. */
final class DemoProcess {
  private DemoProcess() {}

  /** Runs the demo on this terminal, and returns its exit status. */
  static int run(String sink, String... options) throws Exception {
    List<String> command =
        new ArrayList<>(
            List.of(
                CrashTestVictim.JAVA.toString(),
                "-cp",
                ExamplesJar.FILE.toString(),
                Demo.class.getName(),
                "--sink",
                sink));
    command.addAll(List.of(options));
    return new ProcessBuilder(command).inheritIO().start().waitFor();
  }
}
