package dev.ingest.internal.receive;

import dev.ingest.stats.IgnoreReason;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** Accepts what comes from the senders that the host's filter accepts. Any thread. */
public final class SenderFilter implements Admission {
  private final Predicate<? super InetSocketAddress> accepted;
  private final IgnoredLog log;

  /** Makes a check by a filter, which may throw anything: that counts as no. */
  public SenderFilter(Predicate<? super InetSocketAddress> accepted, IgnoredLog log) {
    this.accepted = accepted;
    this.log = log;
  }

  @Override
  public @Nullable IgnoreReason judge(InetSocketAddress sender, ByteBuffer message) {
    try {
      return accepted.test(sender) ? null : IgnoreReason.FILTERED;
    } catch (Throwable t) {
      return log.ignored(IgnoreReason.FILTERED, sender, () -> "the source filter threw " + t);
    }
  }
}
