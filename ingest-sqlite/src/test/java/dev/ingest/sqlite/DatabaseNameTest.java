package dev.ingest.sqlite;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ingest.record.Schema;
import dev.ingest.sink.Sink;
import dev.ingest.sink.SinkConfig;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.sqlite.SQLiteConfig.Pragma;

/** What of a sink's URI reaches the driver. */
class DatabaseNameTest {
  private static final Schema SCHEMA = Schema.builder("t").integer("i").build();

  @TempDir Path directory;

  /** The driver copies what such a name leads to, over the network as well. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "sqlite::resource:http://127.0.0.1:9/x.db",
        "sqlite::resource:x.db",
        "sqlite::RESOURCE:x.db",
        "sqlite::Resource:file:///etc/x.db",
        "SQLite::resource:x.db",
        "sqlite:%3Aresource:x.db",
        "sqlite:%3aresource%3ax.db",
        "sqlite::%72esource:x.db",
        "sqlite::resource:%zz",
        "sqlite::resource:jar:http://127.0.0.1:9/x.jar!/x.db",
        "sqlite:file::resource:x.db",
        "sqlite:file:%3Aresource:x.db?mode=ro"
      })
  void a_resource_is_refused_in_every_spelling(String uri) {
    refuses("names a resource", uri);
  }

  @ParameterizedTest
  @CsvSource({
    "sqlite:jdbc:sqlite:x.db, names a URL of JDBC",
    "sqlite:jdbc:sqlite::resource:x.db, names a URL of JDBC",
    "sqlite:JDBC:sqlite:x.db, names a URL of JDBC",
    "sqlite::MEMORY:, begins with a colon",
    "sqlite::other:, begins with a colon",
    "sqlite:file::memory, begins with a colon",
    "sqlite:file:x.db#?mode=ro, at which SQLite would cut it off",
    "sqlite:file:x.db%00y?mode=ro, at which SQLite would cut it off",
    "sqlite:file:x.db%00%zz?mode=ro, at which SQLite would cut it off",
    "sqlite:file://otherhost/x.db, names a server",
    "sqlite:file://LOCALHOST/x.db, names a server",
    "sqlite:file://me:secret@host/x.db, names a server or a user",
    "sqlite://me:secret@host/x.db, names a server or a user",
    "sqlite://me:secret%40host/x.db, names a server or a user",
    "sqlite:me:secret@host/x.db, names a server or a user",
    "sqlite:me:sec/secret@host, names a server or a user",
    "sqlite:file:me:secret@host/x.db, names a server or a user"
  })
  void a_name_that_the_driver_or_sqlite_would_take_for_another_is_refused(
      String uri, String fault) {
    refuses(fault, uri);
  }

  /** As in URLs of other databases, where three slashes stand before a relative path. */
  @ParameterizedTest
  @ValueSource(strings = {"sqlite:///rel.db", "sqlite://rel.db", "sqlite://localhost/rel.db"})
  void two_slashes_at_the_beginning_are_refused_with_both_alternatives(String uri) {
    refuses("begins with //", uri);
    refuses("working directory, such as sqlite:sensors.db", uri);
    refuses("absolute path, such as sqlite:/var/lib/sensors.db", uri);
  }

