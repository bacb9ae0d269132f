/**
 * Datagrams come in from the kernel, messages go out to an intake for each receiver. On the
 * receiver threads.
 */
@NullMarked
package dev.ingest.internal.receive.udp;

import org.jspecify.annotations.NullMarked;
