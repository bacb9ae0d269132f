/**
 * Datagrams come in from the kernel, filled batches go out to the queue. On the receiver threads.
 */
@NullMarked
package dev.ingest.internal.receive;

import org.jspecify.annotations.NullMarked;
