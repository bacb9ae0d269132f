/**
 * The accounts: the receiver and the writer report what became of each datagram and each record,
 * the server reads consistent snapshots. Any thread.
 */
@NullMarked
package dev.ingest.internal.ledger;

import org.jspecify.annotations.NullMarked;
