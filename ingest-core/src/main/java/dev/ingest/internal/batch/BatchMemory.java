package dev.ingest.internal.batch;

import dev.ingest.record.Field.Origin;
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

  /** What a message takes besides its bytes and its rows; 0 if the schema has no arrivals. */
  private final int headerBytes;

  /** Calculates for rows of a schema, at most so many. */
  BatchMemory(Schema schema, int batchSize) {
    boolean keepsArrival = schema.fields().stream().anyMatch(f -> f.origin() != Origin.RECORD);
    headerBytes = keepsArrival ? ArrivalHeader.USUAL_BYTES : 0;
    rowBytes = schema.fields().size() * Long.BYTES + ROW_OVERHEAD + (keepsArrival ? Long.BYTES : 0);
    maxRows = Math.min(batchSize, FULL_BYTES / rowBytes);
  }

  /** Tells whether rows have an {@link ArrivalHeader}. */
  boolean keepsArrival() {
    return headerBytes > 0;
  }

  /** Returns the most rows that a batch is filled to, and that one message may have. */
  int maxRows() {
    return maxRows;
  }

  /**
   * Returns how many more rows a batch takes, each with a header of its own; 0 if it is full.
   *
   * @param rows how many it has
   * @param bytes what its messages and text take
   * @param more what the messages of the further rows take at most; all of it may also be text
   */
  int room(int rows, int bytes, int more) {
    int left = FULL_BYTES - rowBytes(rows) - bytes - 2 * more;
    return left <= 0
        ? 0
        : Math.max(0, Math.min(maxRows - rows, 1 + left / (rowBytes + headerBytes)));
  }

  /** Returns what so many rows take besides their messages and text. */
  int rowBytes(int rows) {
    return rows * rowBytes;
  }

  /**
   * Tells whether so many rows, with so many bytes of messages and text and another header, are
   * beyond a full batch.
   */
  boolean isOverfull(int rows, int bytes) {
    return rows > maxRows || rowBytes(rows) + headerBytes + bytes > FULL_BYTES;
  }

  /** Tells whether arrays of so many bytes are longer than one kind of message could make them. */
  static boolean isTooMuch(int heldBytes) {
    return heldBytes > 2 * FULL_BYTES;
  }

  /** Returns for how many rows to have room if there is room for so many, and they are too few. */
  int grownRows(int rows) {
    return rows < maxRows ? Math.min(2 * rows, maxRows) : 2 * rows;
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
