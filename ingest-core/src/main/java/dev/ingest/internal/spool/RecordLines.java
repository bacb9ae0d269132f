package dev.ingest.internal.spool;

import dev.ingest.internal.batch.ArrivalHeader;
import dev.ingest.internal.batch.Batch;
import java.io.IOException;

/**
 * Rows as lines of a segment: each as it came, with a space in place of a newline, which means the
 * same within a record, then its {@link LineCheck}, and a newline at the end. A row with an {@link
 * ArrivalHeader} has that before the record, and {@link ArrivalHeader#END} behind it.
 */
final class RecordLines {
  /** More than the longest line, which is a message's with a header. */
  static final int MAX_LINE_BYTES = 1 << 17;

  /** What a line takes besides the record. */
  static final int OVERHEAD_BYTES = LineCheck.LENGTH + 1;

  /** Made once, so that a spool can still be written when there is no memory left. */
  private final byte[] buffer = new byte[MAX_LINE_BYTES];

  private final LineCheck check = new LineCheck();

  /** Returns how many bytes rows take as lines. */
  static int length(Batch batch, int from, int to) {
    int bytes = (to - from) * OVERHEAD_BYTES;
    for (int row = from; row < to; row++) {
      bytes += lineLength(batch, row);
    }
    return bytes;
  }

  /** Returns how many bytes a line has before its check. */
  private static int lineLength(Batch batch, int row) {
    int header = batch.headerLength(row);
    return batch.payloadLength(row) + (header == 0 ? 0 : header + 1);
  }

  /** Returns where the line of a row that is on disk begins in its segment, in bytes. */
  static long offset(Batch batch, int row) {
    return batch.firstLineOffset() + length(batch, 0, row);
  }

  /** Writes rows as lines to the file of a segment, at its end. */
  void write(Batch batch, int from, int to, Segment segment, DiskFile file) throws IOException {
    int salt = segment.salt();
    int line = segment.lines() - from;
    long at = segment.bytes();
    int end = 0;
    for (int row = from; row < to; row++) {
      if (end + lineLength(batch, row) + OVERHEAD_BYTES > buffer.length) {
        file.write(at, buffer, 0, end);
        at += end;
        end = 0;
      }
      int start = end;
      end = copy(batch, row, start);
      check.append(buffer, start, end, salt, line + row);
      buffer[end + LineCheck.LENGTH] = '\n';
      end += OVERHEAD_BYTES;
    }
    file.write(at, buffer, 0, end);
  }

  private int copy(Batch batch, int row, int start) {
    int header = batch.headerLength(row);
    if (header == 0) {
      return copyRecord(batch, row, start);
    }
    System.arraycopy(batch.payload(), batch.headerOffset(row), buffer, start, header);
    int end = copyRecord(batch, row, start + header);
    buffer[end] = ArrivalHeader.END;
    return end + 1;
  }

  private int copyRecord(Batch batch, int row, int start) {
    int length = batch.payloadLength(row);
    int end = start + length;
    System.arraycopy(batch.payload(), batch.payloadOffset(row), buffer, start, length);
    for (int at = start; at < end; at++) {
      if (buffer[at] == '\n') {
        buffer[at] = ' ';
      }
    }
    return end;
  }
}
