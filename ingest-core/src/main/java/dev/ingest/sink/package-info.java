/**
 * The SPI of sinks: where batches go. A host hands the server a {@link dev.ingest.sink.Sink}, or a
 * URI whose scheme names a {@link dev.ingest.sink.SinkProvider} found through {@link
 * java.util.ServiceLoader}.
 *
 * <p>Batches come in on the server's writer thread; nothing goes out but the normal return or the
 * exception that tells that they are not stored.
 */
@NullMarked
package dev.ingest.sink;

import org.jspecify.annotations.NullMarked;
