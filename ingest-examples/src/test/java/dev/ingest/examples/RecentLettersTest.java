package dev.ingest.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.ingest.examples.page.Rejects;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RecentLettersTest {
  @TempDir Path directory;

  @Test
  void are_the_newest_twenty_whole_lines_and_follow_the_file() throws Exception {
    Path file = directory.resolve("dead.ndjson");
    RecentLetters letters = new RecentLetters(file);
    assertEquals(new Rejects("Nothing in " + file + " yet.", List.of()), letters.get());
    for (int i = 0; i < 3_000; i++) {
      append(file, letter(i) + "\n");
    }
    assertEquals(20, letters.get().letters().size());
    assertEquals("payload 2999", letters.get().letters().get(0).payload());
    assertEquals("payload 2980", letters.get().letters().get(19).payload());
    String next = letter(3_000);
    append(file, next.substring(0, 30));
    assertEquals("payload 2999", letters.get().letters().get(0).payload());
    append(file, next.substring(30) + "\n");
    assertEquals("payload 3000", letters.get().letters().get(0).payload());
  }

  @Test
  void a_file_that_cannot_be_read_and_none_at_all_are_said() {
    assertEquals(
        "Start the server with --dead-letters FILE to see them here.",
        new RecentLetters(null).get().note());
    String note = new RecentLetters(directory).get().note();
    assertEquals("Cannot read " + directory + ": ", note.substring(0, note.indexOf("java.io")));
  }

  private static String letter(int number) {
    return """
        {"time":"2026-01-31T12:00:00.123Z","source":"192.0.2.7:40000","reason":"WRONG_TYPE","detail":"x","payload":"payload %d"}"""
        .formatted(number);
  }

  private static void append(Path file, String text) throws Exception {
    Files.writeString(file, text, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
  }
}
