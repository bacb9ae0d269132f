/**
 * What a server consists of, wired ({@link dev.ingest.internal.server.Pipeline}). On the threads of
 * the host that start and close it; the stages run on threads of their own, which are made here.
 */
@NullMarked
package dev.ingest.internal.server;

import org.jspecify.annotations.NullMarked;
