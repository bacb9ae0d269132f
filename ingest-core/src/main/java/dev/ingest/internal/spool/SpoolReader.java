package dev.ingest.internal.spool;

import dev.ingest.internal.batch.BatchMemory;
import java.io.IOException;

/**
 * Reads pending lines from the file of their segment into a buffer. Knows files, newlines and
 * checks, and nothing of what else stands on the lines. Only the writer thread uses it.
 */
public final class SpoolReader {
  private static final int BUFFER_BYTES = BatchMemory.FULL_BYTES + RecordLines.MAX_LINE_BYTES;

  private final Disk disk;
  private final LineCheck check = new LineCheck();
  private final byte[] buffer = new byte[BUFFER_BYTES];
  private int filled;

  SpoolReader(Disk disk) {
    this.disk = disk;
  }

  /**
   * Fills the buffer from where pending lines begin, with no more than these.
   *
   * @return false if the file has been removed
   * @throws IOException if it cannot be read now
   */
  public boolean read(PendingLines pending) throws IOException {
    filled = 0;
    String name = pending.segment() + SegmentNames.FILE_SUFFIX;
    if (!disk.exists(name)) {
      return false;
    }
    try (DiskFile file = disk.openToRead(name)) {
      int most = (int) Math.min(buffer.length, pending.lines().length());
      filled =
          pending.areDamaged()
              ? SegmentScan.readOrZeros(file, pending.offset(), buffer, 0, most)
              : file.read(pending.offset(), buffer, 0, most);
    }
    return true;
  }

  /** Returns the bytes that were read. */
  public byte[] buffer() {
    return buffer;
  }

  /** Returns how many bytes were read. */
  public int filled() {
    return filled;
  }

  /** Returns where the line after the one at an offset begins; -1 if the buffer ends before. */
  public int nextLine(int offset) {
    for (int i = offset; i < filled; i++) {
      if (buffer[i] == '\n') {
        return i + 1;
      }
    }
    return -1;
  }

  /**
   * Tells whether a line is as it was written.
   *
   * @param index which of the pending lines it is to be, from 0
   * @param next where the line after it begins
   */
  public boolean isGood(PendingLines pending, int index, int offset, int next) {
    int salt = pending.of().salt();
    return check.line(buffer, offset, next - 1, salt) == pending.line() + index;
  }

  /**
   * Returns how long a good line is without its check: the record, and its header if it has one.
   */
  public static int lengthWithoutCheck(int offset, int next) {
    return next - offset - RecordLines.OVERHEAD_BYTES;
  }
}
