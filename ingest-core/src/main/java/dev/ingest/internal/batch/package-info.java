/**
 * Decoded rows come in from a receiver; batches of them go out to the writer, and come back to be
 * filled again. Used on both threads: {@link dev.ingest.internal.batch.BatchQueue} is where they
 * meet.
 */
@NullMarked
package dev.ingest.internal.batch;

import org.jspecify.annotations.NullMarked;
