package dev.ingest.internal.receive.udp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ingest.source.Keys;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ReplayWindowTest {
  private final ReplayWindow window = new ReplayWindow();

  @ParameterizedTest
  @ValueSource(longs = {0, 1, 2_047, 2_048, 1L << 62, Long.MAX_VALUE, Long.MIN_VALUE, -1})
  void the_first_counter_may_be_any_and_is_accepted_once(long counter) {
    assertTrue(window.accept(counter));
    assertFalse(window.accept(counter));
  }

  @ParameterizedTest
  @ValueSource(longs = {5_000, Long.MAX_VALUE, Long.MAX_VALUE + 1_000, -1})
  void the_2048_up_to_the_highest_are_accepted_once_and_no_lower_one(long highest) {
    assertTrue(window.accept(highest));
    assertFalse(window.accept(highest - 2_048));
    for (int below = 2_047; below > 0; below--) {
      assertTrue(window.accept(highest - below), "" + below);
    }
    for (int below = 0; below < 4_000; below++) {
      assertFalse(window.accept(highest - below), "" + below);
    }
  }

  @Test
  void counters_are_unsigned() {
    assertTrue(window.accept(Long.MIN_VALUE));
    assertFalse(window.accept(Long.MAX_VALUE - 3_000));
    assertTrue(window.accept(Long.MAX_VALUE));
    assertTrue(window.accept(-1));
    assertFalse(window.accept(0));
  }

  @Test
  void accepts_what_a_set_of_all_counters_would_accept() {
    Random random = new Random(3);
    Set<Long> seen = new HashSet<>();
    long highest = 0;
    int accepted = 0;
    for (int i = 0; i < 300_000; i++) {
      int jump = random.nextInt(50) == 0 ? 6_000 : random.nextInt(20) == 0 ? 2_100 : 3;
      long counter = Math.max(0, highest + jump / 2 - random.nextInt(jump + 2_100));
      boolean expected = highest - counter < 2_048 && !seen.contains(counter);
      assertEquals(expected, window.accept(counter), () -> "counter " + counter);
      if (expected) {
        seen.add(counter);
        accepted++;
        highest = Math.max(highest, counter);
      }
    }
    assertTrue(accepted > 10_000, "the test tests little: " + accepted);
  }

  @Test
  void each_counter_is_accepted_once_by_all_threads_together() throws InterruptedException {
    AtomicInteger accepted = new AtomicInteger();
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      Thread thread =
          new Thread(
              () -> {
                for (long counter = 0; counter < 2_048; counter++) {
                  if (window.accept(counter)) {
                    accepted.incrementAndGet();
                  }
                }
              });
      thread.start();
      threads.add(thread);
    }
    for (Thread thread : threads) {
      thread.join();
    }
    assertEquals(2_048, accepted.get());
  }

  @Test
  void all_who_use_the_same_keys_share_the_window_of_each_key() {
    Keys keys = Keys.of(1, new byte[32]).with(2, new byte[32]);
    assertSame(ReplayWindow.of(keys).get(1L), ReplayWindow.of(keys).get(1L));
    assertNotSame(ReplayWindow.of(keys).get(1L), ReplayWindow.of(keys).get(2L));
  }
}