  @Test
  void a_nul_in_a_name_is_refused() {
    refuses("at which SQLite would cut it off", "sqlite:x.db\0.txt");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "x.db",
        "./:resource:x.db",
        "/home/me@example.org/x.db",
        "me@example.org.db",
        "C:\\me@example.org\\x.db",
        "a#b%20c%zz.db",
        "a&synchronous=off.db",
        "file:a%23b%3Fc.db",
        "file:///home/me@example.org/x.db",
        "file://localhost/home/me@example.org/x.db"
      })
  void a_file_name_is_handed_over_as_it_is(String path) {
    assertEquals("jdbc:sqlite:" + path, config("sqlite:" + path).jdbcUrl());
  }

  @ParameterizedTest
  @ValueSource(strings = {"file::memory:", "file:%3Amemory%3A", "file:%3amemory:?cache=shared"})
  void a_database_in_memory_is_known_in_every_spelling(String path) {
    assertTrue(config("sqlite:" + path).inMemory());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "mode=rw%26enable_load_extension=true",
        "mode=rwx",
        "cache=shared%26synchronous=off",
        "cache=",
        "nolock=1%23",
        "immutable=2",
        "psow=1%3Fx",
        "vfs=unix%26enable_load_extension%3Dtrue",
        "vfs=unix%00",
        "vfs="
      })
  void a_parameter_has_no_other_value_than_those_that_sqlite_knows(String parameter) {
    String name = parameter.substring(0, parameter.indexOf('='));
    refuses("the option " + name + " is ", "sqlite:file:x.db?" + parameter);
  }

  /** All that the driver takes from a URL, by all ways into the URL. */
  @ParameterizedTest
  @EnumSource(Pragma.class)
  void no_setting_of_the_driver_comes_through(Pragma pragma) {
    String setting = pragma.getPragmaName() + "=1";
    String encoded = pragma.getPragmaName() + "%3D1";
    List<String> uris =
        Stream.concat(
                Stream.of("mode=rw", "cache=private", "vfs=unix", "nolock=1", "table=t")
                    .flatMap(
                        option ->
                            Stream.of("%26" + setting, "%26" + encoded, "%2526" + setting)
                                .map(more -> "sqlite:file:x.db?" + option + more)),
                Stream.of(
                    "sqlite:x.db%3F" + setting,
                    "sqlite:x.db%3f" + encoded,
                    "sqlite:x.db%253F" + setting,
                    "sqlite:x.db#?" + setting,
                    "sqlite:x.db&" + setting,
                    "sqlite:file:x.db%3F" + setting + "?mode=rw",
                    "sqlite:file:x.db%26" + setting + "?mode=rw",
                    "sqlite:file:x.db&" + setting + "?mode=rw",
                    "sqlite:file:x.db??" + setting,
                    "sqlite:file:x.db?mode=rw&%6dode=ro%26" + setting,
                    "sqlite:file:x.db?mode=rw&cache%3Dshared%26" + encoded + "=1",
                    "sqlite:x.db?busy_timeout=1%26" + setting,
                    "sqlite:x.db?journal_mode=wal%26" + setting,
                    "sqlite:x.db?table=t%26" + setting))
            .toList();
    for (String uri : uris) {
      try {
        assertHandsOverNoSetting(uri, pragma.getPragmaName());
      } catch (IllegalArgumentException e) {
        assertTrue(e.getMessage().startsWith("sink URI "), e.getMessage());
      }
    }
  }

  /** As the driver reads it: what follows the first question mark, split at each ampersand. */
  private static void assertHandsOverNoSetting(String uri, String pragma) {
    String[] parts = config(uri).jdbcUrl().split("\\?", 2);
    assertTrue(parts[0].startsWith("jdbc:sqlite:"), parts[0]);
    if (parts.length > 1) {
      for (String parameter : parts[1].split("&", -1)) {
        String name = parameter.replaceFirst("=.*", "").trim();
        assertTrue(DatabaseName.PARAMETERS.contains(name), uri);
        assertFalse(name.equalsIgnoreCase(pragma), uri);
      }
    }
  }

  /** The driver itself is asked: with the setting it would make pages of 512 bytes. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "sqlite:%s/x.db%%3Fpage_size=512",
        "sqlite:%s/x.db#?page_size=512",
        "sqlite:%s/x.db&page_size=512",
        "sqlite:file:%s/x.db%%3Fpage_size=512?mode=rwc",
        "sqlite:file:%s/x.db&page_size=512?mode=rwc",
        "sqlite:file:%s/x.db?mode=rwc%%26page_size=512",
        "sqlite:file:%s/x.db?vfs=unix%%26page_size=512",
        "sqlite:%s/x.db?table=t%%26page_size=512"
      })
  void the_driver_gets_no_setting(String pattern) throws Exception {
    Sink sink;
    try {
      sink = new SqliteSinkProvider().create(SinkConfig.parse(pattern.formatted(directory)));
      sink.open(SCHEMA);
    } catch (IllegalArgumentException e) {
      assertEquals(List.of(), files());
      return;
    }
    sink.close();
    assertEquals(1, files().size(), () -> pattern);
    assertEquals(4096, pageSize(files().get(0)), () -> pattern);
  }

  /** See <a href="https://sqlite.org/fileformat2.html">the file's header</a>. */
  private static int pageSize(Path file) throws IOException {
    return ByteBuffer.wrap(Files.readAllBytes(file)).getShort(16) & 0xffff;
  }

  private List<Path> files() throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files.toList();
    }
  }

  private static void refuses(String fault, String uri) {
    IllegalArgumentException refusal =
        assertThrows(IllegalArgumentException.class, () -> config(uri));
    assertTrue(refusal.getMessage().contains(fault), refusal.getMessage());
    assertFalse(refusal.getMessage().contains("secret"), refusal.getMessage());
  }

  private static SqliteConfig config(String uri) {
    return SqliteConfig.of(SinkConfig.parse(uri).showing(new SqliteSinkProvider().publicOptions()));
  }
}
