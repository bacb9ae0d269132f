package dev.ingest.internal.spool;

import dev.ingest.internal.batch.Batch;
import dev.ingest.internal.file.FileRefusedException;
import dev.ingest.internal.file.PrivateFile;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.BitSet;
import org.jspecify.annotations.Nullable;

/**
 * A file with one record a line, and which of its lines are settled: stored, or dealt with in
 * another way, so that nobody has to read them again.
 *
 * <p>Only the process that made a segment appends to it. A segment that is found at the start is
 * read: a last line without a newline was torn by a crash, and is cut off. Guarded by the spool's
 * lock, {@link #sync} and {@link #syncToTheEnd} excepted.
 */
final class Segment {
  static final String FILE_SUFFIX = ".ndjson";
  static final String SETTLED_SUFFIX = ".settled";
  private static final int BLOCK_BYTES = 1 << 16;

  private final String name;
  private final Path file;
  private final SettledLines settled;
  private int lines;
  private long bytes;
  private boolean torn;

  // Not a FileChannel: an interrupt of the writer thread would close that.
  private volatile @Nullable RandomAccessFile out;
  private volatile boolean sealed;

  private Segment(Path directory, String name) {
    this.name = name;
    this.file = directory.resolve(name + FILE_SUFFIX);
    this.settled = new SettledLines(directory.resolve(name + SETTLED_SUFFIX));
  }

  /** Makes an empty segment. */
  static Segment create(Path directory, String name) throws IOException {
    return appendingTo(PrivateFile.create(directory.resolve(name + FILE_SUFFIX)), directory, name);
  }

  /** Makes an empty segment that appends to a file. */
  static Segment appendingTo(RandomAccessFile out, Path directory, String name) {
    Segment segment = new Segment(directory, name);
    segment.out = out;
    return segment;
  }

  /** Reads what an earlier run left. */
  static Segment recover(Path directory, String name) throws IOException {
    Segment segment = new Segment(directory, name);
    try {
      segment.countLines();
      segment.settled.read(segment.lines);
      return segment;
    } catch (FileRefusedException e) {
      throw e;
    } catch (IOException e) {
      throw new IOException(
          "cannot read what an earlier run left in the spool, "
              + segment.file
              + ": "
              + e
              + "; expected a file that can be read and written",
          e);
    }
  }

  /** Removes what is left of a segment whose removal a crash has cut short. */
  static void removeRest(Path directory, String name) throws IOException {
    new Segment(directory, name).delete();
  }

  private void countLines() throws IOException {
    byte[] block = new byte[BLOCK_BYTES];
    try (RandomAccessFile in = PrivateFile.openExisting(file)) {
      long at = 0;
      for (int read = in.read(block); read > 0; read = in.read(block)) {
        for (int i = 0; i < read; i++) {
          if (block[i] == '\n') {
            lines++;
            bytes = at + i + 1;
          }
        }
        at += read;
      }
      torn = bytes < at;
      if (torn) {
        in.setLength(bytes);
      }
    }
  }

  /**
   * Appends rows as lines, all or none.
   *
   * @throws IOException if they cannot be written, for want of room, say
   */
  void append(Batch batch, int from, int to, RecordLines format) throws IOException {
    RandomAccessFile file = out;
    if (file == null) {
      throw new IOException("the segment " + name + " is sealed");
    }
    try {
      file.seek(bytes);
      format.write(batch, from, to, file);
    } catch (IOException e) {
      try {
        file.setLength(bytes);
      } catch (IOException again) {
        e.addSuppressed(again); // what is there is overwritten, or is a torn line
      }
      throw e;
    }
    bytes += RecordLines.length(batch, from, to);
    lines += to - from;
  }

  /**
   * Waits until what was appended is on the disk. Closes the file if it is sealed. Any thread, the
   * spool's lock is not needed.
   */
  void sync() throws IOException {
    RandomAccessFile file = out;
    boolean last = sealed;
    try {
      if (file != null) {
        file.getFD().sync();
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

  /** Waits until all that ever was appended is on the disk, though the segment may be sealed. */
  void syncToTheEnd() throws IOException {
    try (RandomAccessFile file = PrivateFile.openExisting(this.file)) {
      file.getFD().sync();
    }
  }

  /** Ends the appending; the next {@link #sync} closes the file. */
  void seal() {
    sealed = true;
  }

  /** Ends the appending, and closes the file without a sync. */
  void closeOut() throws IOException {
    RandomAccessFile file = out;
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

  Path file() {
    return file;
  }

  int lines() {
    return lines;
  }

  /** Returns the length of all lines. */
  long bytes() {
    return bytes;
  }

  /** Tells whether a last line that a crash had torn was cut off. */
  boolean wasTorn() {
    return torn;
  }

  /** Closes the files. */
  void close() throws IOException {
    try {
      closeOut();
    } finally {
      settled.close();
    }
  }

  /** Removes the files: that of the records first, so that what is left is known as removed. */
  void delete() throws IOException {
    close();
    Files.deleteIfExists(file);
    settled.delete();
  }
}
