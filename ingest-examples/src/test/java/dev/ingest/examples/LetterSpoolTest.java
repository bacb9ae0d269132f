package dev.ingest.examples;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
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
    return LetterSpool.open(directory.resolve("letters"));
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
  void letters_that_are_the_same_are_each_one_of_their_own() throws Exception {
    String line =
        "{\"time\":\"2026-01-31T12:00:00Z\",\"source\":\"s\",\"reason\":\"REFUSED\","
            + "\"detail\":\"\",\"payload\":\"{}\"}\n";
    Path file = Files.writeString(directory.resolve("letters"), line + line);
    LetterFiles twice = new LetterFiles(file);
    twice.read((identity, letter) -> {});
    assertEquals(2, twice.identities().size());
    Files.move(file, directory.resolve("letters.1"));
    Files.writeString(file, line);
    LetterFiles moved = new LetterFiles(file);
    moved.read((identity, letter) -> {});
    assertTrue(
        moved.identities().size() == 3 && moved.identities().containsAll(twice.identities()));
  }
}
