package dev.ingest.source;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class KeysTest {
  private static final String HEX = "a5".repeat(32);
  private static final byte[] KEY = HexFormat.of().parseHex(HEX);

  @TempDir Path directory;
  private Path file;

  @BeforeEach
  void nameFile() {
    file = directory.resolve("keys");
  }

  private Keys read(String text) throws IOException {
    Files.write(file, text.getBytes(StandardCharsets.UTF_8));
    permit("rw-------");
    return Keys.readFile(file);
  }

  private void permit(String permissions) throws IOException {
    if (Files.getFileStore(file).supportsFileAttributeView("posix")) {
      Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(permissions));
    }
  }

  private String refused() {
    IOException e = assertThrows(IOException.class, () -> Keys.readFile(file));
    assertTrue(e.getMessage().contains(file.toString()), e.getMessage());
    assertEquals(1, e.getMessage().lines().count(), e.getMessage());
    return e.getMessage();
  }

  @Test
  void reads_a_key_a_line_without_comments_and_empty_lines() throws IOException {
    Keys keys =
        read("# gr\u00f6\u00dfe\n\n4294967295 " + HEX + " # last\r\n \t\n0\t  " + "A5".repeat(64));
    assertEquals(List.of(4_294_967_295L, 0L), keys.ids());
    assertArrayEquals(KEY, keys.key(4_294_967_295L));
    assertEquals(64, keys.key(0).length);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "1", "1SECRET", "SECRET", "SECRET 1", "4294967296 SECRET", "99999999999 SECRET",
        "-1 SECRET", "+1 SECRET", "01 SECRET", "0x1 SECRET", "1 SECRET SECRET", "1 SECRETg",
        "1 SECRETa", "1 0xSECRET", "1:SECRET", "1 dead", "1 SECRETSECRETSECRET", "7 SECRET",
        "\ufeff1 SECRET", "1 \u0000SECRET"
      })
  void refuses_a_bad_line_by_its_number_and_shows_nothing_of_it(String line) {
    String text = "# keys\n7 " + "7b".repeat(32) + "\n" + line.replace("SECRET", HEX);
    IOException e = assertThrows(IOException.class, () -> read(text));
    assertTrue(e.getMessage().contains(file + ", line 3: "), e.getMessage());
    assertTrue(e.getMessage().contains("expected "), e.getMessage());
    assertEquals(1, e.getMessage().lines().count(), e.getMessage());
    String shown = e.getMessage().replace(file.toString(), "") + e.getCause();
    assertFalse(shown.contains("a5") || shown.contains("dead") || shown.contains("7b"), shown);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "\n\n", "# nothing\n"})
  void refuses_a_file_without_keys(String text) {
    IOException e = assertThrows(IOException.class, () -> read(text));
    assertTrue(e.getMessage().contains(file + " has no key: expected "), e.getMessage());
  }

  @ParameterizedTest
  @ValueSource(strings = {"rw-r-----", "rw--w----", "rw----r--", "rw-----w-", "rw-rw-rw-"})
  @DisabledOnOs(value = OS.WINDOWS, disabledReason = "it has no modes")
  void refuses_a_file_that_is_open_to_others(String permissions) throws IOException {
    read("1 " + HEX);
    permit(permissions);
    String message = refused();
    assertTrue(message.contains(permissions) && message.contains("expected rw-------"), message);
  }

  @ParameterizedTest
  @ValueSource(strings = {"r--------", "rwx------"})
  @DisabledOnOs(value = OS.WINDOWS, disabledReason = "it has no modes")
  void reads_a_file_that_is_open_to_its_owner_alone(String permissions) throws IOException {
    read("1 " + HEX);
    permit(permissions);
    assertEquals(List.of(1L), Keys.readFile(file).ids());
  }

  @Test
  void refuses_what_does_not_exist() {
    assertTrue(refused().contains("does not exist"));
  }

  @Test
  void refuses_a_directory() throws IOException {
    Files.createDirectory(file);
    assertTrue(refused().contains("not a regular file"));
  }

  @Test
  @Timeout(60)
  @DisabledOnOs(value = OS.WINDOWS, disabledReason = "it has no FIFOs")
  void refuses_a_pipe_without_waiting_for_its_writer() throws Exception {
    Process mkfifo = new ProcessBuilder("mkfifo", "-m", "600", file.toString()).start();
    assumeTrue(mkfifo.waitFor(30, TimeUnit.SECONDS) && mkfifo.exitValue() == 0, "no mkfifo");
    assertTrue(refused().contains("not a regular file"));
  }

  @Test
  @DisabledOnOs(value = OS.WINDOWS, disabledReason = "links need a privilege there")
  void reads_through_a_link_and_looks_at_the_permissions_of_the_file() throws IOException {
    read("1 " + HEX);
    Path link = Files.createSymbolicLink(directory.resolve("link"), file);
    assertEquals(List.of(1L), Keys.readFile(link).ids());
    permit("rw-r--r--");
    assertThrows(IOException.class, () -> Keys.readFile(link));
  }

  @Test
  void keys_in_code_have_the_same_limits() {
    Keys keys = Keys.of(0, KEY).with(4_294_967_295L, new byte[64]);
    assertEquals(List.of(0L, 4_294_967_295L), keys.ids());
    for (int length : new int[] {0, 31, 65}) {
      assertThrows(IllegalArgumentException.class, () -> Keys.of(1, new byte[length]));
    }
    assertThrows(IllegalArgumentException.class, () -> Keys.of(-1, KEY));
    assertThrows(IllegalArgumentException.class, () -> Keys.of(4_294_967_296L, KEY));
    assertThrows(IllegalArgumentException.class, () -> keys.with(0, KEY));
    assertThrows(IllegalArgumentException.class, () -> keys.key(1));
  }

  @Test
  void keys_do_not_change() {
    byte[] bytes = KEY.clone();
    Keys keys = Keys.of(1, bytes);
    Keys more = keys.with(2, KEY);
    Arrays.fill(bytes, (byte) 0);
    Arrays.fill(keys.key(1), (byte) 0);
    assertArrayEquals(KEY, keys.key(1));
    assertEquals(List.of(1L), keys.ids());
    assertEquals(List.of(1L, 2L), more.ids());
  }

  @Test
  void shows_no_key() {
    assertEquals("Keys[1]", Keys.of(1, KEY).toString());
  }
}
