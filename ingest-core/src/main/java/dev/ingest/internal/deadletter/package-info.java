/**
 * What no sink will ever have comes in, with the reason: messages that were rejected, from the
 * receiver threads, and records that the sink refused, from the writer thread. Lines of a file go
 * out.
 */
@NullMarked
package dev.ingest.internal.deadletter;

import org.jspecify.annotations.NullMarked;
