package dev.ingest;

import dev.ingest.policy.OverflowPolicy;
import dev.ingest.policy.Spooling;
import dev.ingest.sink.Sink;
import java.time.Duration;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The ranges and the defaults of settings, by themselves and together. */
final class SettingChecks {
  private SettingChecks() {}

  static int inRange(String setting, int value, int min, int max) {
    if (value < min || value > max) {
      throw new IllegalArgumentException(
          setting + " is " + value + ": expected " + min + " to " + max);
    }
    return value;
  }

  static long atLeast(String setting, long bytes, long min) {
    if (bytes < min) {
      throw new IllegalArgumentException(
          setting + " is " + bytes + ": expected at least " + min + " bytes");
    }
    return bytes;
  }

  static Duration upToOneDay(String setting, Duration value) {
    if (value.compareTo(Duration.ofMillis(1)) < 0 || value.compareTo(Duration.ofDays(1)) > 0) {
      throw new IllegalArgumentException(setting + " is " + value + ": expected 1 ms to 1 day");
    }
    return value;
  }

  static Duration upToOneSecond(String setting, Duration value) {
    if (value.isNegative() || value.compareTo(Duration.ofSeconds(1)) > 0) {
      throw new IllegalArgumentException(setting + " is " + value + ": expected 0 to 1 s");
    }
    return value;
  }

  static Sink sink(@Nullable Supplier<? extends Sink> set) {
    if (set == null) {
      throw new IllegalArgumentException(
          "sink is not set: expected a Sink or a URI such as sqlite:sensors.db, by sink(...)");
    }
    Sink made = set.get();
    if (made == null) {
      throw new IllegalArgumentException(
          "sink is null, as its supplier " + set + " returned it: expected a Sink");
    }
    return made;
  }

  static int batchSize(@Nullable Integer set, int queueCapacity) {
    int batch =
        set == null
            ? Math.max(1, Math.min(IngestServerBuilder.DEFAULT_BATCH_SIZE, queueCapacity / 4))
            : set;
    if (batch > queueCapacity) {
      throw new IllegalArgumentException(
          "batchSize is " + batch + ": expected at most queueCapacity, which is " + queueCapacity);
    }
    return batch;
  }

  static OverflowPolicy overflowPolicy(@Nullable OverflowPolicy set, @Nullable Spooling spooling) {
    if (set == null) {
      return spooling == null ? OverflowPolicy.BLOCK : OverflowPolicy.SPOOL;
    }
    if (set == OverflowPolicy.SPOOL && spooling == null) {
      throw new IllegalArgumentException(
          "overflowPolicy is " + set + ": expected a spool with it, by spool(...)");
    }
    return set;
  }
}
