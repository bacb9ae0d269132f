package dev.ingest.sink;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

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
        "/var/lib/my sensors/ä.db | '/var/lib/my sensors/ä.db' has no scheme",
        ":x | '***' has no scheme",
        "\"\" | '' has no scheme",
        "1a:x | '***' has no scheme",
        "1a:x?password=secret | '***' has no scheme",
        "//me:secret@host/x | '***' has no scheme",
        "a://me:s?secret@host/x | 'a:***': option 1 has no name or no value",
        "a:x?secret | 'a:***': option 1 has no name or no value: expected name=value",
        "a:secret?secret | 'a:***': option 1 has no name or no value",
        "a:x?y=1& | 'a:***': option 2 has no name or no value",
        "a:x?=secret | 'a:***': option 1 has no name or no value",
        "a:x?password=p@secret&secret | 'a:***': option 2 has no name or no value",
        "a:x?y=secret&y=2 | 'a:***': option 2 has the name of one before it",
        "a:x?y=1&secret=1&secret=2 | 'a:***': option 3 has the name of one before it",
        "a:x?y=secret%zz | 'a:***': option 1 has a % without two hexadecimal digits",
        "a:x?y=100%secret | 'a:***': option 1 has a % without two hexadecimal digits",
        "a:x?y=1&%secret=1 | 'a:***': option 2 has a % without two hexadecimal digits",
        "a://me:secret@h/x?y=%secret | 'a:***': option 1 has a % without two hexadecimal digits"
      })
  void what_is_no_uri_is_refused_without_a_secret_in_the_message(String uri, String message) {
    IllegalArgumentException refusal =
        assertThrows(IllegalArgumentException.class, () -> SinkConfig.parse(uri));
    assertTrue(refusal.getMessage().contains(message), refusal.getMessage());
    assertFalse(refusal.getMessage().contains("secret"), refusal.getMessage());
    assertNull(refusal.getCause());
  }

  @Test
  void values_and_users_are_hidden_but_for_public_options() {
    SinkConfig config = SinkConfig.parse("a://me:secret@host/db?password=secret&size=10");
    assertEquals("a://***@host/db?password=***&***=***", config.toString());
    assertEquals("a://***@host/db?password=***&size=10", config.showing(Set.of("size")).toString());
    assertEquals(Optional.of("secret"), config.option("password"));
    assertEquals("//me:secret@host/db", config.path());
    SinkConfig ambiguous = SinkConfig.parse("a://me:sec?size=ret@host/x").showing(Set.of("size"));
    assertEquals("a:***", ambiguous.toString());
    refuses("'***', expected 1", () -> ambiguous.integer("size", 1, 1, 2, "bytes"));
  }

  /** Whatever a password holds, and whatever the syntax that it was meant for. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "a://me:sec/ret@host/x                        | a://***@host/x",
        "a://me:sec@ret@host/x                        | a://***@host/x",
        "a://me:sec:ret@host/x                        | a://***@host/x",
        "a://me:sec%25ret@host/x                      | a://***@host/x",
        "a://me:sec//ret@host/x                       | a://***@host/x",
        "a://me:sec%40ret%40host/x                    | a://***@host/x",
        "a://ret@host/x                               | a://***@host/x",
        "a:/me:secret@host/x                          | a:***@host/x",
        "a:me:secret@host/x                           | a:***@host/x",
        "a:thin:me/secret@//host:1521/x               | a:***@//host:1521/x",
        "a://host;user=me;password=secret             | a://host***",
        "a:host=x password=secret                     | a:host***",
        "a://host/x&password=secret                   | a://host/x***",
        "a://host/x#secret                            | a://host/x***",
        "a://host/x%3Fpassword%3Dsecret               | a://host/x***",
        "a://host/x%253fpassword%253Dsecret           | a://host/x***",
        "a://me:sec?x=ret@host/x                      | a:***",
        "a://me:sec?x=ret%40host/x                    | a:***",
        "a:me/sec?x=ret@host                          | a:***",
        "a:x?password=sec@ret                         | a:***",
        "a:x?password=p&sec=ret                       | a:x?password=***&***=***",
        "a:x?size=1&password=p&sec=ret                | a:x?size=1&password=***&***=***",
        "a:x?c2VjcmV0==                               | a:x?***=***",
        "a:x?se/cret=1                                | a:x?***=***",
      })
  void no_form_of_a_secret_is_shown(String uri, String shown) {
    SinkConfig config = SinkConfig.parse(uri).showing(Set.of("size"));
    assertEquals(shown, config.toString());
    assertTrue(config.showing(Set.of()).toString().startsWith("a:"));
  }

  @Test
  void a_secret_with_line_feeds_is_hidden() {
    assertEquals("a://***@host/x", SinkConfig.parse("a://me:sec\nret@host/x").toString());
    assertEquals("a:x***", SinkConfig.parse("a:x;sec\nret").toString());
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
    SinkConfig config = SinkConfig.parse("a:x?b=1&c=2").showing(Set.of("b"));
    config.requireKnownOptions(Set.of("b", "c", "d"));
    refuses(
        "has the unknown option 'c': expected one of [aa, b]",
        () -> config.requireKnownOptions(Set.of("b", "aa")));
    refuses(
        "has the unknown option 'c': expected none",
        () -> SinkConfig.parse("a:x?c=1").requireKnownOptions(Set.of()));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "a:x?password=p&secret=1",
        "a:x?password=p%26&secret=1",
        "a:x?password=p&secret==",
        "a:x?secret/=1&password=p",
        "a:x?secret==&password=p",
        "a:x?s@secret=1",
        "a://me:p?secret=1@host/x",
        "a:x?password=p&%73ecret=1"
      })
  void an_unknown_option_that_may_be_part_of_a_secret_is_not_named(String uri) {
    IllegalArgumentException refusal =
        assertThrows(
            IllegalArgumentException.class,
            () -> SinkConfig.parse(uri).requireKnownOptions(Set.of("password", "size")));
    assertTrue(
        refusal.getMessage().matches(".*unknown option number [12]: expected one of .*"),
        refusal.getMessage());
    assertFalse(refusal.getMessage().contains("secret"), refusal.getMessage());
  }
}
