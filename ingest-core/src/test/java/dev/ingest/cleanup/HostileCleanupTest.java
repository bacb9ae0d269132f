package dev.ingest.cleanup;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ingest.cleanup.CleanupRegistry.Action;
import dev.ingest.cleanup.CleanupRegistry.Registration;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Actions, reporters and {@code equals} methods that do what they should not. */
@Timeout(60)
class HostileCleanupTest {
  private final CleanupRegistry registry =
      CleanupRegistry.create().onFailure((action, failure) -> {});
  private final List<String> log = new ArrayList<>();

  @Test
  void c5_nothing_is_lost_or_run_twice_between_many_threads() throws Exception {
    int threads = 8;
    int each = 5_000;
    CountDownLatch half = new CountDownLatch(threads * each / 2);
    Tally tally = new Tally();
    List<Thread> registrants = new ArrayList<>();
    for (int t = 0; t < threads; t++) {
      Thread registrant = new Thread(() -> registerMany(each, tally, half));
      registrants.add(registrant);
      registrant.start();
    }
    half.await();
    registry.close();
    for (Thread registrant : registrants) {
      registrant.join();
    }
    assertEquals(threads * each, tally.accepted.get() + tally.refused.get());
    assertEquals(tally.accepted.get(), tally.ran.get() + tally.removed.get());
    assertFalse(tally.overlapped.get());
    assertEquals(0, registry.size());
    assertFalse(registry.isRunning());
  }

  private void registerMany(int times, Tally tally, CountDownLatch done) {
    for (int i = 0; i < times; i++) {
      try {
        Registration registration = registry.register(tally);
        tally.accepted.incrementAndGet();
        if (i % 3 == 0 && registration.unregister()) {
          tally.removed.incrementAndGet();
        }
      } catch (IllegalStateException closed) {
        tally.refused.incrementAndGet();
      }
      if (i % 100 == 0) {
        registry.run();
      }
      done.countDown();
    }
  }

  @Test
  void c2_unregistering_the_running_action_changes_nothing() {
    Registration[] self = new Registration[1];
    Action action = () -> assertFalse(self[0].unregister() || registry.unregister(log::clear));
    self[0] = registry.register(action);
    registry.run();
    assertFalse(self[0].unregister());
  }

  @Test
  void c3_equals_may_register() {
    Reentrant action = new Reentrant(() -> registry.register(() -> log.add("by equals")));
    registry.register(() -> log.add("other"));
    assertFalse(registry.unregister(action));
    registry.run();
    assertEquals(List.of("by equals", "other"), log);
  }

  @Test
  void c3_equals_may_unregister_itself() {
    Action[] self = new Action[1];
    Reentrant action = new Reentrant(() -> assertTrue(registry.unregister(self[0])));
    self[0] = action;
    registry.register(action);
    registry.register(() -> log.add("other"));
    assertFalse(registry.unregister(action));
    registry.run();
    assertEquals(List.of("other"), log);
  }

  @Test
  void c3_equals_may_unregister_in_another_registry_whose_equals_comes_back() {
    CleanupRegistry second = CleanupRegistry.create();
    Action[] self = new Action[1];
    self[0] =
        new Reentrant(
            () -> {
              second.unregister(self[0]);
              registry.unregister(self[0]);
            });
    registry.register(() -> {});
    second.register(() -> {});
    assertFalse(registry.unregister(self[0]));
    assertEquals(1, registry.size());
    assertEquals(1, second.size());
  }

  @Test
  void c3_equals_may_run() {
    registry.register(() -> log.add("a"));
    registry.register(() -> log.add("b"));
    assertFalse(registry.unregister(new Reentrant(registry::run)));
    assertEquals(List.of("b", "a"), log);
  }

  @Test
  void c3_an_equals_that_throws_takes_nothing_back() {
    Action same =
        new Reentrant(
            () -> {
              throw new UnsupportedOperationException("no equals");
            });
    registry.register(() -> {});
    registry.register(same);
    assertThrows(UnsupportedOperationException.class, () -> registry.unregister(same));
    assertEquals(2, registry.size());
    Action plain = registry::size;
    registry.register(plain);
    assertTrue(registry.unregister(plain));
  }

  @Test
  void c4_the_reporter_may_call_the_registry() {
    Registration victim = registry.register(() -> log.add("victim"));
    registry.onFailure(
        (action, failure) -> {
          victim.unregister();
          registry.register(() -> log.add("by reporter"));
          registry.run();
          log.add("reported");
        });
    registry.register(HostileCleanupTest::overflow);
    assertThrows(CleanupException.class, registry::run);
    assertEquals(List.of("by reporter", "reported"), log);
  }

