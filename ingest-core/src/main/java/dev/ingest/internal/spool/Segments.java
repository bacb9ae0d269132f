package dev.ingest.internal.spool;

import dev.ingest.internal.log.Log;
import dev.ingest.internal.log.RateLimitedLog;
import dev.ingest.record.JournalPosition;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.jspecify.annotations.Nullable;

/**
 * The segments that are there, oldest first: made, found again by name, and removed. Guarded by the
 * spool's lock.
 */
final class Segments {
  private static final Logger LOGGER = Log.of("dev.ingest.spool");

  private final Disk disk;
  private final SegmentNames names;
  private final boolean synced;
  private final Backlog backlog;
  private final RateLimitedLog notesLog = new RateLimitedLog(LOGGER, Level.ERROR);
  private final Map<String, Segment> byName = new LinkedHashMap<>();
  private final Queue<String> removed = new ConcurrentLinkedQueue<>();

  /** Written under the lock, read without it. */
  private volatile long bytes;

  /**
   * Makes an account of no segments.
   *
   * @param synced whether the directory is synced each time a segment is made or removed
   * @param backlog forgets what is removed
   */
  Segments(Disk disk, boolean synced, Backlog backlog) {
    this.disk = disk;
    this.names = new SegmentNames(disk);
    this.synced = synced;
    this.backlog = backlog;
  }

  /**
   * Reads the segments that earlier runs left, adds what they hold to what is to be replayed, and
   * removes what a crash left of others.
   *
   * @return how many last lines a crash had torn
   */
  int recover() throws IOException {
    for (String name : names.foreign()) {
      LOGGER.log(
          Level.WARNING,
          "the file "
              + disk.path().resolve(name)
              + " is no segment of the spool, and is left alone: expected a name of 10 to 18 digits,"
              + " a hyphen and 16 hexadecimal digits");
    }
    for (String name : names.halfRewritten()) {
      disk.remove(name + SegmentNames.REWRITE_SUFFIX);
    }
    int torn = 0;
    for (String name : names.whole()) {
      Segment segment = Segment.found(disk, name);
      SegmentScan scan = segment.recover();
      byName.put(name, segment);
      grown(segment.bytes());
      scan.runs().forEach(run -> backlog.add(new Backlog.Range(segment, run)));
      torn += scan.isTorn() ? 1 : 0;
      logFaults(segment, scan);
      segment.cutOverhang(); // or the next start finds it again
      if (segment.isAllSettled()) {
        remove(segment);
      }
    }
    forgetHalfRemoved();
    return torn;
  }

  private void forgetHalfRemoved() throws IOException {
    List<String> rests = names.halfRemoved();
    if (synced && !rests.isEmpty()) {
      disk.sync(); // before the sink forgets what it has stored of them
    }
    for (String name : rests) {
      Segment.found(disk, name).delete();
      removed.add(name);
    }
  }

  private static void logFaults(Segment segment, SegmentScan scan) {
    if (scan.isTorn()) {
      LOGGER.log(
          Level.WARNING,
          "the last line of "
              + segment.file()
              + " was torn by a crash, and is cut off: the lines before it, "
              + segment.lines()
              + ", are counted as recovered");
    }
    if (scan.repaired() > 0) {
      LOGGER.log(
          Level.WARNING,
          "line ends were damaged in "
              + segment.file()
              + ", and are put right, with no loss: "
              + scan.repaired());
    }
    int bad =
        scan.runs().stream()
            .filter(run -> run.state() != LineRun.State.GOOD)
            .mapToInt(run -> segment.unsettled(run.line(), run.end()))
            .sum();
    if (bad > 0) {
      LOGGER.log(
          Level.ERROR,
          "the file "
              + segment.file()
              + " is damaged, and records in it that were not stored yet cannot be read: "
              + bad
              + ". What is left of them becomes dead letters; look after the disk");
    }
  }

  /** Makes an empty segment. */
  Segment create() throws IOException {
    Segment segment = Segment.create(disk, names.next());
    byName.put(segment.name(), segment);
    try {
      if (synced) {
        disk.sync();
      }
    } catch (IOException e) {
      remove(segment);
      throw e;
    }
    return segment;
  }

  /** Returns a segment; null if it was removed. */
  @Nullable Segment get(String name) {
    return byName.get(name);
  }

  /** Returns the segment where a record stands; null if it was removed. */
  @Nullable Segment at(JournalPosition position) {
    return byName.get(position.segment());
  }

  Collection<Segment> all() {
    return List.copyOf(byName.values());
  }

  /** Counts bytes that were appended. */
  void grown(long by) {
    long grown = bytes + by;
    bytes = grown;
  }

  /** Returns how many bytes of records there are. The lock is not needed. */
  long bytes() {
    return bytes;
  }

  /** Returns the number of records that are not settled. */
  long unsettled() {
    return byName.values().stream().mapToLong(Segment::unsettled).sum();
  }

  /** Returns the number of records that are not settled and whose file somebody has removed. */
  int gone() {
    return byName.values().stream().filter(Segments::isGone).mapToInt(Segment::unsettled).sum();
  }

  private static boolean isGone(Segment segment) {
    try {
      return !segment.exists();
    } catch (IOException e) {
      return false; // who knows
    }
  }

  /**
   * Removes a segment of which all is settled. If its files cannot be removed, that is logged, and
   * the next start tries again.
   */
  void remove(Segment segment) {
    byName.remove(segment.name());
    backlog.remove(segment);
    grown(-segment.bytes());
    try {
      segment.delete();
      if (synced) {
        disk.sync(); // before the sink forgets what it has stored of the segment
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

  /** Notes on disk what is settled of a segment. Any thread, the spool's lock is not needed. */
  void save(Segment segment) {
    try {
      segment.saveSettled();
    } catch (IOException e) {
      notesLog.event(
          () ->
              "cannot note in the spool "
                  + disk.path()
                  + " what is stored of "
                  + segment.name()
                  + ", which is tried again: "
                  + e.getMessage());
    }
  }

  /** Closes the files of a segment. */
  void close(Segment segment) {
    try {
      segment.close();
    } catch (IOException e) {
      LOGGER.log(Level.ERROR, "closing " + segment.file() + " failed", e);
    }
  }

  /** Returns the names of the segments that were removed since the last call. Needs no lock. */
  List<String> takeRemoved() {
    List<String> names = new ArrayList<>();
    for (String name = removed.poll(); name != null; name = removed.poll()) {
      names.add(name);
    }
    return names;
  }
}
