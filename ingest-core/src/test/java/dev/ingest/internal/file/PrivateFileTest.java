package dev.ingest.internal.file;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

@DisabledOnOs(value = OS.WINDOWS, disabledReason = "it has neither modes nor FIFOs")
class PrivateFileTest {
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  @TempDir Path directory;

  private static String mode(Path path) throws IOException {
    return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
  }

  @Test
  void what_is_made_is_for_the_owner_alone() throws Exception {
    Path opened = directory.resolve("opened");
    Path created = directory.resolve("created");
    PrivateFile.open(opened).close();
    PrivateFile.create(created).close();
    assertEquals("rw-------", mode(opened));
    assertEquals("rw-------", mode(created));
  }

  @Test
  void what_exists_keeps_its_mode_and_is_not_made_again() throws Exception {
    Path file = Files.writeString(directory.resolve("file"), "kept");
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
    PrivateFile.open(file).close();
    assertThrows(FileAlreadyExistsException.class, () -> PrivateFile.create(file));
    assertEquals("kept", Files.readString(file));
    assertEquals("rw-r--r--", mode(file));
  }

  @Test
  void what_is_not_there_is_made_by_who_asks_for_that_only() {
    Path file = directory.resolve("file");
    assertThrows(NoSuchFileException.class, () -> PrivateFile.openExisting(file));
    assertThrows(NoSuchFileException.class, () -> PrivateFile.openToRead(file));
    assertFalse(Files.exists(file));
  }

  @Test
  void what_is_no_regular_file_is_refused_at_once_and_left_as_it_is() throws Exception {
    Path target = Files.writeString(directory.resolve("target"), "");
    List<Path> refused = new ArrayList<>();
    refused.add(Files.createDirectory(directory.resolve("directory")));
    refused.add(Files.createSymbolicLink(directory.resolve("link"), target));
    refused.add(
        Files.createSymbolicLink(directory.resolve("dangling"), directory.resolve("nothing")));
    Path fifo = directory.resolve("fifo");
    assertEquals(0, new ProcessBuilder("mkfifo", fifo.toString()).start().waitFor());
    refused.add(fifo);
    if (Files.exists(Path.of("/dev/null"))) {
      refused.add(Path.of("/dev/null"));
    }
    Path socket = directory.resolve("socket");
    try (ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      server.bind(UnixDomainSocketAddress.of(socket));
      refused.add(socket);
      for (Path path : refused) {
        for (Opening opening : openings()) {
          IOException e =
              assertThrows(
                  FileRefusedException.class,
                  () -> assertTimeoutPreemptively(PATIENCE, () -> opening.open(path)));
          assertTrue(e.getMessage().startsWith(path + " is a"), e::getMessage);
          assertTrue(e.getMessage().contains("expected a regular file"), e::getMessage);
        }
      }
    }
    assertFalse(Files.exists(directory.resolve("nothing")));
  }

  private interface Opening {
    void open(Path path) throws IOException;
  }

  private static List<Opening> openings() {
    return List.of(
        path -> PrivateFile.open(path).close(),
        path -> PrivateFile.openExisting(path).close(),
        path -> PrivateFile.openToRead(path).close(),
        PrivateFile::exists);
  }
}
