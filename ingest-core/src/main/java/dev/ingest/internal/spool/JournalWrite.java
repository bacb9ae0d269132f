package dev.ingest.internal.spool;

import dev.ingest.internal.batch.Batch;
import org.jspecify.annotations.Nullable;

/**
 * One write of a receiver to its journal: of the rows that it has added to its batch since the last
 * one. The receiver may have another thread {@link #run} it, and need not wait for the return.
 */
public final class JournalWrite implements Runnable {
  private final Spool spool;
  private final Journal journal;
  private final Batch batch;
  private final int from;
  private final int to;
  private volatile Backlog.@Nullable Range place;
  private volatile boolean synced;

  JournalWrite(Spool spool, Journal journal, Batch batch) {
    this.spool = spool;
    this.journal = journal;
    this.batch = batch;
    this.from = batch.onDisk();
    this.to = batch.rows();
  }

  /** Appends the rows, and syncs them if that is always done. Blocks while the disk does. */
  @Override
  public void run() {
    Backlog.Range appended = spool.append(journal, batch, from, to);
    place = appended;
    if (appended != null) {
      spool.syncIfAlways(appended.segment());
      synced = true;
    }
  }

  /**
   * Sets in the batch what is on disk. For the receiver, when it waits no more.
   *
   * @return how many rows were appended, and not synced yet although they are to be
   */
  public int finish() {
    Backlog.Range appended = place;
    if (appended == null) {
      return 0;
    }
    int line = appended.lines().line() - from;
    long firstByte = from == 0 ? appended.lines().offset() : batch.firstLineOffset();
    batch.placed(appended.segment().name(), line, firstByte, to);
    return synced ? 0 : to - from;
  }
}
