package dev.ingest.internal.spool;

import dev.ingest.internal.batch.Batch;
import dev.ingest.internal.batch.Rows;
import dev.ingest.internal.log.Log;
import dev.ingest.internal.log.RateLimitedLog;
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

  private final SpoolDirectory directory;
  private final @Nullable JournalSync sync;
  private final @Nullable SyncThread syncThread;
  private final Backlog backlog = new Backlog();
  private final Segments segments;
  private final Appender appender;
  private final RateLimitedLog syncLog = new RateLimitedLog(LOGGER, Level.ERROR);

  private List<String> recovered = List.of();
  private long tornLines;
  private boolean closed;

  private Spool(
      SpoolDirectory directory, Spooling spooling, int receivers, Consumer<Throwable> failed) {
    this.directory = directory;
    this.sync = spooling.journal().orElse(null);
    this.syncThread =
        sync == JournalSync.EVERY_SECOND ? new SyncThread(this::syncFailed, failed) : null;
    this.segments = new Segments(directory, sync != null && sync != JournalSync.NEVER, backlog);
    this.appender = new Appender(spooling, receivers, segments, syncThread);
  }

  /**
   * Opens or makes a spool, and reads through what earlier runs left.
   *
   * @param receivers how many there are, each with a journal of its own if there is to be one
   * @param failed called when the thread that syncs has died of what it could not handle
   * @throws IOException if the directory cannot be used; the message names it
   */
  public static Spool open(Spooling spooling, int receivers, Consumer<Throwable> failed)
      throws IOException {
    SpoolDirectory directory = SpoolDirectory.open(spooling.directory());
    try {
      Spool spool = new Spool(directory, spooling, receivers, failed);
      spool.recover();
      if (spool.syncThread != null) {
        spool.syncThread.start();
      }
      return spool;
    } catch (Throwable t) {
      directory.close();
      throw t;
    }
  }

  private synchronized void recover() throws IOException {
    segments.recover();
    for (Segment segment : segments.all()) {
      tornLines += segment.wasTorn() ? 1 : 0;
      if (segment.isAllSettled()) {
        segments.remove(segment);
      } else {
        backlog.add(new Backlog.Range(segment, 0, 0, segment.lines()));
      }
    }
    recovered = segments.all().stream().map(Segment::name).toList();
    if (!backlog.isEmpty()) {
      LOGGER.log(
          Level.INFO,
          "the spool "
              + directory.path()
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
  public synchronized long tornLines() {
    return tornLines;
  }

  /** Returns where the spool is. */
  public Path path() {
    return directory.path();
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
   * Writes the rows of a batch that are not on disk yet. Afterwards {@link Batch#onDisk} tells how
   * many are. For a receiver, with the batch that it fills.
   *
   * @param receiver which one, from 0
   */
  public void journal(int receiver, Batch batch) {
    Segment segment = append(appender.journal(receiver), batch);
    if (segment != null && sync == JournalSync.ALWAYS) {
      try {
        segment.sync();
      } catch (IOException e) {
        syncFailed(segment, e);
      }
    }
  }

  private synchronized @Nullable Segment append(Journal journal, Batch batch) {
    int from = batch.onDisk();
    int to = batch.rows();
    if (from == to || closed) {
      return null;
    }
    if (from == 0) {
      appender.sealIfFull(journal);
    } else if (!journal.continues(batch)) {
      return null; // another batch was deferred in between, after a write had failed
    }
    Backlog.Range place = appender.append(journal, batch, from, to);
    if (place == null) {
      return null;
    }
    long firstByte = from == 0 ? place.offset() : batch.firstLineOffset();
    batch.placed(place.segment().name(), place.line() - from, firstByte, to);
    return place.segment();
  }

  /**
   * Keeps the rows of a batch, from one on, to be replayed. Any thread.
   *
   * @return false if writing them failed, which is logged
   */
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
      JournalPosition first = batch.position(from).orElseThrow();
      Segment segment = segments.at(first);
      if (segment != null) {
        long offset = RecordLines.offset(batch, from);
        backlog.add(new Backlog.Range(segment, (int) first.line(), offset, onDisk - from));
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
  public synchronized void settle(JournalPosition first, int count) {
    Segment segment = segments.at(first);
    if (segment == null) {
      return;
    }
    segment.settle((int) first.line(), count);
    Journal journal = segment.isAllSettled() ? appender.journalOf(segment) : null;
    if (journal != null && !isJournaling()) {
      appender.seal(journal); // what is deferred next begins another one
    } else if (segment.isAllSettled() && journal == null) {
      segments.remove(segment);
    } else {
      segments.save(segment);
    }
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

  /** Returns the names of the segments that were removed since the last call. */
  public synchronized List<String> takeRemoved() {
    return segments.takeRemoved();
  }

  /** Tells whether anything is pending. */
  public synchronized boolean hasPending() {
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

  /**
   * Discards the range that {@link #next} returned a part of, since it cannot be read back; returns
   * the number of its records.
   */
  public synchronized int discard(PendingLines pending) {
    Segment segment = segments.get(pending.segment());
    Journal journal = segment == null ? null : appender.journalOf(segment);
    if (journal != null) {
      appender.seal(journal); // nor can it be appended to
    }
    return settleStored(pending.segment(), backlog.remove(pending));
  }

  /** Returns the number of records that are not settled and whose file somebody has removed. */
  public synchronized int gone() {
    return segments.gone();
  }

  private void syncFailed(Segment segment, IOException e) {
    syncLog.event(() -> "cannot sync " + segment.file() + " to disk: " + e.getMessage());
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
    for (Segment segment : left) {
      try {
        segment.syncToTheEnd();
      } catch (IOException e) {
        syncFailed(segment, e);
      }
    }
    synchronized (this) {
      left.forEach(segments::save);
      left.forEach(segments::close);
    }
    directory.close();
  }
}
