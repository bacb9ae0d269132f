package dev.ingest.sink;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SinkConfigTest {
  @Test
  void a_uri_comes_apart() {
    SinkConfig config = SinkConfig.parse("SQLite:file:mem?mode=memory&cache=sh%61red&x=a+b%3Dc");
    assertEquals("sqlite", config.scheme());
    assertEquals("file:mem", config.path());
    assertEquals(List.of("mode", "cache", "x"), List.copyOf(config.options().keySet()));
    assertEquals(Optional.of("shared"), config.option("cache"));
    assertEquals(Optional.of("a+b=c"), config.option("x"));
    assertEquals(Optional.empty(), config.option("y"));
  }

  @ParameterizedTest
  @CsvSource({
    "sqlite::memory:, :memory:",
    "sqlite:, ''",
    "sqlite:?, ''",
    "sqlite:100%.db, 100%.db",
    "sqlite:/a b/c.db?, /a b/c.db"
  })
  void the_path_is_taken_literally(String uri, String path) {
    SinkConfig config = SinkConfig.parse(uri);
    assertEquals(path, config.path());
    assertTrue(config.options().isEmpty());
  }

  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '"',
      delimiter = '|',
      value = {
        "sensors.db | 'sensors.db' has no scheme",
        ":x | ':x' has no scheme",
        "\"\" | '' has no scheme",
        "1a:x | '1a:x' has no scheme",
        "1a:x?password=secret | '1a:x?...' has no scheme",
        "//me:secret@host/x | '//***@host/x' has no scheme",
        "a://me:s?secret@host/x | 'a://***@host/x' has an option without a name or a value",
        "a:x?secret | 'a:x?...' has an option without a name or a value: expected name=value",
        "a:x?y=1& | 'a:x?...' has an option without a name or a value: expected name=value",
        "a:x?=secret | 'a:x?...' has an option without a name or a value: expected name=value",
        "a:x?y=secret&y=2 | 'a:x?...' has the option 'y' twice",
        "a:x?y=secret%zz | the value of 'y' has a % without two hexadecimal digits"
      })
  void what_is_no_uri_is_refused_without_a_secret_in_the_message(String uri, String message) {
    String actual =
        assertThrows(IllegalArgumentException.class, () -> SinkConfig.parse(uri)).getMessage();
    assertTrue(actual.contains(message), actual);
    assertFalse(actual.contains("secret"), actual);
  }

  @Test
  void values_and_users_are_hidden_but_for_public_options() {
    SinkConfig config = SinkConfig.parse("a://me:secret@host/db?password=secret&size=10");
    assertEquals("a://***@host/db?password=***&size=***", config.toString());
    assertEquals("a://***@host/db?password=***&size=10", config.showing(Set.of("size")).toString());
    assertEquals(Optional.of("secret"), config.option("password"));
    assertEquals("//me:secret@host/db", config.path());
    assertEquals("a://***@host/x", SinkConfig.parse("a://me:sec/ret@host/x").toString());
    assertEquals("a://***@host/x", SinkConfig.parse("a://me:sec\nret@host/x").toString());
    SinkConfig ambiguous = SinkConfig.parse("a://me:sec?size=ret@host/x").showing(Set.of("size"));
    assertEquals("a://***", ambiguous.toString());
    refuses("'***', expected 1", () -> ambiguous.integer("size", 1, 1, 2, "bytes"));
  }

  @Test
  void options_have_types() {
    SinkConfig config = SinkConfig.parse("a:x?size=10&mode=FAST&name=n&blank=%20&word=x");
    assertEquals(10, config.integer("size", 1, 1, 10, "bytes"));
    assertEquals(7, config.integer("other", 7, 1, 10, "bytes"));
    assertEquals("fast", config.choice("mode", "slow", Set.of("slow", "fast")));
    assertEquals("slow", config.choice("other", "slow", Set.of("slow", "fast")));
    assertEquals(Optional.of("n"), config.text("name"));
    assertEquals(Optional.empty(), config.text("other"));
  }

  @Test
  void an_option_of_the_wrong_type_is_refused_with_its_value_if_that_is_public() {
    SinkConfig config =
        SinkConfig.parse("a:x?size=11&mode=odd&name=%20&word=x").showing(Set.of("size", "mode"));
    refuses("'11', expected 1 to 10 bytes", () -> config.integer("size", 1, 1, 10, "bytes"));
    refuses("'***', expected 1 to 10 bytes", () -> config.integer("word", 1, 1, 10, "bytes"));
    refuses(
        "'odd', expected one of [fast, slow]",
        () -> config.choice("mode", "slow", Set.of("slow", "fast")));
    refuses("'***', expected text that is not blank", () -> config.text("name"));
  }

  private static void refuses(String message, Executable read) {
    String actual = assertThrows(IllegalArgumentException.class, read).getMessage();
    assertTrue(actual.contains(message), actual);
  }

  @Test
  void an_unknown_option_lists_the_known_ones() {
    SinkConfig config = SinkConfig.parse("a:x?b=1&c=2");
    config.requireKnownOptions(Set.of("b", "c", "d"));
    String message =
        assertThrows(
                IllegalArgumentException.class, () -> config.requireKnownOptions(Set.of("b", "aa")))
            .getMessage();
    assertTrue(message.contains("'c'") && message.contains("[aa, b]"), message);
  }
}
