package dev.ingest.internal.batch;

import java.util.Arrays;

/** The characters of a batch's text cells, one after the other, in an array that grows. */
final class Texts {
  private char[] chars = new char[0];
  private int committedEnd;
  private int rowStart;
  private int end;

  /** Copies a text to the end; returns where it is. */
  long append(char[] from, int offset, int length) {
    if (end + length > chars.length) {
      chars = Arrays.copyOf(chars, BatchMemory.grown(chars.length, Character.BYTES, end + length));
    }
    System.arraycopy(from, offset, chars, end, length);
    long range = Batch.range(end, length);
    end += length;
    return range;
  }

  String get(int offset, int length) {
    return new String(chars, offset, length);
  }

  void beginRow() {
    rowStart = end;
  }

  /** Forgets the texts of the row that was begun last. */
  void removeRow() {
    end = rowStart;
  }

  void commit() {
    committedEnd = end;
  }

  /** Forgets what was appended since the last commit. */
  void rollback() {
    end = committedEnd;
  }

  void clear() {
    committedEnd = 0;
    end = 0;
  }

  /** Returns how many bytes the texts that are committed take. */
  int committedBytes() {
    return committedEnd * Character.BYTES;
  }

  /** Returns how many bytes all texts take. */
  int bytes() {
    return end * Character.BYTES;
  }

  /** Returns how many bytes the array has, whether used or not. */
  int heldBytes() {
    return chars.length * Character.BYTES;
  }
}
