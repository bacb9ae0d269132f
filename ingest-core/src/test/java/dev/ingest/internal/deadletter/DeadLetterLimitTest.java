package dev.ingest.internal.deadletter;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ingest.internal.file.FileRefusedException;
import dev.ingest.internal.ledger.Ledger;
import dev.ingest.internal.ledger.Levels;
import dev.ingest.stats.DropReason;
import dev.ingest.stats.IngestStats;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** What the limit removes, what it keeps, and how that is counted. */
class DeadLetterLimitTest {
  private static final long LIMIT = 1 << 20;
  private static final String FILLER = "x".repeat(10_000);

  @TempDir Path directory;
  private final Ledger ledger = new Ledger();

  private Path file() {
    return directory.resolve("dead.ndjson");
  }

  private Path previous() {
    return directory.resolve("dead.ndjson.1");
  }

  private DeadLetterFile open() throws IOException {
    return DeadLetterFile.open(file(), LIMIT, ledger);
  }

  /** Writes a record's letter, and counts it as the writer does. */
  private boolean write(DeadLetterFile letters, int id) {
    boolean written =
        letters
            .write(new DeadLetter("192.0.2.1:7", "REFUSED", "id " + id + ";", bytes(FILLER)))
            .isEmpty();
    ledger.decoded(1, 1);
    if (written) {
      ledger.deadLettered(1);
    } else {
      ledger.dropped(DropReason.DEAD_LETTER_FAILED, 1);
    }
    assertTrue(stats().records().isBalanced());
    return written;
  }

  private static void reject(DeadLetterFile letters) {
    letters.addRejected(new DeadLetter("192.0.2.2:7", "BAD_UTF8", "bad", bytes(FILLER)));
    letters.flush();
  }

  private static ByteBuffer bytes(String text) {
    return ByteBuffer.wrap(text.getBytes(UTF_8));
  }

  private IngestStats stats() {
    return ledger.snapshot(new Levels(OptionalLong.empty(), 10, 0, 0));
  }

  private List<String> lines() throws IOException {
    List<String> lines = new ArrayList<>();
    for (Path file : List.of(previous(), file())) {
      if (Files.exists(file)) {
        lines.addAll(Files.readAllLines(file));
      }
    }
    return lines;
  }

  private List<Integer> ids() throws IOException {
    return lines().stream()
        .filter(line -> line.contains("REFUSED"))
        .map(line -> line.substring(line.indexOf("\"id ") + 4, line.indexOf(';')))
        .map(Integer::valueOf)
        .toList();
  }

  private long rejectedBytes() throws IOException {
    return lines().stream()
        .filter(line -> line.contains("BAD_UTF8"))
        .mapToLong(line -> line.length() + 1L)
        .sum();
  }

  private void assertWithinLimit() throws IOException {
    for (Path file : List.of(previous(), file())) {
      assertTrue(Files.notExists(file) || Files.size(file) <= LIMIT, file::toString);
    }
    assertTrue(rejectedBytes() <= LIMIT / 2, "rejected messages take " + rejectedBytes());
  }

  @Test
  void a_full_file_is_renamed_and_what_that_removes_is_dropped_and_counted() throws Exception {
    try (DeadLetterFile letters = open()) {
      for (int id = 0; id < 400; id++) {
        assertTrue(write(letters, id));
        if (id % 10 == 0) {
          assertEquals(ids().size(), stats().records().deadLettered(), "counted is what is there");
        }
      }
    }
    assertWithinLimit();
    List<Integer> kept = ids();
    assertTrue(kept.size() > 75 && kept.size() < 200, kept::toString);
    assertEquals(399, kept.get(kept.size() - 1));
    assertEquals(400 - kept.size(), kept.get(0), "the oldest are removed");
    int removed = 400 - kept.size();
    assertEquals(removed, stats().deadLettersRemoved());
    assertEquals(removed, stats().records().droppedByReason().get(DropReason.DEAD_LETTER_REMOVED));
    assertEquals(kept.size(), stats().records().deadLettered());
  }

