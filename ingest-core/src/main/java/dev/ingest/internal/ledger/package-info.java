/**
 * The accounts: counts what became of each message and each record, and gives consistent snapshots.
 * Any thread.
 */
@NullMarked
package dev.ingest.internal.ledger;

import org.jspecify.annotations.NullMarked;
