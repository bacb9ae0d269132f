package dev.ingest.internal.batch;

import dev.ingest.internal.decode.RowWriter;
import java.nio.ByteBuffer;
import java.util.Arrays;

/** The bytes of a batch's messages, one after the other, in an array that grows. */
final class Payload {
  private byte[] bytes;
  private int committedEnd;
  private int end;

  /** Makes room for so many bytes. */
  Payload(int length) {
    bytes = new byte[length];
  }

  byte[] bytes() {
    return bytes;
  }

  /** Copies bytes, and a separator, to the end; returns where they begin. */
  int append(ByteBuffer message) {
    int length = message.remaining();
    int offset = ensureRoom(length);
    message.get(bytes, offset, length);
    return end(offset, length);
  }

  /** Copies bytes, and a separator, to the end; returns where they begin. */
  int append(byte[] from, int offset, int length) {
    int start = ensureRoom(length);
    System.arraycopy(from, offset, bytes, start, length);
    return end(start, length);
  }

  private int ensureRoom(int length) {
    int needed = end + length + 1;
    if (needed > bytes.length) {
      bytes = Arrays.copyOf(bytes, BatchMemory.grown(bytes.length, Byte.BYTES, needed));
    }
    return end;
  }

  private int end(int offset, int length) {
    bytes[offset + length] = RowWriter.SEPARATOR;
    end = offset + length + 1;
    return offset;
  }

  /** Keeps what ends at an offset, and forgets what is behind it. */
  void commit(int offset) {
    committedEnd = offset;
    end = offset;
  }

  /** Forgets what was appended since the last commit. */
  void rollback() {
    end = committedEnd;
  }

  /** Returns where what is committed ends. */
  int committedEnd() {
    return committedEnd;
  }

  /** Returns where all that was appended ends. */
  int end() {
    return end;
  }
}
