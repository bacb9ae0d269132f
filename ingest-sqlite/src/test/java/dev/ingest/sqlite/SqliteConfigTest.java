package dev.ingest.sqlite;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ingest.sink.SinkConfig;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SqliteConfigTest {
  @Test
  void the_defaults_are_those_of_the_documentation() {
    assertEquals(
        new SqliteConfig(
            "sensors.db",
            "jdbc:sqlite:sensors.db",
            Optional.of(Path.of("sensors.db")),
            Optional.of(Path.of("sensors.db")),
            false,
            "wal",
            "normal",
            20_000,
            Optional.empty()),
        config("sqlite:sensors.db"));
  }

  @Test
  void options_are_taken_in_any_case() {
    SqliteConfig config =
        config("sqlite:/a/b.db?journal_mode=DELETE&synchronous=Full&busy_timeout=0&table=t%20t");
    assertEquals("delete", config.journalMode());
    assertEquals("full", config.synchronous());
    assertEquals(0, config.busyTimeoutMillis());
    assertEquals(Optional.of("t t"), config.table());
    assertEquals("jdbc:sqlite:/a/b.db", config.jdbcUrl());
  }

  @Test
  void a_uri_filename_keeps_its_parameters() {
    SqliteConfig config = config("sqlite:file:memdb1?mode=memory&synchronous=off&cache=shared");
    assertEquals("file:memdb1?mode=memory&cache=shared", config.database());
    assertTrue(config.inMemory());
    assertTrue(config("sqlite::memory:").inMemory());
    assertFalse(config("sqlite:file:x.db?mode=rw").inMemory());
  }

  @ParameterizedTest
  @CsvSource({
    "sqlite:a/b.db, a/b.db",
    "sqlite:a%20b.db, a%20b.db",
    "sqlite:file:a%20b.db, a b.db",
    "sqlite:file:/a/b.db?mode=rwc, /a/b.db",
    "sqlite:file:///a/b.db, /a/b.db",
    "sqlite:file://localhost/a/b.db, /a/b.db",
    "sqlite::memory:,",
    "sqlite:file::memory:,",
    "sqlite:file:a.db?mode=memory,",
    "sqlite:file:a.db?mode=ro,",
    "sqlite:file:a.db?vfs=unix-excl,"
  })
  void the_file_that_sqlite_makes_is_known(String uri, String file) {
    assertEquals(Optional.ofNullable(file).map(Path::of), config(uri).file());
  }

  @ParameterizedTest
  @CsvSource({
    "journal_mode=fast, journal_mode is 'fast', '[delete, memory, persist, truncate, wal]'",
    "journal_mode=off, journal_mode is 'off', '[delete, memory, persist, truncate, wal]'",
    "synchronous=2, synchronous is '2', '[extra, full, normal, off]'",
    "busy_timeout=-1, busy_timeout is '-1', 0 to 3600000 milliseconds",
    "busy_timeout=20s, busy_timeout is '20s', 0 to 3600000 milliseconds",
    "busy_timeout=99999999999, busy_timeout is '99999999999', 0 to 3600000 milliseconds",
    "table=, table is '', expected text that is not blank",
    "cache=shared, unknown option 'cache', '[busy_timeout, journal_mode, synchronous, table]'"
  })
  void a_wrong_option_is_named_with_what_is_expected(String option, String name, String expected) {
    String uri = "sqlite:x.db?" + option;
    String message = assertThrows(IllegalArgumentException.class, () -> config(uri)).getMessage();
    assertTrue(
        message.contains(uri) && message.contains(name) && message.contains(expected), message);
  }

  @ParameterizedTest
  @ValueSource(strings = {"sqlite:", "sqlite: ", "sqlite:?table=t", "sqlite:file:?mode=memory"})
  void a_database_needs_a_name(String uri) {
    String message = assertThrows(IllegalArgumentException.class, () -> config(uri)).getMessage();
    assertTrue(message.contains("names no database"), message);
  }

  private static SqliteConfig config(String uri) {
    return SqliteConfig.of(SinkConfig.parse(uri).showing(new SqliteSinkProvider().publicOptions()));
  }
}
