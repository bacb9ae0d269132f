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

class CleanupRegistryTest {
  private final CleanupRegistry registry =
      CleanupRegistry.create().onFailure((action, failure) -> {});
  private final List<String> log = Collections.synchronizedList(new ArrayList<>());

  @Test
  void c1_lastRegisteredRunsFirst() {
    register("a");
    register("b");
    register("c");
    registry.run();
    assertEquals(List.of("c", "b", "a"), log);
    assertEquals(0, registry.size());
  }

  @Test
  void c1_theLockIsFreeWhileAnActionRuns() {
    registry.register(() -> inAnotherThread(() -> register("from another thread")));
    registry.run();
    assertEquals(List.of("from another thread"), log);
  }

  @Test
  void c2_sameActionRunsAsOftenAsItIsRegistered() {
    Action action = logging("a");
    registry.register(action);
    registry.register(action);
    registry.run();
    assertEquals(List.of("a", "a"), log);
  }

  @Test
  void c2_registrationRemovesItsOwnEntryOnce() {
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
  void c2_registrationOfWhatHasRunRemovesNothing() {
    Registration ran = register("a");
    registry.run();
    register("b");
    assertFalse(ran.unregister());
    assertEquals(1, registry.size());
  }

  @Test
  void c2_firstMiddleAndLastCanBeRemoved() {
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
  void c3_unregisterRemovesEveryEqualEntry() {
    registry.register(new Equal("a", log));
    register("kept");
    registry.register(new Equal("a", log));
    assertTrue(registry.unregister(new Equal("a", log)));
    registry.run();
    assertEquals(List.of("kept"), log);
  }

  @Test
  void c3_unregisterIsQuietWhenThereIsNone() {
    assertFalse(registry.unregister(logging("never registered")));
    registry.close();
    assertFalse(registry.unregister(logging("never registered")));
  }

  @Test
  void c4_failuresAreReportedAtOnceAndTheOthersRun() {
    registry.onFailure((action, failure) -> log.add("report " + failure.getMessage()));
    register("a");
    failing(new IOException("1"));
    register("b");
    assertThrows(CleanupException.class, registry::run);
    assertEquals(List.of("b", "report 1", "a"), log);
  }

  @Test
  void c4_causeIsTheLastFailureAndSuppressedAreTheEarlierOnesInOrder() {
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
  void c4_reporterGetsTheActionAndTheFailure() {
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
  void c5_registeredDuringARunRunsNext() {
    register("a");
    registry.register(() -> register("b"));
    registry.run();
    assertEquals(List.of("b", "a"), log);
  }

  @Test
  void c5_unregisteredDuringARunDoesNotRun() {
    Registration a = register("a");
    Action b = logging("b");
    registry.register(b);
    registry.register(() -> assertTrue(a.unregister() && registry.unregister(b)));
    registry.run();
    assertEquals(List.of(), log);
  }

  @Test
  void c5_closeRefusesFromTheMomentWhenNoneIsLeft() {
    registry.register(() -> register("during close"));
    registry.close();
    assertEquals(List.of("during close"), log);
    assertThrows(IllegalStateException.class, () -> register("late"));
    registry.close();
    registry.run();
    assertEquals(List.of("during close"), log);
  }

  @Test
  void c5_globalIsUsableAfterClose() {
    CleanupRegistry global = CleanupRegistry.global();
    global.register(logging("a"));
    global.close();
    global.register(logging("b"));
    global.close();
    assertEquals(List.of("a", "b"), log);
  }

  @Test
  void c6_nestedRunDrainsInline() {
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
  void c6_nestedRunThrowsItsFailuresIntoItsAction() {
    IOException inner = new IOException("inner");
    failing(inner);
    registry.register(registry::run);
    CleanupException e = assertThrows(CleanupException.class, registry::run);
    assertSame(inner, e.getCause().getCause());
  }

  @Test
  void c6_anotherThreadsRunWaitsAndThenRunsWhatIsLeft() throws Exception {
    CountDownLatch release = new CountDownLatch(1);
    registry.register(release::await);
    Thread first = new Thread(registry::run);
    first.start();
    Awaitility.await().until(registry::isRunning);
    boolean[] flag = new boolean[1];
    Thread second =
        new Thread(
            () -> {
              registry.run();
              log.add("second is back");
              flag[0] = Thread.currentThread().isInterrupted();
            });
    second.start();
    Awaitility.await().until(() -> second.getState() == Thread.State.WAITING);
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
  void c8_deadlineMustBeMoreThanZero() {
    for (Duration bad : List.of(Duration.ZERO, Duration.ofMillis(-1))) {
      var e = assertThrows(IllegalArgumentException.class, () -> registry.deadline(bad));
      assertTrue(e.getMessage().contains(bad.toString()), e.getMessage());
    }
    assertSame(registry, registry.deadline(Duration.ofSeconds(Long.MAX_VALUE)));
    assertThrows(NullPointerException.class, () -> registry.deadline(null));
  }

  @Test
  void c11_registrationsTakeConstantTime() {
    // Linear ones would take hours for these 200,000.
    List<Registration> registrations = new ArrayList<>();
    for (int i = 0; i < 200_000; i++) {
      registrations.add(registry.register(() -> {}));
    }
    registrations.forEach(Registration::close);
    assertEquals(0, registry.size());
  }

  @Test
  void isRunningTellsOfRunsAndSizeOfWhatIsPending() {
    register("a");
    registry.register(() -> assertEquals("true 1", registry.isRunning() + " " + registry.size()));
    assertFalse(registry.isRunning());
    registry.run();
    assertFalse(registry.isRunning());
  }

  @Test
  void interruptFlagIsPutAsideForTheActionsAndGivenBack() {
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
  void nullsAreRefused() {
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
