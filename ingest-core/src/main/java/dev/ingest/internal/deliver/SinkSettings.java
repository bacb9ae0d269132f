package dev.ingest.internal.deliver;

import dev.ingest.policy.RetryPolicy;
import dev.ingest.record.Schema;
import dev.ingest.sink.Sink;

/**
 * The sink, and how to deal with it.
 *
 * @param sink the writer's to open, write to and close
 * @param schema what the records look like
 * @param retryPolicy how often and after which pauses a failed write is tried again
 * @param startWithoutSink whether to open the sink again if that failed and a retry may help
 */
public record SinkSettings(
    Sink sink, Schema schema, RetryPolicy retryPolicy, boolean startWithoutSink) {}
