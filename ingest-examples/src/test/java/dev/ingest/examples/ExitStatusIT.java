package dev.ingest.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.ingest.cleanup.CleanupRegistry;
import dev.ingest.testing.ChildJvm;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine.Command;

/** The status that the examples end with when a signal ends them. */
class ExitStatusIT {
  private static final int SIGNALS = 10;

  /** From the load of its main class, through its start, until it has run for a while. */
  private static final long STEP_MILLIS = 80;

  @TempDir Path directory;

  @RepeatedTest(SIGNALS)
  void a_server_ends_with_the_status_of_the_signal_at_any_moment(RepetitionInfo repetition) {
    assertEndsBySignal(repetition, SensorServer.class, "--bind", "127.0.0.1:0");
  }

  @RepeatedTest(SIGNALS)
  void a_client_ends_with_the_status_of_the_signal_at_any_moment(RepetitionInfo repetition) {
    assertEndsBySignal(repetition, SensorClient.class, "--to", "127.0.0.1:9", "--rate", "2000");
  }

  @RepeatedTest(SIGNALS)
  void a_server_that_listens_drains_and_ends_with_the_status_of_the_signal(
      RepetitionInfo repetition) {
    boolean interrupt = repetition.getCurrentRepetition() % 2 == 0;
    try (ChildJvm server =
        ExamplesJar.start(directory, SensorServer.class, "--bind", "127.0.0.1:0")) {
      server.awaitOut("listening on ");
      server.signal(interrupt ? "INT" : "TERM");
      assertEquals(interrupt ? 130 : 143, server.exitStatus(), server::toString);
      server.awaitOut("stored during shutdown: 0 records");
      assertEquals(List.of(), server.errLinesOfProgram());
    }
  }

  private void assertEndsBySignal(RepetitionInfo repetition, Class<?> example, String... args) {
    int number = repetition.getCurrentRepetition();
    boolean interrupt = number % 2 == 0;
    try (ChildJvm program =
        ExamplesJar.in(directory).options(ChildJvm.SHOW_CLASSES).start(example, args)) {
      program.awaitLoaded(example);
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos((number - 1) * STEP_MILLIS));
      program.signal(interrupt ? "INT" : "TERM");
      assertEquals(interrupt ? 130 : 143, program.exitStatus(), program::toString);
      assertEquals(List.of(), program.errLinesOfProgram());
    }
  }

  @Test
  void what_an_example_returns_does_not_replace_the_status_of_an_exit_that_has_begun() {
    try (ChildJvm program = inTests(ReturnsDuringExit.class)) {
      assertEquals(7, program.exitStatus(), program::toString);
      assertEquals("returned\n", program.out());
      assertEquals(List.of(), program.errLinesOfProgram());
    }
  }

  @Test
  void an_exit_that_has_not_begun_has_the_status_that_the_example_returns() {
    try (ChildJvm program = inTests(Returns.class)) {
      assertEquals(3, program.exitStatus(), program::toString);
      assertEquals("at exit\n", program.out());
    }
  }

  private ChildJvm inTests(Class<?> program) {
    return ChildJvm.in(directory).start(program);
  }

  /** An exit with status 7, which lasts until the example has failed and its run has returned. */
  static final class ReturnsDuringExit {
    public static void main(String[] args) {
      CountDownLatch begun = new CountDownLatch(1);
      CountDownLatch returned = new CountDownLatch(1);
      CleanupRegistry.global()
          .register(
              () -> {
                begun.countDown();
                System.out.println(returned.await(30, TimeUnit.SECONDS) ? "returned" : "stuck");
              });
      Thread exiting = new Thread(() -> System.exit(7), "exiting");
      exiting.start();
      Example.run(new Fails(begun), args);
      returned.countDown();
    }
  }

  @Command
  private record Fails(CountDownLatch begun) implements Callable<Integer> {
    @Override
    public Integer call() throws Exception {
      begun.await();
      throw new IllegalStateException("fails because the exit has begun");
    }
  }

  /** An example that returns 3. */
  static final class Returns {
    public static void main(String[] args) {
      CleanupRegistry.global().register(() -> System.out.println("at exit"));
      Example.run(new Three(), args);
    }
  }

  @Command
  private record Three() implements Callable<Integer> {
    @Override
    public Integer call() {
      return 3;
    }
  }
}
