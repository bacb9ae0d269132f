package dev.ingest.internal.server;

import dev.ingest.internal.ledger.Levels;
import dev.ingest.policy.OverflowPolicy;
import dev.ingest.policy.RejectUnit;
import dev.ingest.policy.RetryPolicy;
import dev.ingest.policy.Spooling;
import dev.ingest.record.Schema;
import dev.ingest.sink.Sink;
import dev.ingest.source.Source;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.OptionalLong;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Checked settings, as the builder of the server describes them. */
public record Settings(
    Schema schema,
    Sink sink,
    List<Source> sources,
    int queueCapacity,
    int batchSize,
    OverflowPolicy overflowPolicy,
    RetryPolicy retryPolicy,
    RejectUnit rejectUnit,
    @Nullable Path deadLetters,
    long deadLetterLimit,
    @Nullable Spooling spooling,
    boolean startWithoutSink,
    Duration linger,
    Duration drainTimeout) {

  /** Returns the number of receivers of all sources. */
  int receivers() {
    return sources.stream().mapToInt(Source::receivers).sum();
  }

  /** Returns what a snapshot shows beside the accounts before the start. */
  public Levels levels() {
    return new Levels(OptionalLong.empty(), queueCapacity, 0, 0);
  }

  /** Returns the sources for messages. */
  public String sourcesText() {
    return sources.stream().map(Source::toString).collect(Collectors.joining(", "));
  }
}
