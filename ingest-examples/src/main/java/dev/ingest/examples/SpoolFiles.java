package dev.ingest.examples;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Comparator;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Reads the records in a spool that wait to be stored, also while a server has it. */
final class SpoolFiles {
  private static final Pattern SEGMENT = Pattern.compile("(\\d{10,18})-[0-9a-f]{16}\\.ndjson");
  private static final Pattern WITH_ARRIVAL =
      Pattern.compile("\\[(-?\\d{1,19}),\"([^\"]*)\",(.*)]", Pattern.DOTALL);

  private final Path directory;
  private int segments;
  private long damagedLines;

  /** A record that waits: its text, and when it arrived and from where, if that was kept. */
  record Waiting(String json, @Nullable Instant receivedAt, String sender) {}

  /** What takes the records. */
  interface Reader {
    void take(Waiting waiting);
  }

  SpoolFiles(Path directory) {
    this.directory = directory;
  }

  /**
   * Reads all records, the oldest first.
   *
   * @throws IOException if there is no such directory or it cannot be read
   */
  void read(Reader reader) throws IOException {
    requireDirectory(directory);
    for (Path segment : segmentFiles()) {
      try {
        read(segment, reader);
        segments++;
      } catch (NoSuchFileException e) {
        // The server has stored its records, and removed it.
      }
    }
  }

  /**
   * Refuses a spool that is not there.
   *
   * @throws NotDirectoryException if there is no such directory
   */
  static void requireDirectory(Path directory) throws NotDirectoryException {
    if (!Files.isDirectory(directory)) {
      throw new NotDirectoryException("there is no spool directory " + directory);
    }
  }

  private List<Path> segmentFiles() throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files
          .filter(file -> SEGMENT.matcher(file.getFileName().toString()).matches())
          .sorted(Comparator.comparingLong(SpoolFiles::number).thenComparing(Path::getFileName))
          .toList();
    }
  }

  private static long number(Path segment) {
    String name = segment.getFileName().toString();
    return Long.parseLong(name.substring(0, name.indexOf('-')));
  }

  private void read(Path file, Reader reader) throws IOException {
    String name = file.getFileName().toString().replace(".ndjson", "");
    BitSet settled = SpoolFormat.settled(file.resolveSibling(name + ".settled"), name);
    try (ByteLines lines = new ByteLines(Files.newInputStream(file))) {
      byte[] line;
      for (int number = 0; (line = lines.next()) != null; number++) {
        if (!settled.get(number)) {
          int end = Math.max(0, line.length - SpoolFormat.CHECK_BYTES);
          byte[] content = Arrays.copyOf(line, end);
          byte[] check = Arrays.copyOfRange(line, end, line.length);
          if (Arrays.equals(check, SpoolFormat.check(content, name, number))) {
            reader.take(waiting(new String(content, UTF_8)));
          } else {
            damagedLines++;
          }
        }
      }
    }
  }

  private static Waiting waiting(String content) {
    Matcher parts = WITH_ARRIVAL.matcher(content);
    if (!parts.matches()) {
      return new Waiting(content, null, "");
    }
    try {
      long nanos = Long.parseLong(parts.group(1));
      return new Waiting(parts.group(3), Instant.ofEpochSecond(0, nanos), parts.group(2));
    } catch (NumberFormatException e) { // it is no time that a server has written
      return new Waiting(content, null, "");
    }
  }

  /** Returns how many segments were read. */
  int segments() {
    return segments;
  }

  /**
   * Returns how many lines are damaged, or not written to their end. A line that is missing makes
   * those behind it count as well, which a server would still find.
   */
  long damagedLines() {
    return damagedLines;
  }
}
