/**
 * Where each record is now: {@link dev.ingest.internal.custody.Custody} moves records between the
 * queue, the spool and the accounts that they end in, on disk and in the ledger. On the receiver
 * threads and the writer thread, and at the end on the closing thread.
 */
@NullMarked
package dev.ingest.internal.custody;

import org.jspecify.annotations.NullMarked;
