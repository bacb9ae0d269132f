package dev.ingest.internal.spool;

import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/**
 * The directory of a spool and its files, and all that the spool asks of a disk. Files are known by
 * their names in the directory. Any call may block for as long as the disk stalls, and may fail.
 * Thread-safe.
 */
interface Disk extends Closeable {
  /** Returns where the directory is, for messages. */
  Path path();

  /** Returns the names of all files in the directory. */
  List<String> list() throws IOException;

  /** Tells whether there is a file. */
  boolean exists(String name) throws IOException;

  /** Makes an empty file, of which there must be none yet. */
  DiskFile create(String name) throws IOException;

  /** Opens a file that is there, to be read and written. */
  DiskFile open(String name) throws IOException;

  /** Opens a file that is there, to be read only. */
  DiskFile openToRead(String name) throws IOException;

  /** Gives a file another name, in one step, in place of the file that has that name. */
  void rename(String from, String to) throws IOException;

  /** Removes a file, if there is one. */
  void remove(String name) throws IOException;

  /**
   * Waits until the directory is on the disk: files that were made, renamed or removed stay so
   * after a power loss.
   */
  void sync() throws IOException;

  /** Unlocks the directory. */
  @Override
  void close() throws IOException;
}
