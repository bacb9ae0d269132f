package dev.ingest.cleanup;

import dev.ingest.cleanup.CleanupRegistry.Action;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.locks.LockSupport;

/** Small programs that end in different ways. The first argument says which one. */
public final class ExitProgram {
  private static final CleanupRegistry REGISTRY = CleanupRegistry.global();
  private static final ThreadLocal<String> INHERITED = new InheritableThreadLocal<>();

  private ExitProgram() {}

  /** An action whose name is known. */
  record Named(String name, Action body) implements Action {
    @Override
    public void run() throws Exception {
      body.run();
    }

    @Override
    public String toString() {
      return name;
    }
  }

  /** Runs one program. */
  @SuppressWarnings("SystemExitOutsideMain")
  public static void main(String[] args) throws Exception {
    REGISTRY.register(new Named("first", () -> System.out.println("first")));
    REGISTRY.register(new Named("second", () -> System.out.println("second")));
    switch (args[0]) {
      case "return" -> {}
      case "throw" -> throw new IOException("main failed");
      case "status" -> System.exit(Integer.parseInt(args[1]));
      case "halt" -> Runtime.getRuntime().halt(3);
      case "signal" -> waitForSignal();
      case "fail" -> {
        resetLogging();
        named("faulty", ExitProgram::fail);
        System.exit(7);
      }
      case "reporterThrows" -> {
        REGISTRY.onFailure(
            (action, failure) -> {
              throw new IllegalArgumentException("reporter failed");
            });
        named("faulty", ExitProgram::fail);
      }
      case "hang" -> {
        REGISTRY.deadline(Duration.ofMillis(300));
        named("stuck", ExitProgram::hang);
        System.exit(7);
      }
      case "hangInReporter" -> {
        REGISTRY.deadline(Duration.ofMillis(100));
        REGISTRY.onFailure((action, failure) -> hang());
        named("faulty", ExitProgram::fail);
        System.exit(7);
      }
      case "hangHoldingSystemErr" -> {
        REGISTRY.deadline(Duration.ofMillis(100));
        named(
            "stuck",
            () -> {
              synchronized (System.err) {
                System.err.print("");
                hang();
              }
            });
        System.exit(7);
      }
      case "hangInRun" -> {
        REGISTRY.deadline(Duration.ofMillis(300));
        named(
            "stuck",
            () -> {
              System.out.println("up");
              hang();
            });
        REGISTRY.run();
      }
      case "forEver" -> {
        REGISTRY.deadline(Duration.ofMillis(300));
        named("again", ExitProgram::again);
        System.exit(7);
      }
      case "exitInside" -> {
        named("exits", () -> System.exit(9));
        named("exits, too", () -> System.exit(10));
        System.exit(7);
      }
      case "exitInsideAfterReturn" -> {
        named("exits", () -> System.exit(9));
        named("exits, too", () -> System.exit(10));
      }
      case "exitInNested" -> {
        named("exits", () -> System.exit(9));
        named("runs", REGISTRY::run);
        System.exit(7);
      }
      case "exitInReporter" -> {
        REGISTRY.onFailure((action, failure) -> System.exit(9));
        named("faulty", ExitProgram::fail);
        System.exit(7);
      }
      case "exitInRun" -> {
        named("exits", () -> System.exit(4));
        REGISTRY.run();
      }
      case "exitInRunAfterSignal" -> {
        named(
            "exits",
            () -> {
              System.out.println("up");
              waitForExit();
              System.exit(4);
            });
        REGISTRY.run();
      }
      case "register" -> {
        named("registers", () -> named("registered", () -> System.out.println("registered")));
        System.exit(7);
      }
      case "registerTooLate" -> {
        Thread exitHook = hook();
        Runtime.getRuntime().addShutdownHook(new Thread(() -> registerAfter(exitHook)));
      }
      case "unregister" -> {
        var third = named("third", () -> System.out.println("third"));
        named("unregisters", third::unregister);
        System.exit(7);
      }
      case "runThenSignal" -> {
        named(
            "slow",
            () -> {
              System.out.println("up");
              waitForExit();
              System.out.println("slow on " + Thread.currentThread().getName());
            });
        REGISTRY.run();
        new CountDownLatch(1).await();
      }
      case "runThenReturn" -> {
        REGISTRY.run();
        System.out.println("ran");
        named("third", () -> System.out.println("third"));
      }
      case "nested" -> {
        named(
            "nests",
            () -> {
              REGISTRY.run();
              System.out.println("nested run is over");
            });
        System.exit(7);
      }
      case "thread" -> {
        INHERITED.set("of main");
        Thread.currentThread().setContextClassLoader(new ClassLoader() {});
        ThreadGroup group = new ThreadGroup("of the registrant");
        Thread registrant = new Thread(group, () -> named("thread", ExitProgram::printThread));
        REGISTRY.run();
        registrant.start();
        registrant.join();
      }
      default -> throw new IllegalArgumentException(args[0]);
    }
  }

  private static CleanupRegistry.Registration named(String name, Action body) {
    return REGISTRY.register(new Named(name, body));
  }

  /** By reflection: the tests are compiled into the library's module, which has no logging. */
  private static void resetLogging() throws ReflectiveOperationException {
    Class<?> manager = Class.forName("java.util.logging.LogManager");
    manager.getMethod("reset").invoke(manager.getMethod("getLogManager").invoke(null));
  }

  private static void fail() throws IOException {
    throw new IOException("disk full");
  }

  private static void again() {
    REGISTRY.register(ExitProgram::again);
  }

  /** Takes no notice of interrupts. */
  private static void hang() {
    while (true) {
      LockSupport.park();
      if (Thread.interrupted()) {
        System.out.println("interrupted");
      }
    }
  }

  private static void waitForSignal() throws InterruptedException {
    System.out.println("up");
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

  private static void registerAfter(Thread exitHook) {
    try {
      exitHook.join();
      named("late", () -> System.out.println("late"));
    } catch (IllegalStateException e) {
      System.out.println("refused: " + e.getMessage());
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  private static Thread hook() throws ReflectiveOperationException {
    return HookProgram.hooks().stream()
        .filter(thread -> thread.getName().equals("ingest-cleanup"))
        .findAny()
        .orElseThrow();
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
