/**
 * Measures what the library costs and how much it can take: {@link dev.ingest.bench.LoadTest} from
 * end to end and beside other programs, {@link dev.ingest.bench.JournalCost} the spool and the
 * journal. What is measured runs in processes of its own.
 */
@NullMarked
package dev.ingest.bench;

import org.jspecify.annotations.NullMarked;
