package dev.ingest.internal.receive;

import dev.ingest.stats.IgnoreReason;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** Decides which messages of a source are accepted. */
@FunctionalInterface
public interface Admission {
  /**
   * Judges a message.
   *
   * @param message from its position to its limit, which is lowered to the end of what is to be
   *     decoded
   * @return why the message is ignored; null if it is accepted
   */
  @Nullable IgnoreReason judge(InetSocketAddress sender, ByteBuffer message);

  /** Returns a check that accepts what this one and the next one accept. */
  default Admission then(Admission next) {
    return (sender, message) -> {
      IgnoreReason reason = judge(sender, message);
      return reason != null ? reason : next.judge(sender, message);
    };
  }
}
