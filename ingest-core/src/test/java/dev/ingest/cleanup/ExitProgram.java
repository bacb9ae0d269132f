package dev.ingest.cleanup;

import dev.ingest.cleanup.CleanupRegistry.Action;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.locks.LockSupport;
import java.util.logging.LogManager;

/**
 * Small programs that end in different ways. Each first registers two actions, which print {@code
 * first} and {@code second}.
 */
@SuppressWarnings("SystemExitOutsideMain")
public final class ExitProgram {
  private static final CleanupRegistry REGISTRY = CleanupRegistry.global();
  private static final ThreadLocal<String> INHERITED = new InheritableThreadLocal<>();

  private ExitProgram() {}

  /** The programs. */
  @SuppressWarnings("ImmutableEnumChecker")
  enum Case {
    RETURN(args -> {}),

    THROW(
        args -> {
          throw new IOException("main failed");
        }),

    STATUS(args -> System.exit(Integer.parseInt(args[1]))),

    HALT(args -> Runtime.getRuntime().halt(3)),

    SIGNAL(
        args -> {
          System.out.println("up");
          waitForEver();
        }),

    FAIL(
        args -> {
          LogManager.getLogManager().reset();
          named("faulty", ExitProgram::fail);
          System.exit(7);
        }),

    REPORTER_THROWS(
        args -> {
          REGISTRY.onFailure(
              (action, failure) -> {
                throw new IllegalArgumentException("reporter failed");
              });
          named("faulty", ExitProgram::fail);
        }),

    HANG(
        args -> {
          REGISTRY.deadline(Duration.ofMillis(300));
          named("stuck", ExitProgram::hang);
          System.exit(7);
        }),

    HANG_IN_REPORTER(
        args -> {
          REGISTRY.deadline(Duration.ofMillis(100));
          REGISTRY.onFailure((action, failure) -> hang());
          named("faulty", ExitProgram::fail);
          System.exit(7);
        }),

    HANG_HOLDING_SYSTEM_ERR(
        args -> {
          REGISTRY.deadline(Duration.ofMillis(100));
          named("stuck", ExitProgram::hangHoldingSystemErr);
          System.exit(7);
        }),

    HANG_IN_RUN(
        args -> {
          REGISTRY.deadline(Duration.ofMillis(300));
          named(
              "stuck",
              () -> {
                System.out.println("up");
                hang();
              });
          REGISTRY.run();
        }),

    FOR_EVER(
        args -> {
          REGISTRY.deadline(Duration.ofMillis(300));
          named("again", ExitProgram::again);
          System.exit(7);
        }),

    EXIT_INSIDE(
        args -> {
          named("exits", () -> System.exit(9));
          named("exits, too", () -> System.exit(10));
          System.exit(7);
        }),

    EXIT_INSIDE_AFTER_RETURN(
        args -> {
          named("exits", () -> System.exit(9));
          named("exits, too", () -> System.exit(10));
        }),

    EXIT_IN_NESTED_RUN(
        args -> {
          named("exits", () -> System.exit(9));
          named("runs", REGISTRY::run);
          System.exit(7);
        }),

    EXIT_IN_REPORTER(
        args -> {
          REGISTRY.onFailure((action, failure) -> System.exit(9));
          named("faulty", ExitProgram::fail);
          System.exit(7);
        }),

    EXIT_IN_RUN(
        args -> {
          named("exits", () -> System.exit(4));
          REGISTRY.run();
        }),

    EXIT_IN_RUN_AFTER_SIGNAL(
        args -> {
          named(
              "exits",
              () -> {
                System.out.println("up");
                waitForExit();
                System.exit(4);
              });
          REGISTRY.run();
        }),

    HAS_CALLED_EXIT(
        args -> {
          Thread first = Thread.currentThread();
          Thread second = new Thread(() -> System.exit(9));
          Thread other = new Thread(ExitProgram::hang);
          other.start();
          named(
              "looks",
              () -> {
                second.start();
                waitUntilCalledExit(first);
                waitUntilCalledExit(second);
                System.out.println("other: " + CleanupRegistry.hasCalledExit(other));
              });
          System.exit(7);
        }),

