package dev.ingest.internal.file;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Opens regular files, and nothing else: no symbolic link is followed, and a FIFO, which could
 * block for ever, is not opened. What is made has the mode 0600 whatever the umask; what exists
 * keeps its mode.
 *
 * <p>The kind of a file is looked up by its name before and after it is opened, since the JDK opens
 * a {@link RandomAccessFile} through links. So who can write to the directory, and is quick enough
 * twice, could still put another file there: what is private needs a directory that is.
 */
public final class PrivateFile {
  private PrivateFile() {}

  /** Opens a file to be read and written; makes it if there is none. */
  public static RandomAccessFile open(Path path) throws IOException {
    if (!exists(path)) {
      try {
        make(path);
      } catch (FileAlreadyExistsException e) {
        // Somebody else was faster, which makes no difference.
      }
    }
    return openExisting(path);
  }

  /** Makes a file, of which there must be none yet, and opens it to be read and written. */
  public static RandomAccessFile create(Path path) throws IOException {
    make(path);
    return openExisting(path);
  }

  /** Opens a file that is there to be read and written. */
  public static RandomAccessFile openExisting(Path path) throws IOException {
    return open(path, "rw");
  }

  /** Opens a file that is there to be read. */
  public static RandomAccessFile openToRead(Path path) throws IOException {
    return open(path, "r");
  }

  /** Waits until what was written to a file is on the disk. */
  public static void sync(Path path) throws IOException {
    try (RandomAccessFile file = openExisting(path)) {
      file.getFD().sync();
    }
  }

  /**
   * Tells whether there is a file.
   *
   * @throws FileRefusedException if what is there is no regular file
   */
  public static boolean exists(Path path) throws IOException {
    try {
      requireRegular(path);
      return true;
    } catch (NoSuchFileException e) {
      return false;
    }
  }

  /**
   * Returns what the file at a path is known by, whatever its name; null if there is no file, or if
   * the file system has nothing for that.
   */
  public static @Nullable Object key(Path path) throws IOException {
    try {
      return requireRegular(path).fileKey();
    } catch (NoSuchFileException e) {
      return null;
    }
  }

  private static void make(Path path) throws IOException {
    Files.createFile(path, Permissions.FILE.toMake(path)); // which follows no link
    Permissions.FILE.complete(path);
  }

  private static RandomAccessFile open(Path path, String mode) throws IOException {
    BasicFileAttributes before = requireRegular(path);
    RandomAccessFile file = new RandomAccessFile(path.toFile(), mode);
    try {
      if (!Objects.equals(before.fileKey(), requireRegular(path).fileKey())) {
        throw new IOException(
            path + " was replaced while it was opened: expected that nobody else touches it");
      }
      return file;
    } catch (Throwable t) {
      file.close();
      throw t;
    }
  }

  private static BasicFileAttributes requireRegular(Path path) throws IOException {
    BasicFileAttributes attributes =
        Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
    if (attributes.isRegularFile()) {
      return attributes;
    }
    String kind =
        attributes.isSymbolicLink()
            ? "a symbolic link, which is not followed"
            : attributes.isDirectory() ? "a directory" : "a FIFO, a socket or a device";
    throw new FileRefusedException(
        path + " is " + kind + ": expected a regular file, or none. Name another, or move it away");
  }
}
