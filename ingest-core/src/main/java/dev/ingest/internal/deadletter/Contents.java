package dev.ingest.internal.deadletter;

import java.io.IOException;
import java.io.RandomAccessFile;

/**
 * What a dead-letter file holds. A line that is not known as the letter of a rejected message
 * counts as one of a record, which is kept longer. Guarded by the lock of the dead letters.
 */
final class Contents {
  private static final int BLOCK_BYTES = 1 << 16;

  private long bytes;
  private long letters;
  private long rejectedBytes;
  private long recordsOfThisRun;

  /** Returns the file's length. */
  long bytes() {
    return bytes;
  }

  long letters() {
    return letters;
  }

  /** Returns how many bytes the letters of rejected messages have. */
  long rejectedBytes() {
    return rejectedBytes;
  }

  /** Returns how many bytes all other letters have. */
  long recordBytes() {
    return bytes - rejectedBytes;
  }

  /** Returns how many records of this run have a letter. */
  long recordsOfThisRun() {
    return recordsOfThisRun;
  }

  void addRejected(int length) {
    bytes += length;
    letters++;
    rejectedBytes += length;
  }

  void addRecord(int length) {
    bytes += length;
    letters++;
    recordsOfThisRun++;
  }

  /**
   * Reads through a file that others have written, or have shortened. A line without an end is
   * ended.
   *
   * @param known what it held before; it holds no more records of this run than that
   */
  static Contents of(RandomAccessFile file, Contents known) throws IOException {
    Contents found = new Contents();
    byte[] block = new byte[BLOCK_BYTES];
    byte[] head = new byte[LetterLine.HEAD_BYTES];
    long length = 0;
    file.seek(0);
    for (int read = file.read(block); read > 0; read = file.read(block)) {
      int at = 0;
      while (at < read) {
        int end = endOfLine(block, at, read);
        if (length < head.length) {
          int more = (int) Math.min(head.length - length, end - at);
          System.arraycopy(block, at, head, (int) length, more);
        }
        length += end - at;
        at = end;
        if (block[end - 1] == '\n') {
          found.addLine(head, length);
          length = 0;
        }
      }
    }
    if (length > 0) {
      file.write('\n');
      found.addLine(head, length + 1);
    }
    long records = known.recordsOfThisRun;
    found.recordsOfThisRun = Math.min(records, found.letters);
    return found;
  }

  /** Returns what follows the next newline, or the end of the block. */
  private static int endOfLine(byte[] block, int from, int to) {
    for (int i = from; i < to; i++) {
      if (block[i] == '\n') {
        return i + 1;
      }
    }
    return to;
  }

  private void addLine(byte[] head, long length) {
    bytes += length;
    letters++;
    if (LetterLine.isRejected(head, (int) Math.min(head.length, length))) {
      rejectedBytes += length;
    }
  }
}
