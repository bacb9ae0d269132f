package dev.ingest.internal.log;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class UnprintableTest {
  @Test
  void what_a_terminal_obeys_is_escaped() {
    String hostile = "a\nb\u001b[2Jc\u007f\u0085\u009b\u2028\u2029\u202e\u2066\u200f\u061cd";
    assertEquals(
        "a\\u000ab\\u001b[2Jc\\u007f\\u0085\\u009b\\u2028\\u2029\\u202e\\u2066\\u200f\\u061cd",
        Unprintable.escape(hostile));
  }

  @Test
  void what_can_be_shown_stays() {
    String text = "Größe \"5\" \\ \u00a0 漢字 \uD83D\uDE00";
    assertSame(text, Unprintable.escape(text));
  }

  @Test
  void every_iso_control_character_is_one() {
    assertTrue(
        IntStream.rangeClosed(0, Character.MAX_VALUE)
            .filter(Character::isISOControl)
            .allMatch(c -> Unprintable.is((char) c)));
  }
}
