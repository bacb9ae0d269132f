package dev.ingest.examples;

import dev.ingest.source.Unwrap;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** What the JSON of a message comes in. */
enum Format {
  JSON,
  GZIP,
  ZLIB,
  SYSLOG;

  /** Returns what takes the JSON out of a datagram; null if nothing needs to. */
  @Nullable Supplier<Unwrap> ofDatagrams() {
    return switch (this) {
      case JSON -> null;
      case GZIP -> () -> Unwrap.gzip(Unwrap.MAX_BYTES);
      case ZLIB -> () -> Unwrap.zlib(Unwrap.MAX_BYTES);
      case SYSLOG -> Unwrap::syslog;
    };
  }

  /** Returns what takes the JSON out of a line; null if nothing needs to. */
  @Nullable Supplier<Unwrap> ofLines() {
    return this == SYSLOG ? Unwrap::syslog : null;
  }
}
