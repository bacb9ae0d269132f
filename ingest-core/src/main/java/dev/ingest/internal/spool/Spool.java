package dev.ingest.internal.spool;

import dev.ingest.internal.batch.Batch;
import dev.ingest.internal.batch.Rows;
import dev.ingest.internal.ledger.RateLimitedLog;
import dev.ingest.record.JournalPosition;
import java.io.Closeable;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
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
 * <p>A write that fails is not tried again for a second, in which everything takes the way that it
 * would take without a spool; so a full disk costs nobody time.
 *
 * <p>All state is guarded by this object's lock, under which files are written, but not synced.
 * Each receiver's journal is a segment of its own, to which it alone appends, so that the rows of
 * the batch that it fills stand on consecutive lines.
 */
public final class Spool implements Closeable {
  /** As a number of nanoseconds between two syncs: never, but for the end. */
  public static final long NO_SYNC = Long.MAX_VALUE;

  /** A segment that is so long gets no more lines. */
  static final int SEGMENT_BYTES = 16 << 20;

  /** Or one that is so great a part of the limit: only whole segments make room again. */
  private static final int LEAST_SEGMENTS = 4;

  private static final Logger LOGGER = System.getLogger("dev.ingest.spool");

  /** More than the longest line, which is a datagram's. */
  private static final int BUFFER_BYTES = 1 << 17;

  private static final long RETRY_NANOS = TimeUnit.SECONDS.toNanos(1);

  private final SpoolDirectory directory;
  private final long limit;
  private final long segmentBytes;
  private final boolean journaling;
  private final long syncNanos;
  private final RateLimitedLog failureLog = new RateLimitedLog(LOGGER, Level.ERROR);
  private final @Nullable SyncThread syncThread;

  private final Map<String, Segment> segments = new LinkedHashMap<>();
  private final Backlog backlog = new Backlog();
  private final List<String> removed = new ArrayList<>();

  /** The segments that are appended to: one for each journal, or one for all that is deferred. */
  private final @Nullable Segment[] active;

  /** Made once, so that a spool can be written when memory is what there is none of. */
  private final byte[] lines = new byte[BUFFER_BYTES];

  private long bytes;
  private long tornLines;
  private List<String> recovered = List.of();
  private boolean failing;
  private long failedAt;
  private boolean closed;

  private Spool(SpoolDirectory directory, long limit, int journals, long syncNanos) {
    this.directory = directory;
    this.limit = limit;
    this.journaling = journals > 0;
    this.active = new Segment[Math.max(1, journals)];
    this.segmentBytes = Math.min(SEGMENT_BYTES, limit / LEAST_SEGMENTS / active.length);
    this.syncNanos = syncNanos;
    this.syncThread =
        syncNanos > 0 && syncNanos < NO_SYNC ? new SyncThread(syncNanos, this::syncFailed) : null;
  }

  /**
   * Opens or makes a spool, and reads through what earlier runs left.
   *
   * @param limit the most bytes of records
   * @param journals for how many receivers {@link #journal} is going to be called; 0 if it is not
   * @param syncNanos how long records may be unsynced; 0 to sync each time before going on
   * @throws IOException if the directory cannot be used; the message names it
   */
  public static Spool open(Path path, long limit, int journals, long syncNanos) throws IOException {
    SpoolDirectory directory = SpoolDirectory.open(path);
    Spool spool = new Spool(directory, limit, journals, syncNanos);
    try {
      spool.recover();
    } catch (Throwable t) {
      directory.close();
      throw t;
    }
    if (spool.syncThread != null) {
      spool.syncThread.start();
    }
    return spool;
  }

