/**
 * How a server acts when things go wrong: when the queue is full ({@link
 * dev.ingest.policy.OverflowPolicy}), when a write fails ({@link dev.ingest.policy.RetryPolicy}),
 * and what it keeps on disk ({@link dev.ingest.policy.Spooling}, {@link
 * dev.ingest.policy.JournalSync}).
 *
 * <p>These are immutable values. Nothing here starts a thread or blocks.
 */
@NullMarked
package dev.ingest.policy;

import org.jspecify.annotations.NullMarked;
