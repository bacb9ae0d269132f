package dev.ingest.internal.batch;

import dev.ingest.record.Schema;

/**
 * How much a batch takes in: it is full by its number of rows, or by its memory, of messages, cells
 * and text together. So neither large records nor many small ones of a wide schema, which a sender
 * can choose, make it larger than others.
 */
public final class BatchMemory {
  /** A batch that takes so many bytes is full, however few its rows. */
  public static final int FULL_BYTES = 5 << 17;

  /** How long an array becomes at most when it grows, unless one message needs more. */
  private static final int LONGEST_ARRAY = FULL_BYTES + FULL_BYTES / 4;

  /** What a row takes besides its cells: where its bytes are, and its source. */
  private static final int ROW_OVERHEAD = 16;

  private final int rowBytes;
  private final int maxRows;

  /** Calculates for rows of a schema, at most so many. */
  BatchMemory(Schema schema, int batchSize) {
    rowBytes = schema.fields().size() * Long.BYTES + ROW_OVERHEAD;
    maxRows = Math.min(batchSize, FULL_BYTES / rowBytes);
  }

  /** Returns the most rows that a batch is filled to, and that one message may have. */
  int maxRows() {
    return maxRows;
  }

  /**
   * Returns how many more rows a batch takes; 0 if it is full.
   *
   * @param rows how many it has
   * @param bytes what its messages and text take
   * @param more what the messages of the further rows take at most; all of it may also be text
   */
  int room(int rows, int bytes, int more) {
    int left = FULL_BYTES - rows * rowBytes - bytes - (1 + Character.BYTES) * more;
    return left <= 0 ? 0 : Math.max(0, Math.min(maxRows - rows, 1 + left / rowBytes));
  }

  /**
   * Returns how long an array becomes that is too short.
   *
   * @param length how long it is
   * @param elementBytes what an element takes
   * @param needed how long it must be
   */
  static int grown(int length, int elementBytes, int needed) {
    return Math.max(Math.min(length * 2, LONGEST_ARRAY / elementBytes), needed);
  }
}
