package dev.ingest.examples;

import dev.ingest.cleanup.CleanupRegistry;
import picocli.CommandLine.Command;

/** Shows cleanup at exit by itself, without a server: what {@code atexit} is to Python. */
@Command(
    name = "CleanupOrder",
    description = "Registers actions that run at exit, the last one first.")
public final class CleanupOrder implements Runnable {
  private CleanupOrder() {}

  /**
   * Registers actions and returns. The actions run when the process ends, whether by this return,
   * Ctrl-C or SIGTERM.
   *
   * @param args none but {@code --help}
   */
  public static void main(String[] args) {
    Example.runAndReturn(new CleanupOrder(), args);
  }

  @Override
  public void run() {
    CleanupRegistry atExit = CleanupRegistry.global();
    atExit.register(() -> System.out.println("registered first, runs last"));
    atExit.register(
        () -> {
          throw new IllegalStateException("a failure is reported, and the others still run");
        });
    CleanupRegistry.Registration taken =
        atExit.register(() -> System.out.println("taken back, never runs"));
    atExit.register(() -> System.out.println("registered last, runs first"));
    taken.unregister();
    System.out.println("main returns with " + atExit.size() + " actions registered");
  }
}
