package dev.ingest.examples;

import dev.ingest.IngestServerBuilder;
import dev.ingest.policy.JournalSync;
import dev.ingest.policy.OverflowPolicy;
import dev.ingest.policy.Spooling;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options that say where records go, and what happens to those that cannot go there. */
final class StorageOptions {
  @Option(
      names = "--sink",
      paramLabel = "URI",
      defaultValue = "sqlite:sensors.db",
      description =
          "Where to store, such as sqlite:FILE?synchronous=full,"
              + " jdbc:postgresql://HOST/DATABASE?user=NAME&password=file:FILE or"
              + " kafka:HOST:PORT/TOPIC.")
  private String sink = "";

  @Option(
      names = "--dead-letters",
      paramLabel = "FILE",
      description = "Where to put what cannot be stored, with the reason.")
  private @Nullable Path deadLetters;

  @Option(
      names = "--dead-letter-limit",
      paramLabel = "BYTES",
      description =
          "How long that file, and the one before it, may get; "
              + IngestServerBuilder.DEFAULT_DEAD_LETTER_LIMIT
              + " if left out.")
  private @Nullable Long deadLetterLimit;

  @Option(
      names = "--spool",
      paramLabel = "DIR",
      description = "Where to keep on disk what would be lost otherwise.")
  private @Nullable Path spool;

  @Option(
      names = "--spool-limit",
      paramLabel = "BYTES",
      description = "How much the spool may hold; " + Spooling.DEFAULT_LIMIT + " if left out.")
  private @Nullable Long spoolLimit;

  @Option(
      names = "--journal",
      description = "Write everything to the spool first, against kill -9.")
  private boolean journal;

  @Option(
      names = "--journal-sync",
      paramLabel = "WHEN",
      arity = "0..1",
      fallbackValue = "ALWAYS",
      description =
          "Like --journal, and also say how often it is synced to disk, against power loss:"
              + " ${COMPLETION-CANDIDATES}; ${FALLBACK-VALUE} if WHEN is left out. NEVER is the same"
              + " as --journal.")
  private @Nullable JournalSync journalSync;

  @Option(
      names = "--start-without-sink",
      description = "Receive before the sink could be opened; needs --spool to lose nothing.")
  private boolean startWithoutSink;

  @Option(
      names = "--queue-capacity",
      paramLabel = "RECORDS",
      defaultValue = "65536",
      description = "How many records may wait in memory.")
  private int queueCapacity;

  @Option(
      names = "--overflow",
      paramLabel = "POLICY",
      description =
          "What happens to records that find no room in memory: ${COMPLETION-CANDIDATES}; SPOOL"
              + " with --spool, else BLOCK, if it is left out.")
  private @Nullable OverflowPolicy overflow;

  @Option(
      names = "--linger",
      paramLabel = "MILLISECONDS",
      defaultValue = "2",
      description =
          "How much time is at least between two batches that are not full: more of it takes less"
              + " processor time at low rates.")
  private double linger;

  @Option(
      names = "--drain-timeout",
      paramLabel = "SECONDS",
      defaultValue = "8",
      description = "How long storing the rest may take at the end.")
  private double drainTimeout;

  StorageOptions() {}

  /** Returns the URI of the sink. */
  String sink() {
    return sink;
  }

  /** Returns the file of what cannot be stored; null if there is none. */
  @Nullable Path deadLetters() {
    return deadLetters;
  }

  /** Tells whether the server may receive before the sink could be opened. */
  boolean startsWithoutSink() {
    return startWithoutSink;
  }

  /** Sets what is stored where. */
  void addTo(IngestServerBuilder builder) {
    builder
        .sink(sink)
        .queueCapacity(queueCapacity)
        .startWithoutSink(startWithoutSink)
        .linger(Duration.ofNanos((long) (linger * 1e6)))
        .drainTimeout(Duration.ofNanos((long) (drainTimeout * 1e9)));
    setDeadLetters(builder);
    spooling().ifPresent(builder::spool);
    if (overflow != null) {
      builder.overflowPolicy(overflow);
    }
  }

  private void setDeadLetters(IngestServerBuilder builder) {
    if (deadLetters != null) {
      builder.deadLetters(deadLetters);
    }
    if (deadLetterLimit != null) {
      if (deadLetters == null && spool == null) {
        throw new IllegalArgumentException(
            "--dead-letter-limit needs dead letters: add --dead-letters FILE");
      }
      builder.deadLetterLimit(deadLetterLimit);
    }
  }

  private Optional<Spooling> spooling() {
    JournalSync sync = journalSync != null ? journalSync : journal ? JournalSync.NEVER : null;
    if (spool == null) {
      if (sync != null) {
        throw needsSpool(journalSync != null ? "--journal-sync" : "--journal");
      }
      if (overflow == OverflowPolicy.SPOOL) {
        throw needsSpool("--overflow SPOOL");
      }
      if (spoolLimit != null) {
        throw needsSpool("--spool-limit");
      }
      return Optional.empty();
    }
    Spooling spooling = Spooling.in(spool);
    if (spoolLimit != null) {
      spooling = spooling.limit(spoolLimit);
    }
    return Optional.of(sync == null ? spooling : spooling.journal(sync));
  }

  private static IllegalArgumentException needsSpool(String option) {
    return new IllegalArgumentException(option + " needs a spool: add --spool DIR");
  }
}