  @Test
  void lines_of_earlier_runs_are_counted_as_removed_and_not_as_dropped() throws Exception {
    Files.writeString(previous(), "older\n".repeat(7));
    Files.writeString(file(), "old\n".repeat(4) + "torn");
    try (DeadLetterFile letters = open()) {
      while (stats().deadLettersRemoved() < 8) {
        assertTrue(write(letters, 1));
      }
    }
    long written = stats().records().deadLettered() + stats().records().dropped();
    assertEquals(7 + 5 + written - lines().size(), stats().deadLettersRemoved());
    assertEquals(
        stats().deadLettersRemoved() - 12,
        stats().records().droppedByReason().get(DropReason.DEAD_LETTER_REMOVED));
  }

  @Test
  void a_flood_of_rejected_messages_alone_keeps_the_newest_within_half_of_the_limit()
      throws Exception {
    long most = 0;
    try (DeadLetterFile letters = open()) {
      for (int i = 0; i < 3_000; i++) {
        reject(letters);
        if (i % 100 == 0) {
          assertWithinLimit();
          most = Math.max(most, rejectedBytes());
        }
      }
    }
    assertTrue(most > LIMIT / 3, "they use their share: " + most);
    assertEquals(0, stats().deadLettersNotKept());
    assertEquals(3_000 - lines().size(), stats().deadLettersRemoved());
    assertEquals(0, stats().records().dropped());
  }

  @Test
  void no_flood_of_rejected_messages_changes_which_records_are_kept() throws Exception {
    Random random = new Random(1);
    Map<Integer, List<Integer>> kept = new HashMap<>();
    try (DeadLetterFile letters = open()) {
      for (int id = 0; id < 500; id++) {
        assertTrue(write(letters, id));
        if (id % 10 == 0) {
          kept.put(id, ids());
        }
      }
    }
    for (Path file : List.of(file(), previous())) {
      Files.delete(file);
    }
    for (int id = 0; id < 500; ) {
      try (DeadLetterFile letters = open()) { // which knows the lines of those before
        for (int end = Math.min(500, id + 100); id < end; id++) {
          for (int i = random.nextInt(60); i > 0; i--) {
            reject(letters);
          }
          assertTrue(write(letters, id));
          if (id % 10 == 0) {
            assertEquals(kept.get(id), ids(), "after the record " + id);
          }
        }
        assertWithinLimit();
      }
    }
    assertTrue(rejectedBytes() > 0);
    assertTrue(stats().deadLettersNotKept() > 0);
  }

  @Test
  void many_runs_in_a_flood_stay_within_the_same_half() throws Exception {
    for (int run = 0; run < 20; run++) {
      try (DeadLetterFile letters = open()) {
        for (int i = 0; i < 100; i++) {
          reject(letters);
        }
        if (run == 3) {
          write(letters, 1);
        }
      }
      assertWithinLimit();
    }
    assertEquals(List.of(1), ids());
    assertEquals(
        2_000, lines().size() - 1 + stats().deadLettersNotKept() + stats().deadLettersRemoved());
  }

  @Test
  void lines_of_the_spool_that_cannot_be_read_count_as_records_in_the_next_run_too()
      throws Exception {
    try (DeadLetterFile letters = open()) {
      String place = "spool 0000000001-00112233445566ff:1";
      letters.write(new DeadLetter(place, "WRONG_TYPE", "kept", bytes("{}")));
      letters.write(
          new DeadLetter(
              "192.0.2.7:40123", place, OptionalLong.of(17), "WRONG_TYPE", "kept", bytes("{}")));
    }
    try (DeadLetterFile letters = open()) {
      for (int i = 0; i < 2_000; i++) {
        reject(letters);
      }
    }
    assertEquals(2, lines().stream().filter(line -> line.contains("\"kept\"")).count());
  }

  @Test
  void a_letter_longer_than_its_part_of_the_limit_is_dropped_and_moves_nothing() throws Exception {
    try (DeadLetterFile letters = open()) {
      assertTrue(write(letters, 1));
      ByteBuffer huge = bytes("x".repeat((int) LIMIT));
      assertEquals(
          DropReason.DEAD_LETTER_FAILED,
          letters.write(new DeadLetter("s", "REFUSED", "d", huge)).orElseThrow());
      assertTrue(write(letters, 2));
    }
    assertEquals(List.of(1, 2), ids());
  }

