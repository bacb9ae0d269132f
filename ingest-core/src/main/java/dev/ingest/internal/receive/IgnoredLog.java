package dev.ingest.internal.receive;

import dev.ingest.internal.log.Addresses;
import dev.ingest.internal.log.Log;
import dev.ingest.internal.log.RateLimitedLog;
import dev.ingest.stats.IgnoreReason;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.InetSocketAddress;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import java.util.function.Supplier;

/**
 * Logs why messages of a source are ignored: for each reason at most a line in ten seconds, however
 * many come. Any thread.
 */
public final class IgnoredLog {
  private static final Logger LOGGER = Log.of("dev.ingest.receive");

  private final Map<IgnoreReason, RateLimitedLog> logs = new EnumMap<>(IgnoreReason.class);

  /** Makes a log for one source. */
  public IgnoredLog() {
    for (IgnoreReason reason : IgnoreReason.values()) {
      logs.put(reason, new RateLimitedLog(LOGGER, Level.WARNING));
    }
  }

  /** Logs it if it is time; returns the reason. */
  public IgnoreReason ignored(
      IgnoreReason reason, InetSocketAddress sender, Supplier<String> detail) {
    Objects.requireNonNull(logs.get(reason))
        .event(
            () ->
                "ignored a message from "
                    + Addresses.toText(sender)
                    + ": "
                    + reason
                    + ": "
                    + detail.get());
    return reason;
  }
}
