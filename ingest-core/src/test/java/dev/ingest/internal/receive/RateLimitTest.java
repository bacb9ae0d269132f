package dev.ingest.internal.receive;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ingest.stats.IgnoreReason;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RateLimitTest {
  private static final int HEADER_BYTES = 28;

  /** Any origin: also one from which the time overflows. */
  private final AtomicLong nanos = new AtomicLong(Long.MAX_VALUE - 1_000);

  private final RateLimit rate = rate(1_000, 4_000);

  private RateLimit rate(long bytesPerSecond, long burst) {
    return new RateLimit(bytesPerSecond, burst, HEADER_BYTES, nanos::get, new IgnoredLog());
  }

  private static int taken(RateLimit rate, String host, int payload, int datagrams) {
    InetSocketAddress sender = new InetSocketAddress(host, 1);
    int taken = 0;
    for (int i = 0; i < datagrams; i++) {
      taken += rate.judge(sender, ByteBuffer.allocate(payload)) == null ? 1 : 0;
    }
    return taken;
  }

  private void after(long millis) {
    nanos.addAndGet(TimeUnit.MILLISECONDS.toNanos(millis));
  }

  @Test
  void takes_in_the_burst_and_then_the_rate() {
    assertEquals(40, taken(rate, "10.0.0.1", 72, 100)); // 100 bytes each, with the headers
    after(1); // the bucket is not empty any more, and may be overdrawn
    assertEquals(1, taken(rate, "10.0.0.1", 72, 100));
    after(99);
    assertEquals(0, taken(rate, "10.0.0.1", 72, 100));
    after(1);
    assertEquals(1, taken(rate, "10.0.0.1", 72, 100));
    after(1_000);
    assertEquals(10, taken(rate, "10.0.0.1", 72, 100));
    after(3_600_000);
    assertEquals(40, taken(rate, "10.0.0.1", 72, 100));
  }

  @Test
  void empty_datagrams_are_not_free() {
    assertEquals(4_000 / 28 + 1, taken(rate, "10.0.0.1", 0, 1_000));
  }

  @Test
  void a_datagram_longer_than_the_burst_overdraws_a_bucket_and_is_paid_back() {
    assertEquals(1, taken(rate, "10.0.0.1", 9_972, 5));
    after(5_999);
    assertEquals(0, taken(rate, "10.0.0.1", 0, 1));
    after(1);
    assertEquals(0, taken(rate, "10.0.0.1", 0, 1));
    after(1);
    assertEquals(1, taken(rate, "10.0.0.1", 0, 1));
  }

  @Test
  void what_is_refused_costs_nothing() {
    assertEquals(40, taken(rate, "10.0.0.1", 72, 100_000));
    after(4_000);
    assertEquals(40, taken(rate, "10.0.0.1", 72, 100_000));
  }

  @Test
  void a_signature_counts() {
    RateLimit signed = new RateLimit(1_000, 4_000, HEADER_BYTES + 32, nanos::get, new IgnoredLog());
    assertEquals(40, taken(signed, "10.0.0.1", 40, 100));
  }

  /** Two buckets are the same once in 32,768 runs, so three pairs are tried. */
  @ParameterizedTest
  @CsvSource({
    "10.0.0.%d, 10.0.1.%d, false",
    "2001:db8::%d, 2001:db8:0:1::%d, false",
    "::1:%d, 10.1.0.%d, false",
    "2001:db8::%d, 2001:db8::f:%d, true"
  })
  void a_sender_is_an_address_or_a_64_bit_network(String one, String other, boolean same) {
    boolean shared = true;
    for (int i = 1; i <= 3; i++) {
      taken(rate, one.formatted(i), 72, 100);
      shared &= taken(rate, other.formatted(i), 72, 100) == 0;
    }
    assertEquals(same, shared);
  }

  @Test
  void few_senders_share_a_bucket() {
    int alone = 0;
    for (int i = 0; i < 1_000; i++) {
      alone += taken(rate, "10.0." + i / 250 + "." + i % 250, 72, 50) == 40 ? 1 : 0;
    }
    int fresh = alone;
    assertTrue(fresh > 900, () -> fresh + " of 1,000"); // 8 pairs of 65,536 buckets expected
  }

  @Test
  void threads_together_take_no_more_than_the_burst() throws InterruptedException {
    AtomicInteger taken = new AtomicInteger();
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      Thread thread = new Thread(() -> taken.addAndGet(taken(rate, "10.0.0.1", 0, 1_000)));
      thread.start();
      threads.add(thread);
    }
    for (Thread thread : threads) {
      thread.join();
    }
    assertEquals(4_000 / 28 + 1, taken.get());
  }

  @ParameterizedTest
  @CsvSource({"1, 1", "1, 1073741824", "1000000000, 1073741824", "1000000000, 1"})
  void the_ends_of_the_ranges_work(long bytesPerSecond, long burst) {
    RateLimit extreme = rate(bytesPerSecond, burst);
    InetSocketAddress sender = new InetSocketAddress("10.0.0.1", 1);
    assertNull(extreme.judge(sender, ByteBuffer.allocate(65_527)));
    IgnoreReason second = extreme.judge(sender, ByteBuffer.allocate(1));
    assertEquals(burst < 65_555 ? IgnoreReason.THROTTLED : null, second);
    nanos.addAndGet(TimeUnit.DAYS.toNanos(2));
    assertNull(extreme.judge(sender, ByteBuffer.allocate(1)));
  }
}
