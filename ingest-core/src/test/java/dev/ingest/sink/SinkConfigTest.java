package dev.ingest.sink;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
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
  @CsvSource({
    "sensors.db, has no scheme",
    ":x, has no scheme",
    "'', has no scheme",
    "1a:x, has no scheme",
    "a:x?y, the option 'y': expected name=value",
    "a:x?y=1&, the option '': expected name=value",
    "a:x?=1, the option '=1': expected name=value",
    "a:x?y=1&y=2, the option 'y' twice",
    "a:x?y=%zz, two hexadecimal digits"
  })
  void what_is_no_uri_is_refused_by_name(String uri, String message) {
    String actual =
        assertThrows(IllegalArgumentException.class, () -> SinkConfig.parse(uri)).getMessage();
    assertTrue(actual.contains("'" + uri + "'") && actual.contains(message), actual);
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
