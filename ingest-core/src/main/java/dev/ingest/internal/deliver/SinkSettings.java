package dev.ingest.internal.deliver;

import dev.ingest.policy.RetryPolicy;
import dev.ingest.record.Schema;
import dev.ingest.sink.Sink;
import java.util.function.Consumer;

/**
 * The sink, and how to deal with it.
 *
 * @param sink the writer's to open, write to and close
 * @param schema what the records look like
 * @param retryPolicy how often and after which pauses a failed write is tried again
 * @param startWithoutSink whether to open the sink again if that failed and a retry may help
 * @param failed called with what a call threw if a retry may help
 * @param works called when the sink, after that, is open or stores again
 */
public record SinkSettings(
    Sink sink,
    Schema schema,
    RetryPolicy retryPolicy,
    boolean startWithoutSink,
    Consumer<Throwable> failed,
    Runnable works) {}