  private synchronized void recover() throws IOException {
    for (String name : directory.halfRemoved()) {
      Segment.removeRest(directory.path(), name);
      removed.add(name);
    }
    for (String name : directory.segments()) {
      Segment segment = Segment.recover(directory.path(), name);
      segments.put(name, segment);
      bytes += segment.bytes();
      if (segment.wasTorn()) {
        tornLines++;
        LOGGER.log(
            Level.WARNING,
            "the last line of "
                + segment.file()
                + " was torn by a crash, and is cut off: the other "
                + segment.lines()
                + " lines are whole");
      }
      if (segment.isAllSettled()) {
        remove(segment);
      } else {
        backlog.add(new Backlog.Range(segment, 0, 0, segment.lines()));
      }
    }
    recovered = List.copyOf(segments.keySet());
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

  /** The number of records that are here and not settled. */
  public synchronized long unsettled() {
    return segments.values().stream().mapToLong(Segment::unsettled).sum();
  }

  /** The number of torn lines that were found at the start. */
  public synchronized long tornLines() {
    return tornLines;
  }

  /** Where the spool is. */
  public Path path() {
    return directory.path();
  }

  /** Whether every record is written here before it is queued. */
  public boolean isJournaling() {
    return journaling;
  }

  /** The segments that earlier runs left. */
  public Collection<String> recoveredSegments() {
    return recovered;
  }

  /**
   * Writes the rows of a batch that are not on disk yet. Those that cannot be written are told by
   * {@link Batch#onDisk}. A receiver's, for the batch that it fills.
   *
   * @param receiver which one, from 0
   */
  public void journal(int receiver, Batch batch) {
    Segment segment = append(receiver, batch);
    if (segment != null && syncNanos == 0) {
      sync(segment);
    }
  }

  private synchronized @Nullable Segment append(int journal, Batch batch) {
    int from = batch.onDisk();
    int to = batch.rows();
    if (from == to) {
      return null;
    }
    if (from == 0) {
      Backlog.Range place = write(journal, batch, 0, to, true);
      if (place == null) {
        return null;
      }
      batch.placed(place.segment().name(), place.line(), place.offset(), to);
      return place.segment();
    }
    JournalPosition last = batch.position(from - 1).orElseThrow();
    Segment current = active[journal];
    if (current == null
        || !current.name().equals(last.segment())
        || current.lines() != last.line() + 1) {
      return null; // somebody deferred another batch in between, after a write had failed
    }
    Backlog.Range place = write(journal, batch, from, to, false);
    if (place == null) {
      return null;
    }
    batch.placed(last.segment(), last.line() + 1 - from, batch.lineOffset(0), to);
    return place.segment();
  }

  /**
   * Keeps the rows of a batch, from one on, to be replayed. Any thread.
   *
   * @return false if writing them failed, which is logged
   */
  public synchronized boolean defer(Batch batch, int from) {
    int rows = batch.rows();
    int onDisk = Math.max(from, batch.onDisk());
    Backlog.Range rest = null;
    if (onDisk < rows) {
      rest = write(0, batch, onDisk, rows, true);
      if (rest == null) {
        return false;
      }
    }
    if (from < onDisk) {
      JournalPosition first = batch.position(from).orElseThrow();
      Segment segment = segments.get(first.segment());
      if (segment != null) {
        backlog.add(
            new Backlog.Range(segment, (int) first.line(), batch.lineOffset(from), onDisk - from));
      }
    }
    if (rest != null) {
      backlog.add(rest);
    }
    return true;
  }

  /** Appends rows; null if that failed, which is logged. */
  private Backlog.@Nullable Range write(
      int journal, Batch batch, int from, int to, boolean mayRoll) {
    if (closed || (failing && System.nanoTime() - failedAt < RETRY_NANOS)) {
      return null;
    }
    int length = batch.lineBytes(from, to);
    try {
      if (bytes + length > limit) {
        throw new IOException(
            "it holds "
                + bytes
                + " bytes and its limit is "
                + limit
                + ": raise spoolLimit(), or make the sink faster");
      }
      Segment segment = active(journal, mayRoll);
      Backlog.Range place = new Backlog.Range(segment, segment.lines(), segment.bytes(), to - from);
      segment.append(batch, from, to, lines);
      bytes += length;
      if (syncThread != null) {
        syncThread.add(segment);
      }
      if (failing) {
        failing = false;
        LOGGER.log(Level.INFO, "the spool " + path() + " can be written again");
      }
      return place;
    } catch (IOException e) {
      failing = true;
      failedAt = System.nanoTime();
      seal(); // it can be removed as soon as all in it is stored, which makes room
      failureLog.event(
          1,
          () ->
              "cannot write to the spool "
                  + path()
                  + ": "
                  + e.getMessage()
                  + "; records take the way that they would take without a spool");
      return null;
    }
  }

  private Segment active(int journal, boolean mayRoll) throws IOException {
    Segment segment = active[journal];
    if (segment != null && mayRoll && segment.bytes() >= segmentBytes) {
      seal(segment);
      segment = null;
    }
    if (segment == null) {
      segment = Segment.create(directory.path(), directory.nextSegment());
      segments.put(segment.name(), segment);
      active[journal] = segment;
      if (syncNanos < NO_SYNC) {
        directory.sync();
      }
    }
    return segment;
  }

  /** Ends the segments that are appended to; next ones begin when they are needed. */
  public synchronized void seal() {
    for (Segment segment : active) {
      if (segment != null) {
        seal(segment);
      }
    }
  }

  private boolean isActive(Segment segment) {
    return Arrays.asList(active).contains(segment);
  }

  private void deactivate(Segment segment) {
    Arrays.setAll(active, i -> active[i] == segment ? null : active[i]);
  }

  private void seal(Segment segment) {
    deactivate(segment);
    if (segment.isAllSettled()) {
      remove(segment);
    } else {
      try {
        segment.seal(syncThread != null);
      } catch (IOException e) {
        LOGGER.log(Level.ERROR, "closing " + segment.file() + " failed", e);
      }
    }
  }

  /** Says that rows are settled: stored, or dealt with in another way. Any thread. */
  public void settle(Rows rows) {
    int onDisk = rows.onDisk();
    if (onDisk > 0) {
      settle(rows.slice(0, onDisk).position().orElseThrow(), onDisk);
    }
  }

  synchronized void settle(JournalPosition first, int count) {
    Segment segment = segments.get(first.segment());
    if (segment == null) {
      return;
    }
    segment.settle((int) first.line(), count);
    if (segment.isAllSettled() && (!journaling || !isActive(segment))) {
      deactivate(segment);
      remove(segment);
    } else {
      save(segment);
    }
  }

  /** Says which lines of a segment the sink has stored in an earlier run; gives their number. */
  public synchronized int settleStored(String name, BitSet stored) {
    Segment segment = segments.get(name);
    if (segment == null) {
      return 0;
    }
    int more = segment.settle(stored);
    save(segment);
    if (segment.isAllSettled() && !isActive(segment)) {
      remove(segment);
    }
    return more;
  }

  /** The segments that were removed since the last call. */
  public synchronized List<String> takeRemoved() {
    List<String> names = List.copyOf(removed);
    removed.clear();
    return names;
  }

  /** Whether anything is to be replayed. */
  public synchronized boolean hasPending() {
    return !backlog.isEmpty();
  }

  /** What is to be replayed next; null if nothing is. */
  synchronized @Nullable Stretch next() {
    return backlog.next();
  }

  /** Says that the first lines of what {@link #next} gave are settled. */
  synchronized void passed(Stretch stretch, int lines, long bytes) {
    backlog.passed(stretch, lines, bytes);
  }

  /**
   * Gives up what {@link #next} gave, since it cannot be read back; gives the number of records.
   */
  synchronized int giveUp(Stretch stretch) {
    Segment segment = segments.get(stretch.segment());
    if (segment != null && isActive(segment)) {
      seal(segment); // nor can it be appended to
    }
    return settleStored(stretch.segment(), backlog.remove(stretch));
  }

  /** The number of records that are not settled and whose file somebody has removed. */
  public synchronized int gone() {
    return segments.values().stream()
        .filter(segment -> Files.notExists(segment.file()))
        .mapToInt(Segment::unsettled)
        .sum();
  }

  private void save(Segment segment) {
    try {
      segment.saveSettled();
    } catch (IOException e) {
      failureLog.event(
          1,
          () ->
              "cannot write down in the spool "
                  + path()
                  + " what is stored of "
                  + segment.name()
                  + ", which is tried again: "
                  + e.getMessage());
    }
  }

  private void remove(Segment segment) {
    segments.remove(segment.name());
    backlog.remove(segment);
    bytes -= segment.bytes();
    try {
      segment.delete();
      if (syncNanos < NO_SYNC) {
        directory.sync(); // before the sink forgets what it has stored of it
      }
      removed.add(segment.name());
    } catch (IOException e) {
      LOGGER.log(
          Level.ERROR,
          "cannot remove "
              + segment.file()
              + ", of which all is stored; the next start tries again: "
              + e);
      save(segment);
      close(segment);
    }
  }

  private void sync(Segment segment) {
    try {
      segment.sync();
    } catch (IOException e) {
      syncFailed(segment, e);
    }
  }

  private void syncFailed(Segment segment, IOException e) {
    failureLog.event(1, () -> "cannot sync " + segment.file() + " to disk: " + e.getMessage());
  }

  private void close(Segment segment) {
    try {
      segment.close();
    } catch (IOException e) {
      LOGGER.log(Level.ERROR, "closing " + segment.file() + " failed", e);
    }
  }

  /** Syncs what is left, and gives the directory free. */
  @Override
  public void close() throws IOException {
    List<Segment> left;
    synchronized (this) {
      if (closed) {
        return;
      }
      closed = true;
      if (syncThread != null) {
        syncThread.end();
      }
      for (Segment last : active) {
        if (last != null && last.isAllSettled()) {
          remove(last);
        }
      }
      Arrays.fill(active, null);
      left = List.copyOf(segments.values());
    }
    for (Segment segment : left) {
      try {
        segment.syncToTheEnd();
      } catch (IOException e) {
        syncFailed(segment, e);
      }
    }
    synchronized (this) {
      left.forEach(this::save);
      left.forEach(this::close);
    }
    directory.close();
  }
}
