package dev.ingest.policy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class RetryPolicyTest {
  private static final long MILLI = TimeUnit.MILLISECONDS.toNanos(1);

  @Test
  void the_delay_doubles_up_to_its_limit() {
    RetryPolicy policy =
        RetryPolicy.builder()
            .firstDelay(Duration.ofMillis(100))
            .maxDelay(Duration.ofMillis(1_000))
            .jitter(0)
            .build();
    assertEquals(
        List.of(100L, 200L, 400L, 800L, 1_000L, 1_000L),
        IntStream.rangeClosed(1, 6).mapToObj(n -> policy.delayNanos(n) / MILLI).toList());
    assertEquals(1_000 * MILLI, policy.delayNanos(Integer.MAX_VALUE));
  }

  @Test
  void the_longest_delays_do_not_overflow() {
    Duration day = Duration.ofDays(1);
    RetryPolicy policy =
        RetryPolicy.builder().firstDelay(Duration.ofHours(13)).maxDelay(day).jitter(0).build();
    assertEquals(day.toNanos(), policy.delayNanos(2));
    assertEquals(day.toNanos(), policy.delayNanos(Integer.MAX_VALUE));
  }

  @Test
  void jitter_shortens_the_delay_by_a_random_part() {
    RetryPolicy policy =
        RetryPolicy.builder().firstDelay(Duration.ofMillis(100)).jitter(0.25).build();
    long[] delays = LongStream.range(0, 1_000).map(i -> policy.delayNanos(1)).toArray();
    long shortest = LongStream.of(delays).min().orElseThrow();
    long longest = LongStream.of(delays).max().orElseThrow();
    assertTrue(shortest >= 75 * MILLI && longest <= 100 * MILLI, shortest + " to " + longest);
    assertTrue(longest - shortest > 10 * MILLI, "a thousand delays are nearly the same");
  }

  @Test
  void a_policy_without_settings_has_the_documented_defaults() {
    assertEquals(
        "RetryPolicy[maxAttempts=unlimited, firstDelay=PT0.1S, maxDelay=PT10S, jitter=0.5]",
        RetryPolicy.builder().build().toString());
    assertEquals(RetryPolicy.UNLIMITED, RetryPolicy.builder().build().maxAttempts());
  }

  @Test
  void a_value_outside_its_range_is_refused_with_setting_value_and_range() {
    refuses("maxAttempts is 0: expected at least 1", b -> b.maxAttempts(0));
    refuses("firstDelay is PT0S: expected 1 ms to 1 day", b -> b.firstDelay(Duration.ZERO));
    refuses(
        "firstDelay is PT24H1S: expected 1 ms to 1 day",
        b -> b.firstDelay(Duration.ofDays(1).plusSeconds(1)));
    refuses("maxDelay is PT-1S: expected 1 ms to 1 day", b -> b.maxDelay(Duration.ofSeconds(-1)));
    refuses("jitter is 1.1: expected 0 to 1", b -> b.jitter(1.1));
    refuses("jitter is -0.1: expected 0 to 1", b -> b.jitter(-0.1));
    refuses("jitter is NaN: expected 0 to 1", b -> b.jitter(Double.NaN));
    refuses(
        "firstDelay is PT20S: expected at most maxDelay, which is PT10S",
        b -> b.firstDelay(Duration.ofSeconds(20)));
    assertThrows(NullPointerException.class, () -> RetryPolicy.builder().firstDelay(null));
  }

  @Test
  void the_order_of_the_calls_does_not_matter() {
    Duration first = Duration.ofSeconds(20);
    Duration longest = Duration.ofSeconds(30);
    assertEquals(
        RetryPolicy.builder().firstDelay(first).maxDelay(longest).build().toString(),
        RetryPolicy.builder().maxDelay(longest).firstDelay(first).build().toString());
  }

  private static void refuses(String message, Consumer<RetryPolicy.Builder> setting) {
    RetryPolicy.Builder builder = RetryPolicy.builder();
    IllegalArgumentException e =
        assertThrows(
            IllegalArgumentException.class,
            () -> {
              setting.accept(builder);
              builder.build();
            });
    assertEquals(message, e.getMessage());
  }
}
