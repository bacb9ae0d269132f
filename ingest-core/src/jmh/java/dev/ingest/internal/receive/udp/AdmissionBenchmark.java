package dev.ingest.internal.receive.udp;

import dev.ingest.internal.receive.IgnoredLog;
import dev.ingest.internal.receive.RateLimit;
import dev.ingest.source.DatagramSigner;
import dev.ingest.source.Keys;
import dev.ingest.source.Networks;
import dev.ingest.stats.IgnoreReason;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.time.Clock;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** One operation judges one datagram. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 5, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 6, time = 500, timeUnit = TimeUnit.MILLISECONDS)
public class AdmissionBenchmark {
  private static final int DATAGRAMS = 1 << 11;
  private static final int PAYLOAD_BYTES = 80;

  private final InetSocketAddress ipv4 = new InetSocketAddress("192.0.2.1", 12_345);
  private final InetSocketAddress ipv6 = new InetSocketAddress("2001:db8::1", 12_345);
  private final Networks twoNetworks = Networks.of("192.0.2.0/24", "2001:db8::/32");
  private final Networks manyNetworks =
      Networks.of(
          IntStream.range(0, 2_000)
              .mapToObj(
                  i ->
                      i % 2 == 0
                          ? "192.%d.%d.0/24".formatted(i / 2 % 8, i / 16)
                          : "2001:db8:%x::/48".formatted(i / 2))
              .toArray(String[]::new));
  private final ByteBuffer[] signed = new ByteBuffer[DATAGRAMS];
  private final ByteBuffer forged;
  private final Keys keys = Keys.of(1, new byte[32]);
  private final RateLimit rate =
      new RateLimit(1_000_000_000, 1 << 30, 28, System::nanoTime, new IgnoredLog());
  private SignatureCheck check = newCheck();
  private int next;

  /** Makes the datagrams, which are valid for a minute: a benchmark must take less. */
  public AdmissionBenchmark() {
    DatagramSigner signer = DatagramSigner.of(keys, 1);
    for (int i = 0; i < DATAGRAMS; i++) {
      byte[] datagram = signer.sign(new byte[PAYLOAD_BYTES]);
      signed[i] = ByteBuffer.allocateDirect(datagram.length).put(datagram);
    }
    byte[] wrong = signer.sign(new byte[PAYLOAD_BYTES]);
    wrong[wrong.length - 1]++;
    forged = ByteBuffer.allocateDirect(wrong.length).put(wrong);
  }

  private SignatureCheck newCheck() {
    return new SignatureCheck(Keys.of(1, new byte[32]), 1_000, Clock.systemUTC(), new IgnoredLog());
  }

  /** A right signature of a payload of 80 bytes, with the step of the window. */
  @Benchmark
  public IgnoreReason signed() {
    if (next == DATAGRAMS) {
      next = 0;
      check = newCheck(); // or all would be repeated
    }
    ByteBuffer datagram = signed[next++];
    IgnoreReason reason = check.judge(ipv4, datagram.clear());
    if (reason != null) {
      throw new AssertionError(reason);
    }
    return reason;
  }

  /** A wrong signature of a payload of 80 bytes, with the log that is not written. */
  @Benchmark
  public IgnoreReason forged() {
    return check.judge(ipv4, forged.clear());
  }

  /** A sender of IPv4, of two networks. */
  @Benchmark
  public boolean ipv4OfTwoNetworks() {
    return twoNetworks.test(ipv4);
  }

  /** A sender of IPv6, of two networks. */
  @Benchmark
  public boolean ipv6OfTwoNetworks() {
    return twoNetworks.test(ipv6);
  }

  /** A sender of IPv4, of two thousand networks. */
  @Benchmark
  public boolean ipv4OfManyNetworks() {
    return manyNetworks.test(ipv4);
  }

  /** A sender of IPv6, of two thousand networks. */
  @Benchmark
  public boolean ipv6OfManyNetworks() {
    return manyNetworks.test(ipv6);
  }

  /** A sender of IPv4, within its rate most of the time. */
  @Benchmark
  public IgnoreReason rate() {
    return rate.judge(ipv4, signed[0]);
  }
}