    REGISTER(
        args -> {
          named("registers", () -> named("registered", () -> System.out.println("registered")));
          System.exit(7);
        }),

    REGISTER_TOO_LATE(
        args -> {
          Thread exitHook = HookProgram.cleanupHook();
          Runtime.getRuntime().addShutdownHook(new Thread(() -> registerAfter(exitHook)));
        }),

    UNREGISTER(
        args -> {
          var third = named("third", () -> System.out.println("third"));
          named("unregisters", third::unregister);
          System.exit(7);
        }),

    RUN_THEN_SIGNAL(
        args -> {
          named(
              "slow",
              () -> {
                System.out.println("up");
                waitForExit();
                System.out.println("slow on " + Thread.currentThread().getName());
              });
          REGISTRY.run();
          waitForEver();
        }),

    RUN_THEN_RETURN(
        args -> {
          REGISTRY.run();
          System.out.println("ran");
          named("third", () -> System.out.println("third"));
        }),

    NESTED_RUN(
        args -> {
          named(
              "nests",
              () -> {
                REGISTRY.run();
                System.out.println("nested run is over");
              });
          System.exit(7);
        }),

    THREAD(
        args -> {
          INHERITED.set("of main");
          Thread.currentThread().setContextClassLoader(new ClassLoader() {});
          ThreadGroup group = new ThreadGroup("of the registrant");
          Thread registrant = new Thread(group, () -> named("thread", ExitProgram::printThread));
          REGISTRY.run();
          registrant.start();
          registrant.join();
        });

    private final Body body;

    Case(Body body) {
      this.body = body;
    }
  }

  @FunctionalInterface
  private interface Body {
    void run(String[] args) throws Exception;
  }

  /** An action whose name is known. */
  private record Named(String name, Action body) implements Action {
    @Override
    public void run() throws Exception {
      body.run();
    }

    @Override
    public String toString() {
      return name;
    }
  }

  /** Runs the case that the first argument names. */
  public static void main(String[] args) throws Exception {
    named("first", () -> System.out.println("first"));
    named("second", () -> System.out.println("second"));
    Case.valueOf(args[0]).body.run(args);
  }

  private static CleanupRegistry.Registration named(String name, Action body) {
    return REGISTRY.register(new Named(name, body));
  }

  private static void fail() throws IOException {
    throw new IOException("disk full");
  }

  private static void again() {
    REGISTRY.register(ExitProgram::again);
  }

  /** Ignores interrupts. */
  private static void hang() {
    while (true) {
      LockSupport.park();
      if (Thread.interrupted()) {
        System.out.println("interrupted");
      }
    }
  }

  private static void hangHoldingSystemErr() {
    synchronized (System.err) {
      System.err.print("");
      hang();
    }
  }

  private static void waitForEver() throws InterruptedException {
    new CountDownLatch(1).await();
  }

  private static void waitForExit() {
    Thread probe = new Thread(() -> {});
    try {
      while (true) {
        Runtime.getRuntime().addShutdownHook(probe);
        Runtime.getRuntime().removeShutdownHook(probe);
        Thread.onSpinWait();
      }
    } catch (IllegalStateException exiting) {
      return;
    }
  }

  private static void waitUntilCalledExit(Thread thread) {
    while (!CleanupRegistry.hasCalledExit(thread)) {
      Thread.onSpinWait();
    }
  }

  private static void registerAfter(Thread exitHook) {
    try {
      while (exitHook.getState() == Thread.State.NEW) {
        Thread.onSpinWait(); // a thread that has not started yet cannot be joined
      }
      exitHook.join();
      named("late", () -> System.out.println("late"));
    } catch (IllegalStateException e) {
      System.out.println("refused: " + e.getMessage());
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  private static void printThread() {
    Thread thread = Thread.currentThread();
    System.out.println("inherited: " + INHERITED.get());
    System.out.println(
        "system loader: " + (thread.getContextClassLoader() == ClassLoader.getSystemClassLoader()));
    System.out.println("group: " + thread.getThreadGroup().getName());
    System.out.println("daemon: " + thread.isDaemon());
  }
}
