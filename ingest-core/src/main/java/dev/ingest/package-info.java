/**
 * An ingest server to embed: messages of JSON are received, decoded against a schema, queued in
 * bounded memory, batched, and written through a {@linkplain dev.ingest.sink sink}; at exit, what
 * had arrived is written first, within the drain timeout.
 *
 * <pre>
 *             receiver threads                               writer thread
 * source --&gt; messages --&gt; columns of a RecordBatch --&gt; queue --&gt; Sink.write
 *     receive       intake, decode                batch       deliver
 *                       |      |                  ^   |         ^   |
 *                       |      v                  |   v         |   v
 *                       |      +---- journal, spool --+---------+   |
 *                       v                                           v
 *                    rejected ---------&gt; dead letters &lt;--------- refused
 * </pre>
 *
 * <p>{@link dev.ingest.IngestServer} is the whole of it; {@link dev.ingest.stats.IngestStats} tells
 * what became of every message and every record.
 */
@NullMarked
package dev.ingest;

import org.jspecify.annotations.NullMarked;
