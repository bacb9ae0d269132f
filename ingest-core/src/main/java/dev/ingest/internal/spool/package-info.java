/**
 * Batches that cannot wait in memory, or must not be only there, come in; lines of files on disk go
 * out, and come back as batches. On the receiver thread and the writer thread.
 */
@NullMarked
package dev.ingest.internal.spool;

import org.jspecify.annotations.NullMarked;
