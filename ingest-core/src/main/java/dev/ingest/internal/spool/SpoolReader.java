package dev.ingest.internal.spool;

import dev.ingest.internal.batch.BatchMemory;
import dev.ingest.internal.file.PrivateFile;
import java.io.IOException;
import java.io.RandomAccessFile;

/**
 * Reads pending lines from the file of their segment into a buffer. Knows files and newlines, and
 * nothing of what stands on the lines. Only the writer thread uses it.
 */
public final class SpoolReader {
  private static final int BLOCK_BYTES = 1 << 16;
  private static final int BUFFER_BYTES = BatchMemory.FULL_BYTES + (1 << 17);

  private final byte[] buffer = new byte[BUFFER_BYTES];
  private int filled;

  /**
   * Fills the buffer from where pending lines begin.
   *
   * @return false if the file has been removed
   * @throws IOException if it cannot be read now
   */
  public boolean read(PendingLines pending) throws IOException {
    filled = 0;
    if (!PrivateFile.exists(pending.file())) {
      return false;
    }
    try (RandomAccessFile in = PrivateFile.openToRead(pending.file())) {
      in.seek(pending.offset());
      int read;
      while ((read = in.read(buffer, filled, buffer.length - filled)) > 0) {
        filled += read;
      }
    }
    return true;
  }

  /** Returns the bytes that were read. */
  public byte[] buffer() {
    return buffer;
  }

  /** Tells whether the file went on behind what the buffer holds. */
  public boolean isBufferFull() {
    return filled == buffer.length;
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

  /** Returns the length of a first line that is longer than the buffer, without its newline. */
  public long lengthOfLongLine(PendingLines pending) throws IOException {
    try (RandomAccessFile in = PrivateFile.openToRead(pending.file())) {
      long length = filled;
      in.seek(pending.offset() + length);
      byte[] block = new byte[BLOCK_BYTES];
      for (int read = in.read(block); read > 0; read = in.read(block)) {
        for (int i = 0; i < read; i++) {
          if (block[i] == '\n') {
            return length + i;
          }
        }
        length += read;
      }
      return length;
    }
  }
}
