/**
 * Where messages come from: what a host sets of each source. {@link dev.ingest.source.Udp}, {@link
 * dev.ingest.source.Tcp} or {@link dev.ingest.source.Unix}.
 *
 * <p>These are immutable values. Nothing here opens a socket, starts a thread or blocks, but for
 * the look-up of a host name.
 */
@NullMarked
package dev.ingest.source;

import org.jspecify.annotations.NullMarked;
