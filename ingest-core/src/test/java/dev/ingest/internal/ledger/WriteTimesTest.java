package dev.ingest.internal.ledger;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class WriteTimesTest {
  private long now = Long.MAX_VALUE - 1; // the clock may overflow
  private final WriteTimes times = new WriteTimes(() -> now);

  @Test
  void times_add_up_and_failures_count_apart() {
    times.written(3);
    times.failed();
    times.failed();
    assertEquals(2, times.snapshot().consecutiveFailures());
    times.succeeded();
    times.written(4);
    assertEquals(2, times.snapshot().batches());
    assertEquals(Duration.ofNanos(7), times.snapshot().time());
    assertEquals(2, times.snapshot().failures());
    assertEquals(0, times.snapshot().consecutiveFailures());
  }

  @Test
  void the_longest_time_is_that_of_this_minute_and_the_one_before() {
    times.written(9);
    pass(Duration.ofSeconds(59));
    times.written(5);
    assertEquals(9, max());
    pass(Duration.ofSeconds(60));
    assertEquals(9, max(), "of the minute before");
    times.written(4);
    pass(Duration.ofSeconds(2));
    assertEquals(4, max(), "of the minute before");
    pass(Duration.ofMinutes(3));
    assertEquals(0, max());
  }

  private void pass(Duration time) {
    now += time.toNanos();
  }

  private long max() {
    return times.snapshot().maxTime().toNanos();
  }
}
