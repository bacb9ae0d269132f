package dev.ingest.internal.spool;

import java.io.Closeable;
import java.io.IOException;

/**
 * An open file of a {@link Disk}. One thread at a time reads and writes; {@link #sync} and {@link
 * #close} may be called by another meanwhile. An interrupt does not close it.
 */
interface DiskFile extends Closeable {
  /**
   * Reads as many bytes as there are room and file for, from a position on.
   *
   * @return how many; 0 at the end of the file
   */
  int read(long position, byte[] buffer, int from, int length) throws IOException;

  /** Writes bytes at a position. If that fails, some of them may be written. */
  void write(long position, byte[] bytes, int from, int length) throws IOException;

  /** Returns the length of the file. */
  long length() throws IOException;

  /** Cuts off what is beyond a length. */
  void truncate(long length) throws IOException;

  /**
   * Waits until all that was written is on the disk. After a failure nothing is known of what was
   * not on the disk before, and no later sync makes up for that: Linux reports an error once and
   * may take the pages for clean then, see <a
   * href="https://wiki.postgresql.org/wiki/Fsync_Errors">Fsync Errors</a>.
   */
  void sync() throws IOException;

  @Override
  void close() throws IOException;
}
