package dev.ingest.internal.batch;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** A batch's text cells in UTF-8, one after the other, in an array that grows. */
final class Texts {
  private byte[] bytes = new byte[0];
  private int committedEnd;
  private int rowStart;
  private int end;

  /** Copies a text that is UTF-8 to the end; returns where it is. */
  long append(byte[] utf8, int offset, int length) {
    makeRoom(length);
    System.arraycopy(utf8, offset, bytes, end, length);
    return added(length);
  }

  /** Copies a text without unpaired surrogates to the end, in UTF-8; returns where it is. */
  long append(char[] chars, int offset, int length) {
    makeRoom(length);
    int i = 0;
    for (; i < length && chars[offset + i] < 0x80; i++) {
      bytes[end + i] = (byte) chars[offset + i];
    }
    return i == length ? added(length) : appendMultibyte(chars, offset, length);
  }

  private long appendMultibyte(char[] chars, int offset, int length) {
    byte[] utf8 = new String(chars, offset, length).getBytes(StandardCharsets.UTF_8);
    return append(utf8, 0, utf8.length);
  }

  private void makeRoom(int length) {
    if (end + length > bytes.length) {
      bytes = Arrays.copyOf(bytes, BatchMemory.grown(bytes.length, Byte.BYTES, end + length));
    }
  }

  private long added(int length) {
    long range = Cells.range(end, length);
    end += length;
    return range;
  }

  /** Returns the array, until the next text is appended. */
  byte[] utf8() {
    return bytes;
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
    return committedEnd;
  }

  /** Returns how many bytes all texts take. */
  int bytes() {
    return end;
  }

  /** Returns how many bytes the array has, whether used or not. */
  int heldBytes() {
    return bytes.length;
  }
}
