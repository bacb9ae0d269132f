package dev.ingest.internal.file;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@DisabledOnOs(value = OS.WINDOWS, disabledReason = "it has no modes")
class PrivateDirectoryTest {
  @TempDir Path directory;

  private static String mode(Path path) throws IOException {
    return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
  }

  private Path made(String mode) throws IOException {
    Path made = Files.createDirectory(directory.resolve("made"));
    return Files.setPosixFilePermissions(made, PosixFilePermissions.fromString(mode));
  }

  @Test
  void all_that_is_made_is_for_the_owner_alone_and_what_exists_is_left() throws Exception {
    Path existing = made("rwxr-xr-x");
    PrivateDirectory.make(existing.resolve("a/b"));
    PrivateDirectory.make(existing.resolve("a/b"));
    assertEquals("rwxr-xr-x", mode(existing));
    assertEquals("rwx------", mode(existing.resolve("a")));
    assertEquals("rwx------", mode(existing.resolve("a/b")));
  }

  @Test
  void a_directory_is_reached_through_links() throws Exception {
    Path link = Files.createSymbolicLink(directory.resolve("link"), made("rwx------"));
    PrivateDirectory.make(link.resolve("inside"));
    PrivateDirectory.make(link);
    PrivateDirectory.requirePrivate(link, "it");
    assertTrue(Files.isDirectory(directory.resolve("made/inside")));
  }

  @Test
  void a_file_and_a_link_to_nothing_are_no_directories() throws Exception {
    Path file = Files.createFile(directory.resolve("file"));
    Path link = Files.createSymbolicLink(directory.resolve("link"), directory.resolve("nothing"));
    assertThrows(FileAlreadyExistsException.class, () -> PrivateDirectory.make(file));
    assertThrows(FileAlreadyExistsException.class, () -> PrivateDirectory.make(link));
    assertThrows(IOException.class, () -> PrivateDirectory.make(file.resolve("inside")));
  }

  @ParameterizedTest
  @ValueSource(strings = {"rwx------", "rwxr-xr-x", "rwxr-x---"})
  void what_only_the_owner_can_write_is_private(String mode) throws Exception {
    Path made = made(mode);
    assertDoesNotThrow(() -> PrivateDirectory.requirePrivate(made, "it"));
    try (var left = Files.list(made)) {
      assertEquals(0, left.count());
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"rwxrwx---", "rwxrwxrwx", "rwx----w-", "rwxr-xrwx"})
  void what_others_can_write_is_refused_with_the_mode_and_the_remedy(String mode) throws Exception {
    Path made = made(mode);
    IOException e =
        assertThrows(
            FileRefusedException.class,
            () -> PrivateDirectory.requirePrivate(made, "the spool directory " + made));
    assertTrue(
        e.getMessage().startsWith("the spool directory " + made + " has the mode " + mode),
        e::getMessage);
    assertTrue(e.getMessage().contains("chmod 700"), e::getMessage);
  }

  @Test
  void what_another_user_owns_is_refused_with_both_names() throws Exception {
    Path made = made("rwx------");
    try {
      Files.setAttribute(made, "unix:uid", 65_534);
    } catch (IOException e) {
      assumeTrue(false, "only root can give a directory away");
    }
    IOException e =
        assertThrows(FileRefusedException.class, () -> PrivateDirectory.requirePrivate(made, "it"));
    String other = Files.getOwner(made).getName();
    String self = Files.getOwner(directory).getName();
    assertTrue(
        e.getMessage().startsWith("it is owned by " + other + ", and this process runs as " + self),
        e::getMessage);
  }
}
