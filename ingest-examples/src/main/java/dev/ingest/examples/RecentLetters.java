package dev.ingest.examples;

import dev.ingest.examples.page.Rejects;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The newest {@value #MOST} dead letters, for the page. Reads the last {@value #TAIL} bytes of the
 * file, and only when the file has changed.
 */
final class RecentLetters implements Supplier<Rejects> {
  private static final int MOST = 20;
  private static final int TAIL = 1 << 18;
  private static final int LONGEST_TEXT = 300;

  private final @Nullable Path file;
  private @Nullable BasicFileAttributes read;
  private Rejects latest;

  /**
   * Makes a reader.
   *
   * @param file the dead-letter file; null if there is none
   */
  RecentLetters(@Nullable Path file) {
    this.file = file;
    this.latest =
        new Rejects(
            file == null
                ? "Start the server with --dead-letters FILE to see them here."
                : "Nothing in " + file + " yet.",
            List.of());
  }

  @Override
  public Rejects get() {
    if (file != null) {
      try {
        readIfChanged(file);
      } catch (NoSuchFileException e) {
        read = null; // there is none before the first letter
      } catch (IOException e) {
        read = null;
        latest = new Rejects("Cannot read " + file + ": " + e, List.of());
      }
    }
    return latest;
  }

  private void readIfChanged(Path path) throws IOException {
    BasicFileAttributes now = Files.readAttributes(path, BasicFileAttributes.class);
    if (read == null
        || now.size() != read.size()
        || !now.lastModifiedTime().equals(read.lastModifiedTime())) {
      List<Rejects.Rejected> letters = newest(tail(path));
      latest = new Rejects("The newest " + letters.size() + " in " + path + ".", letters);
      read = now;
    }
  }

  private static byte[] tail(Path path) throws IOException {
    try (RandomAccessFile open = new RandomAccessFile(path.toFile(), "r")) {
      byte[] tail = new byte[(int) Math.min(TAIL, open.length())];
      open.seek(open.length() - tail.length);
      open.readFully(tail);
      return tail;
    }
  }

  /** Reads the lines backwards. What stands before the first line's beginning is no letter. */
  private static List<Rejects.Rejected> newest(byte[] tail) {
    List<Rejects.Rejected> letters = new ArrayList<>();
    int end = tail.length;
    for (int at = tail.length - 1; at >= -1 && letters.size() < MOST; at--) {
      if (at < 0 || tail[at] == '\n') {
        Letter.parse(Arrays.copyOfRange(tail, at + 1, end))
            .ifPresent(letter -> letters.add(shown(letter)));
        end = Math.max(at, 0);
      }
    }
    return letters;
  }

  private static Rejects.Rejected shown(Letter letter) {
    return new Rejects.Rejected(
        letter.arrival(),
        Printable.start(letter.source(), LONGEST_TEXT),
        letter.reason(),
        Printable.start(letter.detail(), LONGEST_TEXT),
        Printable.start(new String(letter.payload(), StandardCharsets.UTF_8), LONGEST_TEXT));
  }
}
