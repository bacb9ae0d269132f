package dev.ingest.internal.spool;

import dev.ingest.internal.file.FileRefusedException;
import dev.ingest.internal.file.LockFile;
import dev.ingest.internal.file.PrivateDirectory;
import java.io.Closeable;
import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.SecureRandom;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The directory of a spool, locked for one server.
 *
 * <p>A segment's name is a number, which gives the order, and 16 random hexadecimal digits, which
 * make it unique for ever: a sink remembers which lines of which segment it has stored, and with a
 * name used twice it would mistake new records for stored ones. No clock is involved.
 */
final class SpoolDirectory implements Closeable {
  private static final String LOCK_FILE = "spool.lock";
  private static final Pattern SEGMENT_NAME = Pattern.compile("\\d{10}-[0-9a-f]{16}");
  private static final int NUMBER_DIGITS = 10;

  private final Path path;
  private final LockFile lock;
  private final SecureRandom random = new SecureRandom();
  private long lastNumber;

  private SpoolDirectory(Path path, LockFile lock) {
    this.path = path;
    this.lock = lock;
  }

  /**
   * Makes the directory if it is missing, and locks it.
   *
   * @throws IOException if it cannot be written, others can write to it, or another server has it;
   *     the message names it
   */
  static SpoolDirectory open(Path path) throws IOException {
    String subject = "the spool directory " + path;
    try {
      PrivateDirectory.make(path);
      PrivateDirectory.requirePrivate(path, subject);
      return new SpoolDirectory(
          path,
          LockFile.acquire(
              path.resolve(LOCK_FILE), subject, "give each server a directory of its own"));
    } catch (FileRefusedException e) {
      throw e;
    } catch (IOException e) {
      throw new IOException(
          "cannot use "
              + subject
              + ": "
              + (Files.isRegularFile(path) ? "it is a file" : e)
              + "; expected a directory that can be written to, or can be made",
          e);
    }
  }

  Path path() {
    return path;
  }

  /** Returns the names of the segments that are there, oldest first. */
  List<String> segments() throws IOException {
    List<String> names = names(Segment.FILE_SUFFIX);
    if (!names.isEmpty()) {
      String last = names.get(names.size() - 1);
      lastNumber = Math.max(lastNumber, Long.parseLong(last.substring(0, NUMBER_DIGITS)));
    }
    return names;
  }

  /** Returns the names of the segments of which a crash has left only the notes. */
  List<String> halfRemoved() throws IOException {
    Set<String> whole = Set.copyOf(names(Segment.FILE_SUFFIX));
    return names(Segment.SETTLED_SUFFIX).stream().filter(name -> !whole.contains(name)).toList();
  }

  private List<String> names(String suffix) throws IOException {
    try (Stream<Path> files = Files.list(path)) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(file -> file.endsWith(suffix))
          .map(file -> file.substring(0, file.length() - suffix.length()))
          .filter(name -> SEGMENT_NAME.matcher(name).matches())
          .sorted()
          .toList();
    }
  }

  /** Returns the name of the next segment. */
  String nextSegment() {
    lastNumber++;
    return String.format(Locale.ROOT, "%010d-%016x", lastNumber, random.nextLong());
  }

  /**
   * Waits until the directory is on the disk: files that were made or removed stay so after a power
   * loss. Only a channel can do that for a directory, and an interrupt closes the channel: then it
   * is done again, and the interrupt flag is kept.
   */
  void sync() throws IOException {
    boolean interrupted = Thread.interrupted();
    try {
      while (true) {
        try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
          channel.force(true);
          return;
        } catch (ClosedByInterruptException e) {
          interrupted |= Thread.interrupted();
        }
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  @Override
  public void close() throws IOException {
    lock.close();
  }
}
