/**
 * What the library costs, and what it bears: {@link dev.ingest.examples.load.LoadTest} from end to
 * end and beside other programs, {@link dev.ingest.examples.load.JournalCost} for the spool and the
 * journal. What is measured runs in processes of its own.
 */
@NullMarked
package dev.ingest.examples.load;

import org.jspecify.annotations.NullMarked;
