package dev.ingest.internal.receive.udp;

import dev.ingest.source.Keys;
import dev.ingest.source.Udp;
import dev.ingest.stats.IgnoreReason;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.time.Clock;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Decides which datagrams of a source are accepted.
 *
 * <p>The cheapest check comes first, the filter. The signature comes before the rate, so that
 * forged or replayed datagrams do not use up the rate of the sender whose address they carry.
 */
@FunctionalInterface
interface Admission {
  /**
   * Judges a datagram.
   *
   * @param datagram from 0 to its limit, which is lowered to the end of what is to be decoded
   * @return why the datagram is ignored; null if it is accepted
   */
  @Nullable IgnoreReason judge(InetSocketAddress sender, ByteBuffer datagram);

  /** Returns a check that accepts what this one and the next one accept. */
  default Admission then(Admission next) {
    return (sender, datagram) -> {
      IgnoreReason reason = judge(sender, datagram);
      return reason != null ? reason : next.judge(sender, datagram);
    };
  }

  /** Returns how many bytes of a datagram are not payload. */
  static int trailerBytes(Udp settings) {
    return settings.keys().isPresent() ? SignatureCheck.TRAILER_BYTES : 0;
  }

  /**
   * Returns what makes the checks of each receiver of a source: each has its own, since a signature
   * check is for one thread, and all share the rates.
   */
  static Supplier<Admission> of(Udp settings) {
    IgnoredLog log = new IgnoredLog();
    Admission filter = new SenderFilter(settings.filter(), log);
    Keys keys = settings.keys().orElse(null);
    RateLimit rate =
        settings.rate() == 0
            ? null
            : new RateLimit(
                settings.rate(), settings.burst(), trailerBytes(settings), System::nanoTime, log);
    return () -> {
      Admission admission = filter;
      if (keys != null) {
        admission =
            admission.then(
                new SignatureCheck(keys, settings.maxDatagramSize(), Clock.systemUTC(), log));
      }
      return rate == null ? admission : admission.then(rate);
    };
  }
}
