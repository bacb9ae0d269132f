package dev.ingest.internal.spool;

import dev.ingest.internal.batch.Batch;
import dev.ingest.internal.file.FileRefusedException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.BitSet;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A file with one record a line, and which of its lines are settled: stored, or dealt with in
 * another way, so that nobody has to read them again.
 *
 * <p>Only the process that made a segment appends to it. Guarded by the spool's lock, {@link #sync}
 * and {@link #saveSettled} excepted.
 */
final class Segment {
  private static final int BLOCK_BYTES = 1 << 16;

  private final Disk disk;
  private final String name;
  private final String fileName;
  private final int salt;
  private final SettledLines settled;
  private volatile int lines;
  private long bytes;

  /** The number of lines, from the first, that are on the disk for all that is known. */
  private volatile int synced;

  /** Half-written lines stand beyond the end, and could not be cut off. */
  private boolean overhanging;

  /** Lines were cut off that a power loss may bring back until the next sync. */
  private boolean cut;

  private volatile @Nullable DiskFile out;
  private volatile boolean sealed;

  private Segment(Disk disk, String name) {
    this.disk = disk;
    this.name = name;
    this.fileName = name + SegmentNames.FILE_SUFFIX;
    this.salt = SegmentNames.salt(name);
    this.settled = new SettledLines(disk, name);
  }

  /** Makes an empty segment. */
  static Segment create(Disk disk, String name) throws IOException {
    Segment segment = new Segment(disk, name);
    segment.out = disk.create(segment.fileName);
    return segment;
  }

  /**
   * Returns a segment that an earlier run left, to be read by {@link #recover}. Nothing is appended
   * to it.
   */
  static Segment found(Disk disk, String name) {
    return new Segment(disk, name);
  }

  /**
   * Reads what an earlier run left. A last line that a crash has torn is cut off.
   *
   * @return what the file holds
   * @throws IOException if the file cannot be opened
   */
  SegmentScan recover() throws IOException {
    try (DiskFile file = disk.open(fileName)) {
      SegmentScan scan = SegmentScan.all(file, salt);
      lines = scan.lines();
      bytes = scan.end();
      overhanging = scan.isTorn();
      settled.read(lines);
      return scan;
    } catch (FileRefusedException e) {
      throw e;
    } catch (IOException e) {
      throw new IOException(
          "cannot read what an earlier run left in the spool, "
              + file()
              + ": "
              + e
              + "; expected a file that can be read and written",
          e);
    }
  }

  /**
   * Reads a part again, where a line was not as it was written.
   *
   * @param expected lines that were appended
   */
  List<LineRun> scan(LineRun expected) throws IOException {
    try (DiskFile file = disk.open(fileName)) {
      return SegmentScan.part(file, salt, expected).runs();
    }
  }

  /**
   * Appends rows as lines, all or none.
   *
   * @throws IOException if they cannot be written, for want of room, say
   */
  void append(Batch batch, int from, int to, RecordLines format) throws IOException {
    DiskFile file = out;
    if (file == null) {
      throw new IOException("the segment " + name + " is sealed");
    }
    int end = lines + to - from;
    try {
      format.write(batch, from, to, this, file);
    } catch (IOException e) {
      overhanging = true;
      cut = true;
      cutOverhang();
      throw e;
    }
    bytes += RecordLines.length(batch, from, to);
    lines = end;
  }

  /** Cuts off what stands beyond the end, if that has failed so far. */
  void cutOverhang() {
    if (overhanging) {
      try (DiskFile file = disk.open(fileName)) {
        file.truncate(bytes);
        overhanging = false;
      } catch (IOException e) {
        // Tried again the next time, and at the next start.
      }
    }
  }

  /**
   * Tells whether half-written lines were cut off, which go on without a position: they must not
   * come back, so the next sync has no time to wait.
   */
  boolean wasCut() {
    return cut;
  }

  /**
   * Waits until what was appended is on the disk. Closes the file if it is sealed. Any thread, the
   * spool's lock is not needed.
   */
  void sync() throws IOException {
    DiskFile file = out;
    boolean last = sealed;
    int covered = lines;
    try {
      if (file != null) {
        file.sync();
        synced = Math.max(synced, covered);
        if (last) {
          closeOut();
        }
      }
    } catch (IOException e) {
      if (out != null) {
        throw e;
      } // else the file was closed meanwhile
    }
  }

  /** Waits until all that ever was appended is on the disk, though the segment may be closed. */
  void syncToTheEnd() throws IOException {
    try (DiskFile file = disk.open(fileName)) {
      file.sync();
      endSyncing();
    }
  }

  /**
   * Writes all lines to a new file, which takes the place of the old one when it is on the disk:
   * for when a sync has failed. The lines keep their numbers. Ends the appending.
   *
   * @throws IOException if that fails, or the old file cannot be read back as it was written
   */
  void rewrite() throws IOException {
    String copy = name + SegmentNames.REWRITE_SUFFIX;
    closeOut();
    disk.remove(copy);
    try (DiskFile old = disk.openToRead(fileName);
        DiskFile file = disk.create(copy)) {
      byte[] block = new byte[BLOCK_BYTES];
      for (long at = 0; at < bytes; ) {
        int read = old.read(at, block, 0, (int) Math.min(block.length, bytes - at));
        if (read == 0) {
          throw new IOException(file() + " was cut");
        }
        file.write(at, block, 0, read);
        at += read;
      }
      LineRun all = new LineRun(0, lines, 0, bytes, LineRun.State.GOOD);
      if (!SegmentScan.part(file, salt, all).runs().equals(List.of(all))) {
        throw new IOException(file() + " is damaged");
      }
      file.sync();
    }
    disk.rename(copy, fileName);
    disk.sync();
    overhanging = false;
  }

  /** Takes all lines for synced, or for lines that never will be. */
  void endSyncing() {
    synced = lines;
  }

  /** Returns how many lines are not settled, and not known to be on the disk. */
  int unsettledAndUnsynced() {
    return settled.unsettled(synced, lines);
  }

  /** Ends the appending; the next {@link #sync} closes the file. */
  void seal() {
    sealed = true;
  }

  /** Ends the appending, and closes the file without a sync. */
  void closeOut() throws IOException {
    DiskFile file = out;
    out = null;
    if (file != null) {
      file.close();
    }
  }

  /** Marks lines as settled. */
  void settle(int first, int count) {
    settled.settle(first, count);
  }

  /** Marks lines as settled, as far as there are such; returns how many of them were not. */
  int settle(BitSet more) {
    return settled.settle(more.get(0, lines));
  }

  /** Notes on disk which lines are settled, as far as it is not noted yet. */
  void saveSettled() throws IOException {
    settled.save();
  }

  boolean isAllSettled() {
    return settled.count() == lines;
  }

  int unsettled() {
    return lines - settled.count();
  }

  /** Returns how many lines of a range are not settled. */
  int unsettled(int from, int to) {
    return settled.unsettled(from, to);
  }

  /** Returns the first line from the given one that is not settled; the number of lines if none. */
  int nextUnsettled(int line) {
    return Math.min(settled.nextUnsettled(line), lines);
  }

  /** Returns the first line from the given one that is settled; the number of lines if none. */
  int nextSettled(int line) {
    int next = settled.nextSettled(line);
    return next < 0 ? lines : next;
  }

  String name() {
    return name;
  }

  /** Returns where the file is, for messages. */
  Path file() {
    return disk.path().resolve(fileName);
  }

  /** Tells whether the file is there. */
  boolean exists() throws IOException {
    return disk.exists(fileName);
  }

  int salt() {
    return salt;
  }

  int lines() {
    return lines;
  }

  /** Returns the length of all lines. */
  long bytes() {
    return bytes;
  }

  /** Closes the files. */
  void close() throws IOException {
    try {
      closeOut();
    } finally {
      settled.close();
    }
  }

  /**
   * Removes the files, or what a crash has left of them: that of the records first, so that what is
   * left is known as removed.
   */
  void delete() throws IOException {
    close();
    disk.remove(fileName);
    settled.delete();
  }
}