  @Test
  void a_rename_that_fails_drops_the_record_and_is_tried_again() throws Exception {
    try (DeadLetterFile letters = open()) {
      Files.createDirectories(previous().resolve("in the way"));
      int id = 0;
      while (write(letters, id)) {
        id++;
      }
      long size = Files.size(file());
      assertFalse(write(letters, id));
      assertEquals(size, Files.size(file()), "all letters are still there");
      assertEquals(2, stats().records().droppedByReason().get(DropReason.DEAD_LETTER_FAILED));
      Files.delete(previous().resolve("in the way"));
      Files.delete(previous());
      assertTrue(write(letters, id));
      assertEquals(id + 1, ids().size());
    }
  }

  @Test
  @DisabledOnOs(value = OS.WINDOWS, disabledReason = "an open file cannot be moved there")
  void what_somebody_moves_away_is_theirs_and_not_removed() throws Exception {
    try (DeadLetterFile letters = open()) {
      int id = 0;
      while (Files.notExists(previous())) {
        assertTrue(write(letters, id++));
      }
      Files.move(previous(), directory.resolve("theirs"));
      Files.move(file(), directory.resolve("theirs too"));
      for (int i = 0; i < 100; i++) {
        assertTrue(write(letters, id++));
      }
      assertTrue(Files.exists(file()), "a new one was begun at once");
      assertEquals(id, stats().records().deadLettered());
      assertEquals(0, stats().deadLettersRemoved());
    }
  }

  @Test
  void rejected_messages_leave_the_last_room_on_the_disk_to_records() throws Exception {
    long moreThanAnyDiskHas = 1L << 60;
    try (DeadLetterFile letters = DeadLetterFile.open(file(), moreThanAnyDiskHas, ledger)) {
      reject(letters);
      assertEquals(1, stats().deadLettersNotKept());
      assertTrue(write(letters, 1));
      assertEquals(1, Files.readAllLines(file()).size());
    }
  }

  @Test
  @DisabledOnOs(value = OS.WINDOWS, disabledReason = "a file that is open cannot be moved")
  void letters_are_kept_again_after_somebody_has_moved_a_full_file_away() throws Exception {
    try (DeadLetterFile letters = open()) {
      assertTrue(write(letters, 1));
      while (stats().deadLettersNotKept() == 0) {
        reject(letters);
      }
      long notKept = stats().deadLettersNotKept();
      Path theirs = Files.move(file(), directory.resolve("theirs"));
      long size = Files.size(theirs);
      reject(letters); // may be what it finds out by
      reject(letters);
      assertTrue(Files.size(file()) > 0);
      assertTrue(stats().deadLettersNotKept() <= notKept + 1);
      assertTrue(write(letters, 2));
      assertEquals(size, Files.size(theirs));
    }
  }

  @Test
  @DisabledOnOs(value = OS.WINDOWS, disabledReason = "it has no modes")
  void all_files_are_for_the_owner_alone() throws Exception {
    try (DeadLetterFile letters = open()) {
      for (int id = 0; Files.notExists(previous()); id++) {
        assertTrue(write(letters, id));
      }
    }
    try (Stream<Path> files = Files.list(directory)) {
      List<Path> all = files.sorted().toList();
      assertEquals(3, all.size(), all::toString);
      for (Path file : all) {
        assertEquals(
            "rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(file)));
      }
    }
  }

  @Test
  @DisabledOnOs(value = OS.WINDOWS, disabledReason = "links need a privilege there")
  void links_in_place_of_any_of_the_files_are_refused() throws Exception {
    Path target = Files.writeString(directory.resolve("target"), "precious");
    for (String name : List.of("dead.ndjson.lock", "dead.ndjson", "dead.ndjson.1")) {
      Path link = Files.createSymbolicLink(directory.resolve(name), target);
      IOException e = assertThrows(FileRefusedException.class, this::open);
      assertTrue(e.getMessage().startsWith(link + " is a symbolic link"), e::getMessage);
      Files.delete(link);
    }
    assertEquals("precious", Files.readString(target));
    open().close();
  }
}