  @Test
  void c4_every_throwable_is_caught() {
    Error death = new Error("like ThreadDeath") {};
    registry.register(() -> log.add("others run"));
    registry.register(HostileCleanupTest::overflow);
    registry.register(
        () -> {
          throw new AssertionError();
        });
    registry.register(
        () -> {
          throw death;
        });
    CleanupException e = assertThrows(CleanupException.class, registry::run);
    assertEquals(StackOverflowError.class, e.getCause().getClass());
    assertSame(death, e.getSuppressed()[0]);
    assertEquals(AssertionError.class, e.getSuppressed()[1].getClass());
    assertEquals(List.of("others run"), log);
  }

  @Test
  void c4_the_same_throwable_twice_is_reported_twice() {
    RuntimeException only = new IllegalStateException("only one");
    Action action =
        () -> {
          throw only;
        };
    registry.register(action);
    registry.register(action);
    CleanupException e = assertThrows(CleanupException.class, registry::run);
    assertSame(only, e.getCause());
    assertSame(only, e.getSuppressed()[0]);
  }

  @Test
  void c4_a_reporter_a_name_and_a_message_that_throw_harm_nothing() {
    PrintStream before = System.err;
    ByteArrayOutputStream printed = new ByteArrayOutputStream();
    System.setErr(new PrintStream(printed, true, StandardCharsets.UTF_8));
    try {
      registry.onFailure(
          (action, failure) -> {
            throw new AssertionError("reporter is broken");
          });
      registry.register(() -> log.add("others run"));
      registry.register(new Unprintable());
      assertThrows(CleanupException.class, registry::run);
    } finally {
      System.setErr(before);
    }
    assertEquals(List.of("others run"), log);
    String report = printed.toString(StandardCharsets.UTF_8);
    assertTrue(report.contains(Unprintable.class.getName()), report);
    assertTrue(report.contains(Unprintable.Failure.class.getName()), report);
    assertTrue(report.contains("reporter is broken"), report);
  }

  @Test
  void c10_a_system_err_that_throws_harms_nothing() {
    CleanupRegistry plain = CleanupRegistry.create();
    plain.register(() -> log.add("others run"));
    plain.register(HostileCleanupTest::overflow);
    PrintStream before = System.err;
    System.setErr(
        new PrintStream(new ByteArrayOutputStream(), true, StandardCharsets.UTF_8) {
          @Override
          public void print(Object text) {
            throw new IllegalStateException("closed");
          }
        });
    try {
      assertThrows(CleanupException.class, plain::run);
    } finally {
      System.setErr(before);
    }
    assertEquals(List.of("others run"), log);
  }

  @Test
  void an_interrupted_exception_of_an_action_sets_the_interrupt_flag() {
    registry.register(() -> assertFalse(Thread.currentThread().isInterrupted()));
    registry.register(
        () -> {
          throw new InterruptedException();
        });
    assertThrows(CleanupException.class, registry::run);
    assertTrue(Thread.interrupted());
  }

  @Test
  void the_interrupt_flag_of_a_failed_action_reaches_neither_the_reporter_nor_the_next_action() {
    registry.onFailure(
        (action, failure) -> log.add("reporter " + Thread.currentThread().isInterrupted()));
    registry.register(() -> log.add("next " + Thread.currentThread().isInterrupted()));
    registry.register(
        () -> {
          Thread.currentThread().interrupt();
          throw new IllegalStateException("with the flag set");
        });
    assertThrows(CleanupException.class, registry::run);
    assertTrue(Thread.interrupted());
    assertEquals(List.of("reporter false", "next false"), log);
  }

  @SuppressWarnings("InfiniteRecursion")
  private static void overflow() {
    overflow();
  }

  /** Counts what becomes of its registrations, and notes whether two ran at the same time. */
  private static final class Tally implements Action {
    final AtomicInteger accepted = new AtomicInteger();
    final AtomicInteger refused = new AtomicInteger();
    final AtomicInteger removed = new AtomicInteger();
    final AtomicInteger ran = new AtomicInteger();
    final AtomicBoolean overlapped = new AtomicBoolean();
    private final AtomicInteger running = new AtomicInteger();

    @Override
    public void run() {
      if (running.incrementAndGet() != 1) {
        overlapped.set(true);
      }
      ran.incrementAndGet();
      running.decrementAndGet();
    }
  }

  /** Calls back from {@code equals}, and equals nothing. */
  private static final class Reentrant implements Action {
    private final Runnable inEquals;

    Reentrant(Runnable inEquals) {
      this.inEquals = inEquals;
    }

    @Override
    public void run() {}

    @Override
    public boolean equals(Object other) {
      inEquals.run();
      return false;
    }

    @Override
    public int hashCode() {
      return 1;
    }
  }

  private static final class Unprintable implements Action {
    static final class Failure extends Exception {
      private static final long serialVersionUID = 1;

      @Override
      public String getMessage() {
        throw new IllegalStateException("no message");
      }
    }

    @Override
    public void run() throws Failure {
      throw new Failure();
    }

    @Override
    public String toString() {
      throw new IllegalStateException("no name");
    }
  }
}
