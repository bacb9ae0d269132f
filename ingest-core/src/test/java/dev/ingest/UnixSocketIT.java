package dev.ingest;

import static dev.ingest.Events.event;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ingest.source.Unix;
import dev.ingest.testing.ChildJvm;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@DisabledOnOs(value = OS.WINDOWS, disabledReason = "its sockets have no permissions")
class UnixSocketIT {
  @TempDir Path directory;
  private final MemorySink sink = new MemorySink();
  private Path path;

  @BeforeEach
  void choosePath() {
    path = directory.resolve("in.sock");
  }

  private IngestServer start(Path at) throws Exception {
    return TestServers.builder(sink).source(Unix.at(at)).build().start();
  }

  private static void refuses(Path at, String... parts) {
    MemorySink unused = new MemorySink();
    IngestServer server = TestServers.builder(unused).source(Unix.at(at)).build();
    IOException e = assertThrows(IOException.class, server::start);
    assertEquals(1, unused.closed());
    assertTrue(
        Stream.concat(Stream.of(at.toString()), Stream.of(parts))
            .allMatch(e.getMessage()::contains),
        e::getMessage);
  }

  private static void stores(IngestServer server, MemorySink sink) throws Exception {
    try (Client client = new Client(server)) {
      client.send(event(7));
    }
    Ledgers.await(() -> sink.stored().contains(7L));
  }

  private List<String> files() throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }

  @ParameterizedTest
  @CsvSource({"000, 0600, rw-------", "077, 0666, rw-rw-rw-", "000, 0640, rw-r-----"})
  void the_mode_is_as_set_whatever_the_umask(String umask, String mode, String permissions)
      throws Exception {
    try (ChildJvm jvm =
        ChildJvm.in(directory)
            .umask(umask)
            .start(StreamProgram.class, "stored.txt", "in.sock", mode)) {
      jvm.awaitOut("^up$");
      assertEquals(permissions, PosixFilePermissions.toString(Files.getPosixFilePermissions(path)));
      try (Client client = new Client(UnixDomainSocketAddress.of(path))) {
        client.send(event(7));
      }
      Path stored = directory.resolve("stored.txt");
      Ledgers.await(() -> Files.exists(stored) && Files.readString(stored).equals("7\n"));
      jvm.signal("TERM");
      assertEquals(143, jvm.exitStatus(), jvm::toString);
      assertFalse(Files.exists(path));
    }
  }

  @Test
  void the_close_removes_the_file_and_leaves_the_lock() throws Exception {
    try (IngestServer server = start(path)) {
      stores(server, sink);
      assertEquals(UnixDomainSocketAddress.of(path), server.localAddresses().get(0));
    }
    assertEquals(List.of("in.sock.lock"), files());
  }

  @Test
  void a_file_that_has_been_put_in_its_place_is_kept() throws Exception {
    try (IngestServer server = start(path)) {
      Files.delete(path);
      Files.writeString(path, "another's");
      assertTrue(server.toString().endsWith("Unix socket " + path));
    }
    assertEquals("another's", Files.readString(path));
  }

  @Test
  void a_file_that_a_server_has_left_is_replaced() throws Exception {
    try (ServerSocketChannel left = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      left.bind(UnixDomainSocketAddress.of(path));
    }
    assertTrue(Files.exists(path));
    try (IngestServer server = start(path)) {
      stores(server, sink);
    }
  }

  @Test
  void the_socket_of_a_live_program_is_not_touched() throws Exception {
    try (ServerSocketChannel live = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      live.bind(UnixDomainSocketAddress.of(path), 1);
      for (int i = 0; i < 4; i++) { // also when its backlog is full
        refuses(path, "live server");
      }
    }
    assertEquals(List.of("in.sock", "in.sock.lock"), files());
  }

  @Test
  void two_servers_do_not_get_one_path() throws Exception {
    try (IngestServer server = start(path)) {
      refuses(path, "in use by another server", "choose another path");
      stores(server, sink);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"file", "directory", "link"})
  void what_is_no_socket_is_not_touched(String kind) throws Exception {
    switch (kind) {
      case "file" -> Files.writeString(path, "precious");
      case "directory" -> Files.createDirectory(path);
      default -> Files.createSymbolicLink(path, Path.of("elsewhere"));
    }
    refuses(path, "no socket");
    assertTrue(Files.exists(path, LinkOption.NOFOLLOW_LINKS));
    assertEquals(List.of("in.sock", "in.sock.lock"), files());
  }

  @Test
  void a_path_that_is_too_long_or_in_no_directory_is_named() {
    refuses(directory.resolve("x".repeat(107)), "expected at most 106");
    refuses(directory.resolve("no").resolve("in.sock"), "a directory that exists");
  }

  @Test
  void the_longest_path_works() throws Exception {
    int left = 106 - directory.toString().getBytes(StandardCharsets.UTF_8).length;
    try (IngestServer server = start(directory.resolve("x".repeat(left - 1)))) {
      stores(server, sink);
    }
  }
}
