/**
 * Batches that cannot wait in memory, or must not be only there, come in; lines of files on disk go
 * out, to be read back by {@link dev.ingest.internal.spool.SpoolReader}. On the receiver threads
 * and the writer thread, on a thread that syncs the journal, and at the end on the closing thread.
 *
 * <p>What becomes of the files in a crash:
 *
 * <ul>
 *   <li>All that is asked of a disk goes through {@link dev.ingest.internal.spool.Disk}; the tests
 *       have one that is simulated, and cut off at every call.
 *   <li>A record is in the journal when its line is in the file, and at power loss when file and
 *       directory were synced since. After a sync that failed, only a new file proves that.
 *   <li>Each line carries its number and a checksum, {@link dev.ingest.internal.spool.LineCheck},
 *       and so does each note of what is settled. {@link dev.ingest.internal.spool.SegmentScan}
 *       finds what is good in a file.
 *   <li>A segment is removed before the notes on it, and the sink forgets it only when the removal
 *       is on the disk.
 * </ul>
 */
@NullMarked
package dev.ingest.internal.spool;

import org.jspecify.annotations.NullMarked;
