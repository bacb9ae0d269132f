/**
 * Messages from streams: TCP, with TLS or without, and Unix sockets. Connections come in, lines go
 * to the intake, on one thread for all connections of a source.
 */
@NullMarked
package dev.ingest.internal.receive.stream;

import org.jspecify.annotations.NullMarked;
