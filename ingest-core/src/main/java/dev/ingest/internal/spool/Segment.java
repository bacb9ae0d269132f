package dev.ingest.internal.spool;

import dev.ingest.internal.batch.Batch;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.BitSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A file of newline-delimited JSON, one record a line, and which of its lines are settled: stored,
 * or dealt with in another way, so that nobody has to read them again.
 *
 * <p>What is settled stands in a second file, as lines of {@code FIRST COUNT}, appended at once
 * each time. It is not synced to disk: if it is behind, after a crash of the system, records are
 * stored twice, never lost.
 *
 * <p>Only the process that made a segment appends to it. A segment that is found at the start is
 * read: a last line without a newline was torn by a crash, and is cut off. Guarded by the spool's
 * lock, {@link #sync} excepted.
 */
final class Segment {
  static final String FILE_SUFFIX = ".ndjson";
  static final String SETTLED_SUFFIX = ".settled";
  private static final Pattern SETTLED_LINE = Pattern.compile("(\\d{1,10}) (\\d{1,10})");
  private static final int BLOCK = 1 << 16;

  private final String name;
  private final Path file;
  private final Path settledFile;
  private final BitSet settled = new BitSet();
  private int settledLines;
  private int lines;
  private long bytes;
  private boolean torn;

  // Not FileChannels: an interrupt of the writer thread would close those.
  private volatile @Nullable RandomAccessFile out;
  private volatile boolean sealed;
  private @Nullable RandomAccessFile settledOut;

  /** What could not be written to the second file yet. */
  private final StringBuilder unsaved = new StringBuilder();

  private Segment(Path directory, String name) {
    this.name = name;
    this.file = directory.resolve(name + FILE_SUFFIX);
    this.settledFile = directory.resolve(name + SETTLED_SUFFIX);
  }

  /** Makes an empty segment. */
  static Segment create(Path directory, String name) throws IOException {
    Segment segment = new Segment(directory, name);
    segment.out = new RandomAccessFile(segment.file.toFile(), "rw");
    return segment;
  }

  /** Reads what an earlier run left. */
  static Segment recover(Path directory, String name) throws IOException {
    Segment segment = new Segment(directory, name);
    try {
      segment.countLines();
      if (Files.exists(segment.settledFile)) {
        segment.readSettled();
      }
      return segment;
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
    byte[] block = new byte[BLOCK];
    try (RandomAccessFile in = new RandomAccessFile(file.toFile(), "rw")) {
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

  private void readSettled() throws IOException {
    for (String line : Files.readAllLines(settledFile, StandardCharsets.ISO_8859_1)) {
      Matcher range = SETTLED_LINE.matcher(line); // what a crash left half-written is left out
      if (range.matches()) {
        long first = Long.parseLong(range.group(1));
        long end = first + Long.parseLong(range.group(2));
        if (end <= lines) {
          settled.set((int) first, (int) end);
        }
      }
    }
    settledLines = settled.cardinality();
  }

  /**
   * Appends rows as lines, all or none.
   *
   * @param buffer holds the longest line at least
   * @throws IOException if they cannot be written, for want of room, say
   */
  void append(Batch batch, int from, int to, byte[] buffer) throws IOException {
    RandomAccessFile file = out;
    if (file == null) {
      throw new IOException("the segment " + name + " is sealed");
    }
    try {
      file.seek(bytes);
      for (int row = from; row < to; ) {
        int next = batch.copyLines(row, to, buffer);
        file.write(buffer, 0, batch.lineBytes(row, next));
        row = next;
      }
    } catch (IOException e) {
      try {
        file.setLength(bytes);
      } catch (IOException again) {
        e.addSuppressed(again); // what is there is overwritten, or is a torn line
      }
      throw e;
    }
    bytes += batch.lineBytes(from, to);
    lines += to - from;
  }

  /** Waits until what was appended is on the disk. Any thread, without the spool's lock. */
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
      } // else it was closed meanwhile
    }
  }

  /** Waits until all that ever was appended is on the disk, though it may be sealed. */
  void syncToTheEnd() throws IOException {
    try (RandomAccessFile file = new RandomAccessFile(this.file.toFile(), "rw")) {
      file.getFD().sync();
    }
  }

  /**
   * Says that nothing more is appended.
   *
   * @param syncing whether {@link #sync} is still going to be called
   */
  void seal(boolean syncing) throws IOException {
    sealed = true;
    if (!syncing) {
      closeOut();
    }
  }

  private void closeOut() throws IOException {
    RandomAccessFile file = out;
    out = null;
    if (file != null) {
      file.close();
    }
  }

  /** Says that lines are settled. */
  void settle(int first, int count) {
    int known = settled.get(first, first + count).cardinality();
    settled.set(first, first + count);
    settledLines += count - known;
    unsaved.append(first).append(' ').append(count).append('\n');
  }

  /** Says which lines are settled besides those that are known to be; gives their number. */
  int settle(BitSet more) {
    BitSet known = more.get(0, lines);
    known.andNot(settled);
    for (int first = known.nextSetBit(0); first >= 0; first = known.nextSetBit(first)) {
      int end = known.nextClearBit(first);
      settle(first, end - first);
      first = end;
    }
    return known.cardinality();
  }

  /** Writes down what is settled, as far as it is not yet. */
  void saveSettled() throws IOException {
    if (unsaved.length() > 0) {
      RandomAccessFile file = settledOut;
      if (file == null) {
        file = new RandomAccessFile(settledFile.toFile(), "rw");
        settledOut = file;
        file.seek(file.length());
        if (file.length() > 0) {
          unsaved.insert(0, '\n'); // ends a line that a crash may have torn
        }
      }
      try {
        file.write(unsaved.toString().getBytes(StandardCharsets.ISO_8859_1));
        unsaved.setLength(0);
      } catch (IOException e) {
        unsaved.insert(0, '\n'); // ends what may stand there half-written
        throw e;
      }
    }
  }

  boolean isAllSettled() {
    return settledLines == lines;
  }

  int unsettled() {
    return lines - settledLines;
  }

  /** The first line from the given one that is not settled; the number of lines if all are. */
  int nextUnsettled(int line) {
    return Math.min(settled.nextClearBit(line), lines);
  }

  /** The first line from the given one that is settled; the number of lines if none is. */
  int nextSettled(int line) {
    int next = settled.nextSetBit(line);
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

  /** The length of the lines. */
  long bytes() {
    return bytes;
  }

  /** Whether a last line that a crash had torn was cut off. */
  boolean wasTorn() {
    return torn;
  }

  /** Closes the files. */
  void close() throws IOException {
    RandomAccessFile second = settledOut;
    settledOut = null;
    try {
      closeOut();
    } finally {
      if (second != null) {
        second.close();
      }
    }
  }

  /** Removes the files. */
  void delete() throws IOException {
    close();
    Files.deleteIfExists(file);
    Files.deleteIfExists(settledFile);
  }
}
