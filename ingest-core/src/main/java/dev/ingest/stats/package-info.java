/**
 * What became of everything that arrived: the ledger as {@link dev.ingest.stats.IngestStats}, with
 * the reasons for what was not stored.
 *
 * <p>Nothing here starts a thread or blocks.
 */
@NullMarked
package dev.ingest.stats;

import org.jspecify.annotations.NullMarked;
