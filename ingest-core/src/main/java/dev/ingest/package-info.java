/**
 * An ingest server to embed: datagrams of JSON are received, decoded against a schema, queued in
 * bounded memory, batched, and written through a {@linkplain dev.ingest.sink sink}; at exit, all
 * that had arrived is written first.
 *
 * <pre>
 *            receiver thread                              writer thread
 * datagram --&gt; bytes --&gt; columns of a RecordBatch --&gt; queue --&gt; Sink.write
 *      receive      decode                        batch        deliver
 *                                                   |             ^
 *                                                   v             |
 *                                                   +--- spool ---+
 * </pre>
 *
 * <p>{@link dev.ingest.IngestServer} is the whole of it; {@link dev.ingest.IngestStats} tells what
 * became of every datagram and every record.
 */
@NullMarked
package dev.ingest;

import org.jspecify.annotations.NullMarked;
