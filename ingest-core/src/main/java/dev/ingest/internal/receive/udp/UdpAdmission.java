package dev.ingest.internal.receive.udp;

import dev.ingest.internal.receive.Admission;
import dev.ingest.internal.receive.IgnoredLog;
import dev.ingest.internal.receive.RateLimit;
import dev.ingest.internal.receive.SenderFilter;
import dev.ingest.source.Keys;
import dev.ingest.source.Udp;
import java.time.Clock;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Which datagrams of a source are accepted.
 *
 * <p>The cheapest check comes first, the filter. The signature comes before the rate, so that
 * forged or replayed datagrams do not use up the rate of the sender whose address they carry.
 */
final class UdpAdmission {
  /** The headers of IPv4 and UDP: a flood of empty datagrams is not free. */
  private static final int HEADER_BYTES = 28;

  private UdpAdmission() {}

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
    RateLimit rate = rate(settings, log);
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

  private static @Nullable RateLimit rate(Udp settings, IgnoredLog log) {
    int overhead = HEADER_BYTES + trailerBytes(settings);
    return settings.rate() == 0
        ? null
        : new RateLimit(settings.rate(), settings.burst(), overhead, System::nanoTime, log);
  }
}
