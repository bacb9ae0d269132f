package dev.ingest.cleanup;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ingest.cleanup.CleanupRegistry.Action;
import dev.ingest.cleanup.CleanupRegistry.Registration;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60) // for a wait that is not woken
class CleanupRegistryTest {
  private static final Duration PATIENCE = Duration.ofSeconds(50);

  private final CleanupRegistry registry =
      CleanupRegistry.create().onFailure((action, failure) -> {});
  private final List<String> log = Collections.synchronizedList(new ArrayList<>());

  @Test
  void c1_the_last_registered_runs_first() {
    register("a");
    register("b");
    register("c");
    registry.run();
    assertEquals(List.of("c", "b", "a"), log);
    assertEquals(0, registry.size());
  }

  @Test
  void c1_the_lock_is_free_while_an_action_runs() {
    registry.register(() -> inAnotherThread(() -> register("from another thread")));
    registry.run();
    assertEquals(List.of("from another thread"), log);
  }

  @Test
  void c2_an_action_runs_as_often_as_it_is_registered() {
    Action action = logging("a");
    registry.register(action);
    registry.register(action);
    registry.run();
    assertEquals(List.of("a", "a"), log);
  }

  @Test
  void c2_a_registration_removes_its_own_entry_once() {
    Action action = logging("a");
    registry.register(action);
    Registration middle = registry.register(action);
    registry.register(action);
    assertTrue(middle.unregister());
    assertFalse(middle.unregister());
    middle.close();
    assertEquals(2, registry.size());
  }

  @Test
  void c2_the_registration_of_an_action_that_has_run_removes_nothing() {
    Registration ran = register("a");
    registry.run();
    register("b");
    assertFalse(ran.unregister());
    assertEquals(1, registry.size());
  }

  @Test
  void c2_the_first_a_middle_and_the_last_one_can_be_removed() {
    Registration a = register("a");
    register("b");
    Registration c = register("c");
    register("d");
    Registration e = register("e");
    a.close();
    c.close();
    e.close();
    register("f");
    registry.run();
    assertEquals(List.of("f", "d", "b"), log);
  }

  @Test
  void c3_unregister_removes_every_equal_entry() {
    registry.register(new Equal("a", log));
    register("kept");
    registry.register(new Equal("a", log));
    assertTrue(registry.unregister(new Equal("a", log)));
    registry.run();
    assertEquals(List.of("kept"), log);
  }

  @Test
  void c3_unregister_returns_false_when_there_is_none() {
    assertFalse(registry.unregister(logging("never registered")));
    registry.close();
    assertFalse(registry.unregister(logging("never registered")));
  }

  @Test
  void c4_failures_are_reported_at_once_and_the_others_run() {
    registry.onFailure((action, failure) -> log.add("report " + failure.getMessage()));
    register("a");
    failing(new IOException("1"));
    register("b");
    assertThrows(CleanupException.class, registry::run);
    assertEquals(List.of("b", "report 1", "a"), log);
  }

  @Test
  void c4_the_cause_is_the_last_failure_and_suppressed_are_the_earlier_ones_in_order() {
    Throwable last = failing(new IOException("last"));
    Throwable second = failing(new AssertionError("second"));
    Throwable first = failing(new IllegalStateException("first"));
    CleanupException e = assertThrows(CleanupException.class, registry::run);
    assertSame(last, e.getCause());
    assertArrayEquals(new Throwable[] {first, second}, e.getSuppressed());
    assertEquals(
        "3 cleanup actions failed, all others ran; the cause is the last failure:"
            + " java.io.IOException",
        e.getMessage());
  }

  @Test
  void c4_the_reporter_gets_the_action_and_the_failure() {
    List<Object> got = new ArrayList<>();
    registry.onFailure((action, failure) -> got.addAll(List.of(action, failure)));
    IOException failure = new IOException();
    Action action =
        () -> {
          throw failure;
        };
    registry.register(action);
    assertThrows(CleanupException.class, registry::run);
    assertEquals(List.of(action, failure), got);
  }

  @Test
  void c5_an_action_registered_during_a_run_runs_next() {
    register("a");
    registry.register(() -> register("b"));
    registry.run();
    assertEquals(List.of("b", "a"), log);
  }

  @Test
  void c5_an_action_unregistered_during_a_run_does_not_run() {
    Registration a = register("a");
    Action b = logging("b");
    registry.register(b);
    registry.register(() -> assertTrue(a.unregister() && registry.unregister(b)));
    registry.run();
    assertEquals(List.of(), log);
  }

  @Test
  void c5_close_refuses_registrations_from_the_moment_when_none_is_left() {
    registry.register(() -> register("during close"));
    registry.close();
    assertEquals(List.of("during close"), log);
    assertThrows(IllegalStateException.class, () -> register("late"));
    registry.close();
    registry.run();
    assertEquals(List.of("during close"), log);
  }

  @Test
  void c5_the_global_registry_is_usable_after_close() {
    CleanupRegistry global = CleanupRegistry.global();
    global.register(logging("a"));
    global.close();
    global.register(logging("b"));
    global.close();
    assertEquals(List.of("a", "b"), log);
  }

