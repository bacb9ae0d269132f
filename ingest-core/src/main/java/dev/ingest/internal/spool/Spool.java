package dev.ingest.internal.spool;

import dev.ingest.internal.batch.Batch;
import dev.ingest.internal.batch.Rows;
import dev.ingest.internal.log.Log;
import dev.ingest.policy.JournalSync;
import dev.ingest.policy.Spooling;
import dev.ingest.record.JournalPosition;
import java.io.Closeable;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Path;
import java.util.BitSet;
import java.util.Collection;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Records on disk, in segments that are appended to, replayed from the oldest on, and removed when
 * all in them is settled.
 *
 * <p>A record is written once. As a journal, the spool gets every record before it waits in the
 * queue; a record that then cannot wait there, or that the sink does not take, is <em>deferred</em>
 * where it stands. Without a journal it is written when it is deferred. What is deferred is pending
 * until it is replayed.
 *
 * <p>All state is guarded by this object's lock, under which files are written. What is appended is
 * synced without it.
 */
public final class Spool implements Closeable {
  private static final Logger LOGGER = Log.of("dev.ingest.spool");

  /** Started by {@link #open(Spooling, int, Failures)} alone. */
  final @Nullable SyncThread syncThread;

  private final Disk disk;
  private final @Nullable JournalSync sync;
  private final Backlog backlog = new Backlog();
  private final Segments segments;
  final Appender appender;
  private final FailedSyncs failedSyncs;

  private List<String> recovered = List.of();
  private int tornLines;
  private boolean closed;

  private Spool(Disk disk, Spooling spooling, int receivers, Failures failures) {
    this.disk = disk;
    this.sync = spooling.journal().orElse(null);
    boolean synced = sync != null && sync != JournalSync.NEVER;
    this.failedSyncs = new FailedSyncs(synced ? failures.notJournaled() : unsynced -> {});
    this.syncThread =
        sync == JournalSync.EVERY_SECOND
            ? new SyncThread(this::syncFailed, failures.threadDied())
            : null;
    this.segments = new Segments(disk, synced, backlog);
    this.appender = new Appender(spooling, receivers, segments, syncThread, this::syncFailed);
  }

  /**
   * Who learns of failures that no call reports.
   *
   * @param threadDied called when the thread that syncs has died of what it could not handle
   * @param notJournaled called with the number of records that were in the journal, and are no more
   */
  public record Failures(Consumer<Throwable> threadDied, IntConsumer notJournaled) {}

  /**
   * Opens or makes a spool, and reads through what earlier runs left.
   *
   * @param receivers how many there are, each with a journal of its own if there is to be one
   * @throws IOException if the directory cannot be used; the message names it
   */
  public static Spool open(Spooling spooling, int receivers, Failures failures) throws IOException {
    Spool spool = open(DirectoryDisk.open(spooling.directory()), spooling, receivers, failures);
    if (spool.syncThread != null) {
      spool.syncThread.start();
    }
    return spool;
  }

  /** Opens a spool on a disk, which is closed with it. Its thread is not started. */
  static Spool open(Disk disk, Spooling spooling, int receivers, Failures failures)
      throws IOException {
    try {
      Spool spool = new Spool(disk, spooling, receivers, failures);
      spool.recover();
      return spool;
    } catch (Throwable t) {
      disk.close();
      throw t;
    }
  }

  private synchronized void recover() throws IOException {
    tornLines = segments.recover();
    if (sync != null && sync != JournalSync.NEVER) {
      syncToTheEnd(segments.all()); // an earlier run may have been killed before it did
    }
    recovered = segments.all().stream().map(Segment::name).toList();
    if (!backlog.isEmpty()) {
      LOGGER.log(
          Level.INFO,
          "the spool "
              + disk.path()
              + " holds "
              + unsettled()
              + " records of earlier runs, which are replayed");
    }
  }

  /** Returns the number of records that are here and not settled. */
  public synchronized long unsettled() {
    return segments.unsettled();
  }

  /** Returns the number of torn lines that were found at the start. */
  public synchronized int tornLines() {
    return tornLines;
  }

  /** Returns how many bytes of records there are, settled ones included. Never waits. */
  public long bytes() {
    return segments.bytes();
  }

  /** Returns where the spool is. */
  public Path path() {
    return disk.path();
  }

  /** Tells whether every record is written here before it is queued. */
  public boolean isJournaling() {
    return sync != null;
  }

  /** Returns the names of the segments that earlier runs left. */
  public Collection<String> recoveredSegments() {
    return recovered;
  }

  /**
   * Begins to write the rows of a batch that are not on disk yet. For a receiver, with the batch
   * that it fills, which must not change until the write has returned.
   *
   * @param receiver which one, from 0
   */
  public JournalWrite journalWrite(int receiver, Batch batch) {
    return new JournalWrite(this, appender.journal(receiver), batch);
  }

  synchronized Backlog.@Nullable Range append(Journal journal, Batch batch, int from, int to) {
    if (from == to || closed) {
      return null;
    }
    if (from == 0) {
      appender.sealIfFull(journal);
    } else if (!journal.continues(batch)) {
      return null; // another batch was deferred in between, after a write had failed
    }
    return appender.append(journal, batch, from, to);
  }

