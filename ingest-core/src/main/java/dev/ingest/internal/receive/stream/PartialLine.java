package dev.ingest.internal.receive.stream;

import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * What has come of a line whose newline has not: its beginning, or, of a line that is too long,
 * nothing any more. The memory is there only while there is a beginning to keep.
 */
final class PartialLine {
  private static final byte[] NONE = {};
  private static final int FIRST_BYTES = 64;

  private byte[] bytes = NONE;
  private int length;
  private boolean skipping;

  /** Returns how many bytes are kept. */
  int length() {
    return length;
  }

  /** Keeps more bytes, up to the buffer's limit from an index on; at most so many in all. */
  void append(ByteBuffer buffer, int from, int end, int most) {
    int newLength = length + end - from;
    if (newLength > bytes.length) {
      int grown = Math.max(FIRST_BYTES, Math.min(2 * bytes.length, most));
      bytes = Arrays.copyOf(bytes, Math.max(newLength, grown));
    }
    buffer.get(from, bytes, length, end - from);
    length = newLength;
  }

  /** Moves what is kept to the beginning of a buffer. */
  void moveTo(ByteBuffer buffer) {
    if (length > 0) {
      buffer.put(0, bytes, 0, length);
      bytes = NONE;
      length = 0;
    }
  }

  /** Tells whether the rest of the line is of no interest. */
  boolean isSkipped() {
    return skipping;
  }

  /** Skips the rest of the line. */
  void skip() {
    skipping = true;
  }

  /** Ends the line; returns whether its rest was skipped. */
  boolean endSkip() {
    boolean skipped = skipping;
    skipping = false;
    return skipped;
  }
}
