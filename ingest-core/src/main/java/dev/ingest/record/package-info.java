/**
 * What a record is: the {@link dev.ingest.record.Schema} that messages are decoded against, and the
 * columnar {@link dev.ingest.record.RecordBatch} in which records travel from the receiver to the
 * sink.
 *
 * <p>Nothing here starts a thread or blocks.
 */
@NullMarked
package dev.ingest.record;

import org.jspecify.annotations.NullMarked;
