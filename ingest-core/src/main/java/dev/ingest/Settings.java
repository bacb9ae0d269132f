package dev.ingest;

import dev.ingest.cleanup.CleanupRegistry;
import dev.ingest.record.Schema;
import dev.ingest.sink.Sink;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** Checked settings, as {@link IngestServerBuilder} describes them. */
record Settings(
    Schema schema,
    Sink sink,
    InetSocketAddress address,
    int receivers,
    int receiveBuffer,
    int maxDatagramSize,
    Predicate<? super InetSocketAddress> sourceFilter,
    int queueCapacity,
    int batchSize,
    OverflowPolicy overflowPolicy,
    RetryPolicy retryPolicy,
    @Nullable Path deadLetters,
    @Nullable Path spool,
    long spoolLimit,
    @Nullable JournalSync journal,
    boolean startWithoutSink,
    Duration drainTimeout,
    CleanupRegistry cleanupRegistry,
    Consumer<? super IngestStats> onClose) {}