  @Test
  void c6_a_nested_run_runs_the_others_inline() {
    register("a");
    registry.register(
        () -> {
          registry.run();
          log.add("after nested");
        });
    registry.run();
    assertEquals(List.of("a", "after nested"), log);
    assertFalse(registry.isRunning());
  }

  @Test
  void c6_a_nested_run_throws_its_failures_into_its_action() {
    IOException inner = new IOException("inner");
    failing(inner);
    registry.register(registry::run);
    CleanupException e = assertThrows(CleanupException.class, registry::run);
    assertSame(inner, e.getCause().getCause());
  }

  @Test
  void c6_the_run_of_another_thread_waits_and_then_runs_what_is_left() throws Exception {
    CountDownLatch release = new CountDownLatch(1);
    registry.register(release::await);
    Thread first = new Thread(registry::run);
    first.start();
    Awaitility.waitAtMost(PATIENCE).until(registry::isRunning);
    boolean[] flag = new boolean[1];
    Thread second =
        new Thread(
            () -> {
              registry.run();
              log.add("second is back");
              flag[0] = Thread.currentThread().isInterrupted();
            });
    second.start();
    Awaitility.waitAtMost(PATIENCE).until(() -> second.getState() == Thread.State.WAITING);
    second.interrupt();
    register("registered meanwhile");
    assertEquals(List.of(), log);
    release.countDown();
    first.join();
    second.join();
    assertEquals(List.of("registered meanwhile", "second is back"), log);
    assertTrue(flag[0]);
  }

  @Test
  void c8_the_deadline_must_be_more_than_zero() {
    for (Duration bad : List.of(Duration.ZERO, Duration.ofMillis(-1))) {
      var e = assertThrows(IllegalArgumentException.class, () -> registry.deadline(bad));
      assertTrue(e.getMessage().contains(bad.toString()), e.getMessage());
    }
    assertSame(registry, registry.deadline(Duration.ofSeconds(Long.MAX_VALUE)));
    assertThrows(NullPointerException.class, () -> registry.deadline(null));
  }

  @Test
  void c11_registrations_take_constant_time() {
    // If each took linear time, these 200,000 would take hours.
    List<Registration> registrations = new ArrayList<>();
    for (int i = 0; i < 200_000; i++) {
      registrations.add(registry.register(() -> {}));
    }
    registrations.forEach(Registration::close);
    assertEquals(0, registry.size());
  }

  @Test
  void c9_a_thread_that_runs_waits_or_has_ended_is_not_in_system_exit() throws Exception {
    CountDownLatch release = new CountDownLatch(1);
    FutureTask<Void> task =
        new FutureTask<>(
            () -> {
              release.await();
              return null;
            });
    Thread waiting = new Thread(task);
    assertFalse(CleanupRegistry.hasCalledExit(waiting));
    waiting.start();
    Awaitility.waitAtMost(PATIENCE).until(() -> waiting.getState() == Thread.State.WAITING);
    assertFalse(CleanupRegistry.hasCalledExit(waiting));
    release.countDown();
    waiting.join();
    assertFalse(CleanupRegistry.hasCalledExit(waiting));
    assertFalse(CleanupRegistry.hasCalledExit(Thread.currentThread()));
    assertThrows(NullPointerException.class, () -> CleanupRegistry.hasCalledExit(null));
  }

  @Test
  void a_running_action_counts_as_running_and_not_as_pending() {
    register("a");
    registry.register(() -> assertEquals("true 1", registry.isRunning() + " " + registry.size()));
    assertFalse(registry.isRunning());
    registry.run();
    assertFalse(registry.isRunning());
  }

  @Test
  void the_interrupt_flag_is_cleared_for_the_actions_and_set_again() {
    registry.register(() -> assertFalse(Thread.currentThread().isInterrupted()));
    registry.register(
        () -> {
          assertFalse(Thread.currentThread().isInterrupted());
          Thread.currentThread().interrupt();
        });
    Thread.currentThread().interrupt();
    registry.run();
    assertTrue(Thread.interrupted());
  }

  @Test
  void nulls_are_refused() {
    assertThrows(NullPointerException.class, () -> registry.register(null));
    assertThrows(NullPointerException.class, () -> registry.unregister(null));
    assertThrows(NullPointerException.class, () -> registry.onFailure(null));
    assertNull(assertThrows(CleanupException.class, this::failAndRun).getCause().getMessage());
  }

  private void failAndRun() {
    failing(new IOException());
    registry.run();
  }

  private Registration register(String name) {
    return registry.register(logging(name));
  }

  private Action logging(String name) {
    return () -> log.add(name);
  }

  private <T extends Throwable> T failing(T failure) {
    registry.register(
        () -> {
          if (failure instanceof Error error) {
            throw error;
          }
          throw (Exception) failure;
        });
    return failure;
  }

  private static void inAnotherThread(Runnable task) throws Exception {
    FutureTask<Void> done = new FutureTask<>(task, null);
    new Thread(done).start();
    done.get();
  }

  private record Equal(String name, List<String> log) implements Action {
    @Override
    public void run() {
      log.add(name);
    }
  }
}
