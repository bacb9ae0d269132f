package dev.ingest.jdbc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ingest.sink.SinkException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SecretTest {
  @TempDir Path directory;

  @Test
  void a_bare_password_is_taken_as_it_is() throws SinkException {
    assertEquals(" a b\n", Secret.read("database", "password", " a b\n"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "\n", "\r\n"})
  void of_a_file_one_newline_at_the_end_is_cut_off(String end) throws Exception {
    assertEquals("a\n ä", read("a\n ä" + end));
  }

  @Test
  void a_file_that_ends_with_two_newlines_keeps_the_first() throws Exception {
    assertEquals("a\n", read("a\n\n"));
  }

  @Test
  void a_variable_is_read() throws SinkException {
    assertEquals(System.getenv("PATH"), Secret.read("database", "password", "env:PATH"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "\n"})
  void a_file_without_a_password_is_a_failure(String text) throws Exception {
    Path file = Files.writeString(directory.resolve("pg"), text);
    assertMissing("file:" + file, "is empty");
  }

  @Test
  void a_file_that_never_ends_is_a_failure() throws IOException {
    Path file = Files.write(directory.resolve("pg"), new byte[70_000]);
    assertMissing("file:" + file, "is longer than 65536 bytes");
  }

  @Test
  void a_place_that_is_not_there_is_a_failure_that_names_it() {
    assertMissing("file:" + directory.resolve("none"), "cannot be read");
    assertMissing("file:" + directory, "cannot be read");
    assertMissing("file:\0", "cannot be read");
    assertMissing("env:INGEST_TEST_NO_SUCH_VARIABLE", "INGEST_TEST_NO_SUCH_VARIABLE");
  }

  private String read(String text) throws IOException, SinkException {
    Path file = Files.writeString(directory.resolve("pg"), text);
    return Secret.read("database", "password", "file:" + file);
  }

  private static void assertMissing(String value, String fault) {
    SinkException failure =
        assertThrows(SinkException.class, () -> Secret.read("database", "password", value));
    String message = String.valueOf(failure.getMessage());
    assertTrue(failure.isRetryable());
    assertTrue(message.startsWith("database: the "), message);
    assertTrue(message.contains(fault) && message.contains("expected"), message);
  }
}
