package dev.ingest.internal.receive;

import dev.ingest.stats.IgnoreReason;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Accepts what its sender may send at a rate: a token bucket for each sender, of a table that does
 * not grow. Senders whose addresses have the same hash share a bucket. The hash is a random one of
 * a universal family (Dietzfelbinger et al., "A Reliable Randomized Algorithm for the Closest-Pair
 * Problem", 1997, lemma 2.4): two addresses, however chosen, share a bucket with a probability of
 * at most 2 / {@value #BUCKETS}. Any thread.
 *
 * <p>A bucket is one number: the time at which it is full again, if nothing comes (the generic cell
 * rate algorithm, ITU-T I.371, annex A, as a virtual schedule). A message moves that time on by as
 * long as its bytes take at the rate. It is accepted while that time is less than the burst ahead,
 * so a long one can overdraw the bucket, once.
 */
public final class RateLimit implements Admission {
  /** The table has 8 bytes for each. */
  static final int BUCKETS = 1 << 16;

  private static final int HASH_SHIFT = Long.SIZE - 16;

  private final long rate;
  private final double nanosPerByte;
  private final long burstNanos;
  private final int overhead;
  private final LongSupplier nanoTime;
  private final IgnoredLog log;
  private final long multiplier = new SecureRandom().nextLong() | 1;
  private final AtomicLongArray fullAt = new AtomicLongArray(BUCKETS);

  /**
   * Makes it with all buckets full.
   *
   * @param overhead bytes that are counted for each message besides its own
   */
  public RateLimit(
      long bytesPerSecond, long burst, int overhead, LongSupplier nanoTime, IgnoredLog log) {
    this.rate = bytesPerSecond;
    this.nanosPerByte = 1e9 / bytesPerSecond;
    this.burstNanos = (long) (burst * nanosPerByte);
    this.overhead = overhead;
    long start = nanoTime.getAsLong();
    this.nanoTime = () -> nanoTime.getAsLong() - start; // so that all buckets are full at 0
    this.log = log;
  }

  @Override
  public @Nullable IgnoreReason judge(InetSocketAddress sender, ByteBuffer message) {
    long nanos = (long) ((message.remaining() + overhead) * nanosPerByte);
    if (take(bucket(sender.getAddress()), nanos)) {
      return null;
    }
    return log.ignored(
        IgnoreReason.THROTTLED,
        sender,
        () ->
            "its address has sent more than %d bytes a second: let it send less, or raise rate()"
                .formatted(rate));
  }

  private boolean take(int bucket, long nanos) {
    long now = nanoTime.getAsLong();
    while (true) {
      long full = fullAt.get(bucket);
      if (full - now >= burstNanos) {
        return false;
      }
      if (fullAt.compareAndSet(bucket, full, Math.max(full, now) + nanos)) {
        return true;
      }
    }
  }

  private int bucket(InetAddress address) {
    long key =
        address instanceof Inet4Address
            ? Integer.toUnsignedLong(address.hashCode()) // which is the address itself
            : network(address);
    return (int) ((mixed(key) * multiplier) >>> HASH_SHIFT);
  }

  /**
   * Returns another number for each: the family alone bounds each pair, but sends neighbours to the
   * same buckets by the hundred or not at all. This is the finalizer of MurmurHash3 by Appleby.
   */
  private static long mixed(long key) {
    long mixed = (key ^ key >>> 33) * 0xff51afd7ed558ccdL;
    mixed = (mixed ^ mixed >>> 33) * 0xc4ceb9fe1a85ec53L;
    return mixed ^ mixed >>> 33;
  }

  /**
   * Returns the first 64 bits of an IPv6 address, which are a network's: it has all of the rest.
   */
  private static long network(InetAddress address) {
    return ByteBuffer.wrap(address.getAddress()).getLong();
  }
}
