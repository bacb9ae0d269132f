package dev.ingest.internal.log;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.function.Supplier;

/**
 * Logs one kind of event at most once in ten seconds, with the number of events since the last
 * line. The first event is logged at once. Any thread.
 */
public final class RateLimitedLog {
  private static final long INTERVAL_NANOS = Duration.ofSeconds(10).toNanos();

  private final Logger logger;
  private final Level level;
  private long unlogged;
  private long total;
  private long lastNanos;

  /** Logs to the given logger at the given level. */
  public RateLimitedLog(Logger logger, Level level) {
    this.logger = logger;
    this.level = level;
  }

  /** Counts an event, and logs the message if it is time. */
  public void event(Supplier<String> message) {
    events(1, message);
  }

  /** Counts events, and logs the message if it is time. */
  public void events(long count, Supplier<String> message) {
    long sinceLast;
    long all;
    synchronized (this) {
      long now = System.nanoTime();
      boolean first = total == 0;
      total += count;
      unlogged += count;
      if (!first && now - lastNanos < INTERVAL_NANOS) {
        return;
      }
      lastNanos = now;
      sinceLast = unlogged;
      all = total;
      unlogged = 0;
    }
    logger.log(
        level,
        () -> message.get() + " (" + sinceLast + " since the last such line, " + all + " in all)");
  }
}
