package dev.ingest.internal.spool;

import dev.ingest.internal.batch.Batch;
import java.io.IOException;
import java.io.RandomAccessFile;

/**
 * Rows as lines of a segment: each as it came, with a space in place of a newline, which means the
 * same within a record, and a newline at the end.
 */
final class RecordLines {
  /** More than the longest line, which is a message's. */
  private static final int BUFFER_BYTES = 1 << 17;

  /** Made once, so that a spool can still be written when there is no memory left. */
  private final byte[] buffer = new byte[BUFFER_BYTES];

  /** Returns how many bytes rows take as lines. */
  static int length(Batch batch, int from, int to) {
    int bytes = to - from;
    for (int row = from; row < to; row++) {
      bytes += batch.payloadLength(row);
    }
    return bytes;
  }

  /** Returns where the line of a row that is on disk begins in its segment, in bytes. */
  static long offset(Batch batch, int row) {
    return batch.firstLineOffset() + length(batch, 0, row);
  }

  /** Writes rows as lines where the file's pointer is. */
  void write(Batch batch, int from, int to, RandomAccessFile file) throws IOException {
    int end = 0;
    for (int row = from; row < to; row++) {
      if (end + batch.payloadLength(row) >= buffer.length) {
        file.write(buffer, 0, end);
        end = 0;
      }
      end = copy(batch, row, end);
    }
    file.write(buffer, 0, end);
  }

  private int copy(Batch batch, int row, int start) {
    int length = batch.payloadLength(row);
    int end = start + length;
    System.arraycopy(batch.payload(), batch.payloadOffset(row), buffer, start, length);
    for (int at = start; at < end; at++) {
      if (buffer[at] == '\n') {
        buffer[at] = ' ';
      }
    }
    buffer[end] = '\n';
    return end + 1;
  }
}
