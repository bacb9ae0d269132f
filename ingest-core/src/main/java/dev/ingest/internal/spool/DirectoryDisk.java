package dev.ingest.internal.spool;

import dev.ingest.internal.file.FileRefusedException;
import dev.ingest.internal.file.LockFile;
import dev.ingest.internal.file.PrivateDirectory;
import dev.ingest.internal.file.PrivateFile;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.stream.Stream;

/** A directory of the file system, locked for one server. */
final class DirectoryDisk implements Disk {
  private static final String LOCK_FILE = "spool.lock";

  private final Path path;
  private final LockFile lock;

  private DirectoryDisk(Path path, LockFile lock) {
    this.path = path;
    this.lock = lock;
  }

  /**
   * Makes the directory if it is missing, and locks it.
   *
   * @throws IOException if it cannot be written, others can write to it, or another server has it;
   *     the message names it
   */
  static DirectoryDisk open(Path path) throws IOException {
    String subject = "the spool directory " + path;
    try {
      PrivateDirectory.make(path);
      PrivateDirectory.requirePrivate(path, subject);
      return new DirectoryDisk(
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

  @Override
  public Path path() {
    return path;
  }

  @Override
  public List<String> list() throws IOException {
    try (Stream<Path> files = Files.list(path)) {
      return files.map(file -> file.getFileName().toString()).toList();
    }
  }

  @Override
  public boolean exists(String name) throws IOException {
    return PrivateFile.exists(path.resolve(name));
  }

  @Override
  public DiskFile create(String name) throws IOException {
    return new OpenFile(PrivateFile.create(path.resolve(name)));
  }

  @Override
  public DiskFile open(String name) throws IOException {
    return new OpenFile(PrivateFile.openExisting(path.resolve(name)));
  }

  @Override
  public DiskFile openToRead(String name) throws IOException {
    return new OpenFile(PrivateFile.openToRead(path.resolve(name)));
  }

  @Override
  public void rename(String from, String to) throws IOException {
    Files.move(path.resolve(from), path.resolve(to), StandardCopyOption.ATOMIC_MOVE);
  }

  @Override
  public void remove(String name) throws IOException {
    Files.deleteIfExists(path.resolve(name));
  }

  @Override
  public void sync() throws IOException {
    PrivateDirectory.sync(path);
  }

  @Override
  public void close() throws IOException {
    lock.close();
  }

  /** Not a FileChannel: an interrupt of the writer thread would close that. */
  private record OpenFile(RandomAccessFile file) implements DiskFile {
    @Override
    public int read(long position, byte[] buffer, int from, int length) throws IOException {
      file.seek(position);
      int filled = 0;
      int read;
      while (filled < length && (read = file.read(buffer, from + filled, length - filled)) > 0) {
        filled += read;
      }
      return filled;
    }

    @Override
    public void write(long position, byte[] bytes, int from, int length) throws IOException {
      file.seek(position);
      file.write(bytes, from, length);
    }

    @Override
    public long length() throws IOException {
      return file.length();
    }

    @Override
    public void truncate(long length) throws IOException {
      if (file.length() > length) {
        file.setLength(length);
      }
    }

    @Override
    public void sync() throws IOException {
      file.getFD().sync();
    }

    @Override
    public void close() throws IOException {
      file.close();
    }
  }
}
