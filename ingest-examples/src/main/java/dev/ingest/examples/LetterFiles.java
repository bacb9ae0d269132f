package dev.ingest.examples;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Reads the dead letters in {@code FILE.1} and {@code FILE}, the oldest first, also while a server
 * writes to them: a file that it renames meanwhile is not read twice.
 *
 * <p>A letter's identity is a hash of its line, so it stays the same wherever the line stands. Of
 * lines that are the same byte for byte, the time included, each has another identity, by their
 * number.
 */
final class LetterFiles {
  private static final int IDENTITY_BYTES = 16;

  private final Path file;
  private final Set<String> identities = new HashSet<>();
  private long linesWithoutLetter;

  /** What takes the letters. */
  interface Reader {
    void take(String identity, Letter letter) throws IOException;
  }

  LetterFiles(Path file) {
    this.file = file;
  }

  /**
   * Returns the files that are there, the oldest first.
   *
   * @throws IOException if there is none
   */
  List<Path> existing() throws IOException {
    List<Path> files =
        Stream.of(file.resolveSibling(file.getFileName() + ".1"), file)
            .filter(Files::exists)
            .toList();
    if (files.isEmpty()) {
      throw new NoSuchFileException("there is no dead-letter file " + file);
    }
    return files;
  }

  /**
   * Reads all letters.
   *
   * @throws IOException if there is no file, or it cannot be read
   */
  void read(Reader reader) throws IOException {
    for (Path path : existing()) {
      read(path, reader);
    }
  }

  private void read(Path path, Reader reader) throws IOException {
    try (ByteLines lines = new ByteLines(path)) {
      byte[] line;
      while ((line = lines.next()) != null) {
        Optional<Letter> letter = Letter.parse(line);
        if (letter.isPresent()) {
          reader.take(identity(line), letter.get());
        } else if (line.length > 0) {
          linesWithoutLetter++;
        }
      }
    }
  }

  private String identity(byte[] line) {
    byte[] hash = line;
    String identity;
    do {
      hash = sha256(hash);
      identity = HexFormat.of().formatHex(Arrays.copyOf(hash, IDENTITY_BYTES));
    } while (!identities.add(identity));
    return identity;
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
