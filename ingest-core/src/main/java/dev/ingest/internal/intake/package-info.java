/**
 * Messages come in from a source, batches go out to the queue: decoded, journaled and counted. On
 * the receiver threads.
 */
@NullMarked
package dev.ingest.internal.intake;

import org.jspecify.annotations.NullMarked;
