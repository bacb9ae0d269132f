package dev.ingest.internal.spool;

import dev.ingest.internal.log.Log;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.charset.StandardCharsets;
import java.util.BitSet;
import java.util.HexFormat;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * Which lines of a segment are settled, and the file of notes where that stands: lines of {@code
 * FIRST COUNT CHECK}, appended at once each time. The check is the CRC-32C of the segment's name
 * and the two numbers, so no note that was damaged counts. The file is not synced to disk: if it is
 * behind, after a crash of the system, records are stored twice, never lost.
 *
 * <p>Guarded by the spool's lock, {@link #save} excepted: a disk that stalls there holds up no one
 * who needs that lock. The file is guarded by this object.
 */
final class SettledLines {
  private static final Logger LOGGER = Log.of("dev.ingest.spool");
  private static final Pattern NOTE = Pattern.compile("(\\d{1,10}) (\\d{1,10}) ([0-9a-f]{8})");

  /** More than notes on each line of the longest segment. */
  private static final int MAX_BYTES = 1 << 26;

  private final Disk disk;
  private final String segment;
  private final String fileName;
  private final BitSet settled = new BitSet();
  private int count;

  /** The notes that are not in the file yet. Guarded by itself. */
  private final StringBuilder unsaved = new StringBuilder();

  // Guarded by this.
  private @Nullable DiskFile out;
  private long end;
  private String separator = "";
  private boolean deleted;

  /** Makes an account of no settled lines, whose notes go to a file that need not exist. */
  SettledLines(Disk disk, String segment) {
    this.disk = disk;
    this.segment = segment;
    this.fileName = segment + SegmentNames.SETTLED_SUFFIX;
  }

  /**
   * Reads the notes of an earlier run, if there are any. A note that a crash has left half-written,
   * that was damaged, or that names lines that do not exist, is left out.
   *
   * @param lines how many lines the segment has
   */
  void read(int lines) throws IOException {
    if (!disk.exists(fileName)) {
      return;
    }
    String notes = content();
    int whole = notes.lastIndexOf('\n') + 1;
    long damaged =
        notes
            .substring(0, whole)
            .lines()
            .filter(line -> !line.isEmpty() && !apply(line, lines))
            .count();
    apply(notes.substring(whole), lines); // a crash may have torn it, behind all or before
    if (damaged > 0) {
      LOGGER.log(
          Level.WARNING,
          "notes of what is settled are damaged in "
              + disk.path().resolve(fileName)
              + ": "
              + damaged
              + " do not count, and their records are replayed. A sink that does not remember"
              + " positions stores these twice");
    }
    count = settled.cardinality();
  }

  private String content() throws IOException {
    try (DiskFile file = disk.openToRead(fileName)) {
      byte[] bytes = new byte[(int) Math.min(file.length(), MAX_BYTES)];
      int read = SegmentScan.readOrZeros(file, 0, bytes, 0, bytes.length);
      return new String(bytes, 0, read, StandardCharsets.ISO_8859_1);
    }
  }

  private boolean apply(String line, int lines) {
    Matcher note = NOTE.matcher(line);
    if (!note.matches() || !line.equals(note(note.group(1), note.group(2)))) {
      return false;
    }
    long first = Long.parseLong(note.group(1));
    long end = first + Long.parseLong(note.group(2));
    if (end <= lines) {
      settled.set((int) first, (int) end);
    }
    return true;
  }

  private String note(Object first, Object lines) {
    String numbers = first + " " + lines;
    CRC32C crc = new CRC32C();
    crc.update((segment + " " + numbers).getBytes(StandardCharsets.US_ASCII));
    return numbers + " " + HexFormat.of().toHexDigits((int) crc.getValue());
  }

  /** Marks lines as settled. */
  void settle(int first, int lines) {
    int known = settled.get(first, first + lines).cardinality();
    settled.set(first, first + lines);
    count += lines - known;
    synchronized (unsaved) {
      unsaved.append(note(first, lines)).append('\n');
    }
  }

  /** Marks lines as settled; returns how many of them were not. */
  int settle(BitSet lines) {
    BitSet fresh = (BitSet) lines.clone();
    fresh.andNot(settled);
    for (int first = fresh.nextSetBit(0); first >= 0; first = fresh.nextSetBit(first)) {
      int next = fresh.nextClearBit(first);
      settle(first, next - first);
      first = next;
    }
    return fresh.cardinality();
  }

  /** Writes the notes that are not in the file yet. */
  synchronized void save() throws IOException {
    String notes;
    synchronized (unsaved) {
      notes = unsaved.toString();
    }
    if (notes.isEmpty() || deleted) {
      return;
    }
    DiskFile file = out;
    if (file == null) {
      file = disk.exists(fileName) ? disk.open(fileName) : disk.create(fileName);
      out = file;
      end = file.length();
      separator = end > 0 ? "\n" : ""; // ends a note that a crash may have torn
    }
    // After a failure the same place is written to again, over what may stand there half-written.
    byte[] bytes = (separator + notes).getBytes(StandardCharsets.US_ASCII);
    file.write(end, bytes, 0, bytes.length);
    end += bytes.length;
    separator = "";
    synchronized (unsaved) {
      unsaved.delete(0, notes.length());
    }
  }

  /** Returns the number of settled lines. */
  int count() {
    return count;
  }

  /** Returns how many of the lines from one on, before another, are not settled. */
  int unsettled(int from, int to) {
    return to - from - settled.get(from, to).cardinality();
  }

  /** Returns the first line, from the given one on, that is not settled. */
  int nextUnsettled(int line) {
    return settled.nextClearBit(line);
  }

  /** Returns the first line, from the given one on, that is settled; -1 if none is. */
  int nextSettled(int line) {
    return settled.nextSetBit(line);
  }

  synchronized void close() throws IOException {
    DiskFile file = out;
    out = null;
    if (file != null) {
      file.close();
    }
  }

  /** Closes and removes the file; nothing is written to it any more. */
  synchronized void delete() throws IOException {
    close();
    disk.remove(fileName);
    deleted = true;
  }
}
