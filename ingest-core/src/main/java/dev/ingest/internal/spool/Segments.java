package dev.ingest.internal.spool;

import dev.ingest.internal.log.Log;
import dev.ingest.internal.log.RateLimitedLog;
import dev.ingest.record.JournalPosition;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The segments that are there, oldest first: made, found again by name, and removed. Guarded by the
 * spool's lock.
 */
final class Segments {
  private static final Logger LOGGER = Log.of("dev.ingest.spool");

  private final SpoolDirectory directory;
  private final boolean synced;
  private final Backlog backlog;
  private final RateLimitedLog notesLog = new RateLimitedLog(LOGGER, Level.ERROR);
  private final Map<String, Segment> byName = new LinkedHashMap<>();
  private final List<String> removed = new ArrayList<>();
  private long bytes;

  /**
   * Makes an account of no segments.
   *
   * @param synced whether the directory is synced each time a segment is made or removed
   * @param backlog forgets what is removed
   */
  Segments(SpoolDirectory directory, boolean synced, Backlog backlog) {
    this.directory = directory;
    this.synced = synced;
    this.backlog = backlog;
  }

  /** Reads the segments that earlier runs left, and removes what a crash left of others. */
  void recover() throws IOException {
    for (String name : directory.halfRemoved()) {
      Segment.removeRest(directory.path(), name);
      removed.add(name);
    }
    for (String name : directory.segments()) {
      Segment segment = Segment.recover(directory.path(), name);
      byName.put(name, segment);
      bytes += segment.bytes();
      if (segment.wasTorn()) {
        LOGGER.log(
            Level.WARNING,
            "the last line of "
                + segment.file()
                + " was torn by a crash, and is cut off: the other "
                + segment.lines()
                + " lines are whole");
      }
    }
  }

  /** Makes an empty segment. */
  Segment create() throws IOException {
    Segment segment = Segment.create(directory.path(), directory.nextSegment());
    byName.put(segment.name(), segment);
    try {
      if (synced) {
        directory.sync();
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
    bytes += by;
  }

  /** Returns how many bytes of records there are. */
  long bytes() {
    return bytes;
  }

  /** Returns the number of records that are not settled. */
  long unsettled() {
    return byName.values().stream().mapToLong(Segment::unsettled).sum();
  }

  /** Returns the number of records that are not settled and whose file somebody has removed. */
  int gone() {
    return byName.values().stream()
        .filter(segment -> Files.notExists(segment.file()))
        .mapToInt(Segment::unsettled)
        .sum();
  }

  /**
   * Removes a segment of which all is settled. If its files cannot be removed, that is logged, and
   * the next start tries again.
   */
  void remove(Segment segment) {
    byName.remove(segment.name());
    backlog.remove(segment);
    bytes -= segment.bytes();
    try {
      segment.delete();
      if (synced) {
        directory.sync(); // before the sink forgets what it has stored of the segment
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

  /** Notes on disk what is settled of a segment. */
  void save(Segment segment) {
    try {
      segment.saveSettled();
    } catch (IOException e) {
      notesLog.event(
          () ->
              "cannot note in the spool "
                  + directory.path()
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

  /** Returns the names of the segments that were removed since the last call. */
  List<String> takeRemoved() {
    List<String> names = List.copyOf(removed);
    removed.clear();
    return names;
  }
}
