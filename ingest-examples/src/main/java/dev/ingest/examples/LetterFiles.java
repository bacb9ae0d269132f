package dev.ingest.examples;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/**
 * Reads the dead letters in {@code FILE.1} and {@code FILE}, the oldest first, also while a server
 * writes to them and renames {@code FILE} to {@code FILE.1}. Both are open before the first is
 * read; if other files have their names afterwards, these are read as well. No letter is given to
 * the reader twice.
 *
 * <p>A letter's identity is a hash of its line, so it stays the same wherever the line stands. Of
 * lines that are the same byte for byte, the time included, each has another identity, by their
 * number.
 */
final class LetterFiles {
  private static final int IDENTITY_BYTES = 16;
  private static final int MAX_READINGS = 5;

  private final Path newer;
  private final Path older;
  private final Set<String> identities = new HashSet<>();
  private final Map<String, Integer> equalLines = new HashMap<>(); // of the current reading
  private long linesWithoutLetter;

  /** What takes the letters. */
  interface Reader {
    void take(String identity, Letter letter) throws IOException;
  }

  LetterFiles(Path file) {
    newer = file;
    older = file.resolveSibling(file.getFileName() + ".1");
  }

  /**
   * Refuses files that are not there.
   *
   * @throws NoSuchFileException if there is neither
   */
  void requireOne() throws NoSuchFileException {
    if (Files.notExists(newer) && Files.notExists(older)) { // in this order, as it may be renamed
      throw new NoSuchFileException("there is no dead-letter file " + newer);
    }
  }

  /**
   * Reads all letters, each once.
   *
   * @return false if a server has renamed the files during each of several readings, so that
   *     letters may be missing
   * @throws IOException if there is no file, or it cannot be read
   */
  boolean read(Reader reader) throws IOException {
    requireOne();
    for (int reading = 0; reading < MAX_READINGS; reading++) {
      List<Object> before = fileKeys();
      linesWithoutLetter = 0;
      equalLines.clear();
      try (ByteLines olderLines = open(older);
          ByteLines newerLines = open(newer)) {
        read(olderLines, reader);
        read(newerLines, reader);
        if (fileKeys().equals(before)) { // no file that is open gives its key to another
          return true;
        }
      }
    }
    return false;
  }

  private static ByteLines open(Path path) throws IOException {
    try {
      return new ByteLines(Files.newInputStream(path));
    } catch (NoSuchFileException e) {
      return new ByteLines(InputStream.nullInputStream());
    }
  }

  private List<Object> fileKeys() throws IOException {
    List<Object> keys = new ArrayList<>();
    for (Path path : List.of(older, newer)) {
      try {
        BasicFileAttributes file = Files.readAttributes(path, BasicFileAttributes.class);
        keys.add(
            Objects.requireNonNullElse(file.fileKey(), file.creationTime())); // none on Windows
      } catch (NoSuchFileException e) {
        keys.add("none");
      }
    }
    return keys;
  }

  private void read(ByteLines lines, Reader reader) throws IOException {
    byte[] line;
    while ((line = lines.next()) != null) {
      Optional<Letter> letter = Letter.parse(line);
      if (letter.isPresent()) {
        String identity = identity(line);
        if (identities.add(identity)) {
          reader.take(identity, letter.get());
        }
      } else if (line.length > 0) {
        linesWithoutLetter++;
      }
    }
  }

  private String identity(byte[] line) {
    String hash = HexFormat.of().formatHex(Arrays.copyOf(sha256(line), IDENTITY_BYTES));
    int number = equalLines.merge(hash, 1, Integer::sum);
    return number == 1 ? hash : hash + "-" + number;
  }

  private static byte[] sha256(byte[] bytes) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(bytes);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }

  /** Returns the identities of the letters that were read. */
  Set<String> identities() {
    return identities;
  }

  /** Returns how many lines hold no letter, such as one that was not written to its end. */
  long linesWithoutLetter() {
    return linesWithoutLetter;
  }
}
