package dev.ingest.internal.spool;

import dev.ingest.internal.file.PrivateFile;
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
 * Which lines of a segment are settled, and the file of notes where that stands: lines of {@code
 * FIRST COUNT}, appended at once each time. The file is not synced to disk: if it is behind, after
 * a crash of the system, records are stored twice, never lost. Guarded by the spool's lock.
 */
final class SettledLines {
  private static final Pattern NOTE = Pattern.compile("(\\d{1,10}) (\\d{1,10})");

  private final Path file;
  private final BitSet settled = new BitSet();
  private int count;

  // Not a FileChannel: an interrupt of the writer thread would close that.
  private @Nullable RandomAccessFile out;

  /** The notes that could not be written to the file yet. */
  private final StringBuilder unsaved = new StringBuilder();

  /** Makes an account of no settled lines, whose notes go to a file that need not exist. */
  SettledLines(Path file) {
    this.file = file;
  }

  /**
   * Reads the notes of an earlier run, if there are any. A note that a crash has left half-written,
   * or that names lines that do not exist, is left out.
   *
   * @param lines how many lines the segment has
   */
  void read(int lines) throws IOException {
    if (!PrivateFile.exists(file)) {
      return;
    }
    for (String line : Files.readAllLines(file, StandardCharsets.ISO_8859_1)) {
      Matcher note = NOTE.matcher(line);
      if (note.matches()) {
        long first = Long.parseLong(note.group(1));
        long end = first + Long.parseLong(note.group(2));
        if (end <= lines) {
          settled.set((int) first, (int) end);
        }
      }
    }
    count = settled.cardinality();
  }

  /** Marks lines as settled. */
  void settle(int first, int lines) {
    int known = settled.get(first, first + lines).cardinality();
    settled.set(first, first + lines);
    count += lines - known;
    unsaved.append(first).append(' ').append(lines).append('\n');
  }

  /** Marks lines as settled; returns how many of them were not. */
  int settle(BitSet lines) {
    BitSet fresh = (BitSet) lines.clone();
    fresh.andNot(settled);
    for (int first = fresh.nextSetBit(0); first >= 0; first = fresh.nextSetBit(first)) {
      int end = fresh.nextClearBit(first);
      settle(first, end - first);
      first = end;
    }
    return fresh.cardinality();
  }

  /** Writes the notes that are not in the file yet. */
  void save() throws IOException {
    if (unsaved.length() == 0) {
      return;
    }
    RandomAccessFile notes = out;
    if (notes == null) {
      notes = PrivateFile.open(file);
      out = notes;
      notes.seek(notes.length());
      if (notes.length() > 0) {
        unsaved.insert(0, '\n'); // ends a note that a crash may have torn
      }
    }
    try {
      notes.write(unsaved.toString().getBytes(StandardCharsets.ISO_8859_1));
      unsaved.setLength(0);
    } catch (IOException e) {
      unsaved.insert(0, '\n'); // ends what may stand there half-written
      throw e;
    }
  }

  /** Returns the number of settled lines. */
  int count() {
    return count;
  }

  /** Returns the first line, from the given one on, that is not settled. */
  int nextUnsettled(int line) {
    return settled.nextClearBit(line);
  }

  /** Returns the first line, from the given one on, that is settled; -1 if none is. */
  int nextSettled(int line) {
    return settled.nextSetBit(line);
  }

  void close() throws IOException {
    RandomAccessFile notes = out;
    out = null;
    if (notes != null) {
      notes.close();
    }
  }

  /** Closes and removes the file. */
  void delete() throws IOException {
    close();
    Files.deleteIfExists(file);
  }
}
