package dev.ingest.examples;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LetterSpoolTest {
  private static final Letter LETTER =
      new Letter(Instant.EPOCH, "s", "REFUSED", null, "", "{\"n\":1}".getBytes(UTF_8), 7);

  @TempDir Path directory;

  private LetterSpool open() throws Exception {
    return LetterSpool.open(directory.resolve("letters.replay"));
  }

  private void take(String... identities) throws Exception {
    try (LetterSpool spool = open()) {
      for (String identity : identities) {
        spool.add(identity, LETTER);
      }
      spool.commit();
    }
  }

  private List<Path> files(String suffix) throws Exception {
    try (Stream<Path> files = Files.list(directory.resolve("letters.replay"))) {
      return files.filter(file -> file.toString().endsWith(suffix)).toList();
    }
  }

  private void undoRename(String suffix) throws Exception {
    Path file = files(suffix).get(0);
    Files.move(file, file.resolveSibling(file.getFileName() + ".tmp"));
  }

  @Test
  void what_is_taken_stays_so_when_its_segment_is_replayed_and_removed() throws Exception {
    take("a", "b");
    Files.delete(files(".ndjson").get(0));
    try (LetterSpool spool = open()) {
      assertTrue(spool.isTaken("a") && spool.isTaken("b"));
      assertFalse(spool.isTaken("c"));
    }
  }

  @Test
  void a_crash_before_the_segment_has_its_name_leaves_nothing_taken() throws Exception {
    take("a");
    undoRename(".ndjson");
    undoRename(".taken");
    try (LetterSpool spool = open()) {
      assertFalse(spool.isTaken("a"));
      assertEquals(List.of(), files(".tmp"));
    }
  }

  @Test
  void a_crash_after_the_segment_has_its_name_leaves_all_taken() throws Exception {
    take("a");
    undoRename(".taken");
    try (LetterSpool spool = open()) {
      assertTrue(spool.isTaken("a"));
    }
  }

  @Test
  void what_was_taken_is_forgotten_when_its_letters_and_its_segment_are_gone() throws Exception {
    take("a", "b");
    take("c");
    try (LetterSpool spool = open()) {
      spool.forgetAllBut(Set.of("b"));
      assertEquals(2, files(".taken").size());
      for (Path segment : files(".ndjson")) {
        Files.delete(segment);
      }
      spool.forgetAllBut(Set.of("b"));
    }
    try (LetterSpool spool = open()) {
      assertTrue(spool.isTaken("a") && spool.isTaken("b"));
      assertFalse(spool.isTaken("c"));
    }
  }

  @Test
  void a_segment_that_a_server_removes_while_the_spool_is_read_is_passed_over() throws Exception {
    take("a");
    take("b");
    int[] read = {0};
    SpoolFiles files = new SpoolFiles(directory.resolve("letters.replay"));
    files.read(
        waiting -> {
          read[0]++;
          try {
            for (Path segment : files(".ndjson")) {
              Files.delete(segment);
            }
          } catch (Exception e) {
            throw new IllegalStateException(e);
          }
        });
    assertEquals(1, read[0]);
    assertEquals(1, files.segments());
  }

  private static String line(int number) {
    return "{\"time\":\"2026-01-31T12:00:00Z\",\"source\":\"s\",\"reason\":\"REFUSED\","
        + "\"detail\":\"\",\"payload\":\"{\\\"n\\\":"
        + number
        + "}\"}\n";
  }

  private Path older() {
    return directory.resolve("letters.1");
  }

  private Path newer() {
    return directory.resolve("letters");
  }

  /** Does what a server does when the file is full. */
  private void rename(int newNumber) {
    try {
      if (Files.exists(newer())) {
        Files.move(newer(), older(), StandardCopyOption.REPLACE_EXISTING);
      }
      Files.writeString(newer(), line(newNumber));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void each_letter_is_read_once_though_the_file_is_renamed_meanwhile() throws Exception {
    Files.writeString(older(), line(1));
    Files.writeString(newer(), line(2) + line(2));
    List<String> read = new ArrayList<>();
    LetterFiles files = new LetterFiles(newer());
    boolean isWhole =
        files.read(
            (identity, letter) -> {
              read.add(new String(letter.payload(), UTF_8));
              if (read.size() == 1) {
                rename(3);
              }
            });
    assertTrue(isWhole);
    assertEquals(List.of("{\"n\":1}", "{\"n\":2}", "{\"n\":2}", "{\"n\":3}"), read);
    assertEquals(4, files.identities().size());
  }

  @Test
  void a_reading_during_which_the_file_is_always_renamed_is_known_as_not_whole() throws Exception {
    Files.writeString(older(), line(1));
    Files.writeString(newer(), line(2));
    int[] number = {2};
    assertFalse(new LetterFiles(newer()).read((identity, letter) -> rename(++number[0])));
  }

  @Test
  void a_file_that_is_just_being_renamed_is_no_failure() throws Exception {
    Files.writeString(older(), line(1));
    List<String> read = new ArrayList<>();
    assertTrue(new LetterFiles(newer()).read((identity, letter) -> read.add(identity)));
    assertEquals(1, read.size());
  }

  @Test
  void a_line_that_is_longer_than_a_server_writes_is_no_letter() throws Exception {
    String tooLong = line(1).replace("\"}\n", "x".repeat(ByteLines.MAX_BYTES) + "\"}\n");
    Files.writeString(newer(), tooLong + line(2));
    List<Letter> read = new ArrayList<>();
    LetterFiles files = new LetterFiles(newer());
    assertTrue(files.read((identity, letter) -> read.add(letter)));
    assertEquals(1, read.size());
    assertEquals(1, files.linesWithoutLetter());
  }

  @Test
  void letters_that_are_the_same_are_each_one_of_their_own() throws Exception {
    Path file = Files.writeString(newer(), line(1) + line(1));
    LetterFiles twice = new LetterFiles(file);
    twice.read((identity, letter) -> {});
    assertEquals(2, twice.identities().size());
    rename(1);
    LetterFiles moved = new LetterFiles(file);
    moved.read((identity, letter) -> {});
    assertTrue(
        moved.identities().size() == 3 && moved.identities().containsAll(twice.identities()));
  }
}
