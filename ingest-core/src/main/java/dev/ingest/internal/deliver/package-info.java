/**
 * Batches come in from the queue and from the spool, calls of {@link dev.ingest.sink.Sink#write} go
 * out. On the writer thread.
 */
@NullMarked
package dev.ingest.internal.deliver;

import org.jspecify.annotations.NullMarked;
