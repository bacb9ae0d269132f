package dev.ingest.examples;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/**
 * A spool for dead letters that are to be replayed: the directory {@code FILE.replay} beside their
 * file. A server replays it exactly once, as any spool; here each letter gets into it exactly once,
 * although the file with the letters is not changed.
 *
 * <p>With each segment {@code NAME.ndjson} stands {@code NAME.taken}, the letters that are in it.
 * It stays when the segment is replayed and removed, until none of these letters is there any more.
 * Both are written and synced under other names; the segment's renaming is what takes the letters.
 * A crash before it leaves nothing taken. A crash after it leaves a segment beside the old name of
 * its list, and the list is renamed when this is opened again: before a server can have removed the
 * segment. One process at a time has the directory, by the lock on {@code replay.lock}.
 */
final class LetterSpool implements Closeable {
  private static final String LOCK = "replay.lock";
  private static final String SEGMENT = ".ndjson";
  private static final String TAKEN = ".taken";
  private static final String UNFINISHED = ".tmp";

  /** How long a segment gets, in bytes. */
  private static final int SEGMENT_BYTES = 1 << 24;

  private final Path directory;
  private final FileChannel lock;
  private final Set<String> taken = new HashSet<>();

  // The next segment.
  private String name = nextName();
  private int lines;
  private final ByteArrayOutputStream segment = new ByteArrayOutputStream();
  private final List<String> identities = new ArrayList<>();

  private LetterSpool(Path directory, FileChannel lock) {
    this.directory = directory;
    this.lock = lock;
  }

  /** Returns where the letters of a file are taken to. */
  static Path directoryOf(Path letters) {
    return letters.resolveSibling(letters.getFileName() + ".replay");
  }

  /** Tells whether a directory is such a spool: a server's own spool has no such lock. */
  static boolean isOne(Path directory) {
    return Files.exists(directory.resolve(LOCK));
  }

  /** Returns the identities of the letters in a directory that were taken by earlier replays. */
  static Set<String> takenTo(Path directory) throws IOException {
    Set<String> identities = new HashSet<>();
    for (Path file : files(directory, TAKEN)) {
      try {
        identities.addAll(Files.readAllLines(file, US_ASCII));
      } catch (NoSuchFileException e) {
        // A replay has forgotten these letters, since they are no longer there.
      }
    }
    return identities;
  }

  /**
   * Opens such a spool, or makes it, and finishes what a crash has left.
   *
   * @throws IOException if it cannot be written, or another replay has it
   */
  static LetterSpool open(Path directory) throws IOException {
    if (Files.notExists(directory)) {
      Files.createDirectory(directory, mode(directory, "rwx------"));
    }
    Path lockFile = directory.resolve(LOCK);
    FileChannel lock =
        FileChannel.open(
            lockFile,
            Set.of(StandardOpenOption.CREATE, StandardOpenOption.WRITE),
            mode(directory, "rw-------"));
    try {
      if (lock.tryLock() == null) {
        throw new IOException(
            directory + " is in use by another replay: let that one come to its end first");
      }
      LetterSpool spool = new LetterSpool(directory, lock);
      spool.recover();
      spool.taken.addAll(takenTo(directory));
      return spool;
    } catch (Throwable t) {
      lock.close();
      throw t;
    }
  }

  private void recover() throws IOException {
    for (Path list : files(directory, TAKEN + UNFINISHED)) {
      if (Files.exists(sibling(list, SEGMENT))) {
        Files.move(list, sibling(list, TAKEN), StandardCopyOption.ATOMIC_MOVE);
      }
    }
    for (Path file : files(directory, UNFINISHED)) {
      Files.delete(file);
    }
  }

  Path directory() {
    return directory;
  }

  boolean isTaken(String identity) {
    return taken.contains(identity);
  }

  /**
   * Adds a letter to the next segment. It is taken when {@link #commit} has returned, or before.
   */
  void add(String identity, Letter letter) throws IOException {
    letter
        .spoolLines()
        .forEach(
            line -> {
              segment.writeBytes(line);
              segment.writeBytes(SpoolFormat.check(line, name, lines++));
              segment.write('\n');
            });
    identities.add(identity);
    if (segment.size() >= SEGMENT_BYTES) {
      commit();
    }
  }

  /** Takes the letters that were added. */
  void commit() throws IOException {
    if (identities.isEmpty()) {
      return;
    }
    Path file = directory.resolve(name + SEGMENT);
    write(sibling(file, SEGMENT + UNFINISHED), segment.toByteArray());
    String list = String.join("\n", identities) + "\n";
    write(sibling(file, TAKEN + UNFINISHED), list.getBytes(US_ASCII));
    syncDirectory();
    rename(sibling(file, SEGMENT + UNFINISHED), file);
    rename(sibling(file, TAKEN + UNFINISHED), sibling(file, TAKEN));
    taken.addAll(identities);
    identities.clear();
    segment.reset();
    lines = 0;
    name = nextName();
  }

  /** Forgets letters that are no longer there, so that what is kept does not grow. */
  void forgetAllBut(Set<String> present) throws IOException {
    for (Path list : files(directory, TAKEN)) {
      if (Files.notExists(sibling(list, SEGMENT))
          && Files.readAllLines(list, US_ASCII).stream().noneMatch(present::contains)) {
        Files.delete(list);
      }
    }
  }

  private static String nextName() {
    String random = HexFormat.of().toHexDigits(new SecureRandom().nextLong());
    return System.currentTimeMillis() + "-" + random;
  }

  private static Path sibling(Path file, String suffix) {
    String name = file.getFileName().toString();
    return file.resolveSibling(name.substring(0, name.indexOf('.')) + suffix);
  }

  private static List<Path> files(Path directory, String suffix) throws IOException {
    if (Files.notExists(directory)) {
      return List.of();
    }
    try (Stream<Path> files = Files.list(directory)) {
      return files.filter(file -> file.toString().endsWith(suffix)).sorted().toList();
    }
  }

  private void write(Path file, byte[] bytes) throws IOException {
    try (FileChannel channel =
        FileChannel.open(
            file,
            Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
            mode(directory, "rw-------"))) {
      ByteBuffer left = ByteBuffer.wrap(bytes);
      while (left.hasRemaining()) {
        channel.write(left);
      }
      channel.force(true);
    }
  }

  private void rename(Path from, Path to) throws IOException {
    Files.move(from, to, StandardCopyOption.ATOMIC_MOVE);
    syncDirectory();
  }

  private void syncDirectory() throws IOException {
    if (hasModes(directory)) { // elsewhere a directory cannot be opened
      try (FileChannel channel = FileChannel.open(directory)) {
        channel.force(true);
      }
    }
  }

  private static boolean hasModes(Path path) {
    return path.getFileSystem().supportedFileAttributeViews().contains("posix");
  }

  private static FileAttribute<?>[] mode(Path path, String permissions) {
    return hasModes(path)
        ? new FileAttribute<?>[] {
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(permissions))
        }
        : new FileAttribute<?>[0];
  }

  @Override
  public void close() throws IOException {
    lock.close();
  }
}
