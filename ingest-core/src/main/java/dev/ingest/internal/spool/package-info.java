/**
 * Batches that cannot wait in memory, or must not be only there, come in; lines of files on disk go
 * out, to be read back by {@link dev.ingest.internal.spool.SpoolReader}. On the receiver threads
 * and the writer thread, on a thread that syncs the journal, and at the end on the closing thread.
 */
@NullMarked
package dev.ingest.internal.spool;

import org.jspecify.annotations.NullMarked;