  /** Syncs a segment that was appended to, if its lines count as journaled only then. */
  void syncIfAlways(Segment segment) {
    if (sync == JournalSync.ALWAYS) {
      try {
        segment.sync();
      } catch (IOException e) {
        syncFailed(segment, e);
      }
    }
  }

  /** Keeps the rows of a batch, from one on, to be replayed; false if that failed. Any thread. */
  public synchronized boolean defer(Batch batch, int from) {
    int onDisk = Math.max(from, batch.onDisk());
    Backlog.Range rest = null;
    if (onDisk < batch.rows()) {
      Journal journal = appender.journal(0);
      appender.sealIfFull(journal);
      rest = closed ? null : appender.append(journal, batch, onDisk, batch.rows());
      if (rest == null) {
        return false;
      }
    }
    if (from < onDisk) {
      Segment segment = segments.at(batch.position(from).orElseThrow());
      if (segment != null) {
        backlog.add(Backlog.Range.of(segment, batch, from, onDisk));
      }
    }
    if (rest != null) {
      backlog.add(rest);
    }
    return true;
  }

  /** Seals the segments that are appended to; others begin when they are needed. */
  public synchronized void sealSegments() {
    appender.sealAll();
  }

  /** Marks rows as settled: stored, or dealt with in another way. Any thread. */
  public void settle(Rows rows) {
    int onDisk = rows.onDisk();
    if (onDisk > 0) {
      settle(rows.slice(0, onDisk).position().orElseThrow(), onDisk);
    }
  }

  /** Marks lines as settled. Any thread. */
  public void settle(JournalPosition first, int count) {
    Segment segment = mark(first, count);
    if (segment != null) {
      segments.save(segment); // without the lock, which a receiver may need
    }
  }

  /** Returns the segment whose notes are to be written; null if it is removed, or to be. */
  private synchronized @Nullable Segment mark(JournalPosition first, int count) {
    Segment segment = segments.at(first);
    if (segment == null) {
      return null;
    }
    segment.settle((int) first.line(), count);
    segment.cutOverhang();
    Journal journal = segment.isAllSettled() ? appender.journalOf(segment) : null;
    if (journal != null && !isJournaling()) {
      appender.seal(journal); // what is deferred next begins another one
    } else if (segment.isAllSettled() && journal == null) {
      segments.remove(segment);
    } else {
      return segment;
    }
    return null;
  }

  /** Marks the lines that the sink has stored in an earlier run; returns how many those are. */
  public synchronized int settleStored(String name, BitSet stored) {
    Segment segment = segments.get(name);
    if (segment == null) {
      return 0;
    }
    int more = segment.settle(stored);
    segments.save(segment);
    if (segment.isAllSettled() && appender.journalOf(segment) == null) {
      segments.remove(segment);
    }
    return more;
  }

  /** Returns the names of the segments that were removed since the last call. Never waits. */
  public List<String> takeRemoved() {
    return segments.takeRemoved();
  }

  /** Tells whether anything is pending. Never waits. */
  public boolean hasPending() {
    return !backlog.isEmpty();
  }

  /** Returns what is to be replayed next; null if nothing is. */
  public synchronized @Nullable PendingLines next() {
    return backlog.next();
  }

  /** Moves on past the first lines of what {@link #next} returned, which are settled. */
  public synchronized void advance(PendingLines pending, int lines, long bytes) {
    backlog.advance(pending, lines, bytes);
  }

  /** Discards the unreadable range that {@link #next} returned a part of; returns its records. */
  public synchronized int discard(PendingLines pending) {
    Segment segment = segments.get(pending.segment());
    Journal journal = segment == null ? null : appender.journalOf(segment);
    if (journal != null) {
      appender.seal(journal); // nor can it be appended to
    }
    return settleStored(pending.segment(), backlog.remove(pending));
  }

  /**
   * Reads the range that {@link #next} returned a part of again, since a line of it is not as it
   * was written. What is good of it, damaged or missing is pending by itself then.
   *
   * @return false if all of it is good
   * @throws IOException if the file cannot be opened
   */
  public synchronized boolean readAgain(PendingLines pending) throws IOException {
    List<LineRun> found = pending.of().scan(pending.lines());
    backlog.replace(pending, found);
    return !found.equals(List.of(pending.lines()));
  }

  /** Returns a reader of what is pending. */
  public SpoolReader reader() {
    return new SpoolReader(disk);
  }

  /** Returns the number of records that are not settled and whose file somebody has removed. */
  public synchronized int gone() {
    return segments.gone();
  }

  private void syncToTheEnd(Collection<Segment> all) {
    for (Segment segment : all) {
      try {
        segment.syncToTheEnd();
      } catch (IOException e) {
        syncFailed(segment, e);
      }
    }
  }

  private synchronized void syncFailed(Segment segment, IOException failure) {
    if (segments.get(segment.name()) != null) { // else all of it is settled
      appender.release(segment);
      failedSyncs.handle(segment, failure);
    }
  }

  /** Syncs what is left, and unlocks the directory. */
  @Override
  public void close() throws IOException {
    Collection<Segment> left;
    synchronized (this) {
      if (closed) {
        return;
      }
      closed = true;
      if (syncThread != null) {
        syncThread.end();
      }
      appender.sealAll();
      left = segments.all();
    }
    syncToTheEnd(left);
    synchronized (this) {
      left.forEach(segments::save);
      left.forEach(segments::close);
    }
    disk.close();
  }
}
