package dev.ingest.examples;

import dev.ingest.source.Unwrap;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** What the JSON of a message comes in. */
enum Format {
  JSON(null, null),
  GZIP(() -> Unwrap.gzip(Unwrap.MAX_BYTES), null),
  ZLIB(() -> Unwrap.zlib(Unwrap.MAX_BYTES), null),
  SYSLOG(Unwrap::syslog, Unwrap::syslog);

  private final @Nullable Supplier<Unwrap> ofDatagrams;
  private final @Nullable Supplier<Unwrap> ofLines;

  Format(@Nullable Supplier<Unwrap> ofDatagrams, @Nullable Supplier<Unwrap> ofLines) {
    this.ofDatagrams = ofDatagrams;
    this.ofLines = ofLines;
  }

  /** Returns what takes the JSON out of a datagram; null if nothing needs to. */
  @Nullable Supplier<Unwrap> ofDatagrams() {
    return ofDatagrams;
  }

  /** Returns what takes the JSON out of a line; null if nothing needs to. */
  @Nullable Supplier<Unwrap> ofLines() {
    return ofLines;
  }
}
