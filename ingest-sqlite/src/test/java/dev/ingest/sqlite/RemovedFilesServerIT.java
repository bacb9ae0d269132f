package dev.ingest.sqlite;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ingest.testing.ChildJvm;
import dev.ingest.testing.JournalProgram;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** A server with a journal, whose database loses its -wal and -shm files. */
@DisabledOnOs(value = OS.WINDOWS, disabledReason = "an open file cannot be removed")
class RemovedFilesServerIT {
  @TempDir Path directory;

  @Test
  void all_records_are_stored_once_though_the_files_were_removed_and_the_server_was_killed()
      throws Exception {
    try (ChildJvm server = start()) {
      send(server, 1, 3);
      remove();
      send(server, 4, 8);
    } // SIGKILL
    try (ChildJvm server = start()) {
      server.writeLine("0");
      server.awaitOut("^stored 0$");
      server.signal("TERM");
      assertEquals(143, server.exitStatus(), server::toString);
    }
    assertStored(8);
  }

  @Test
  void all_records_are_in_the_database_after_sigterm_though_the_files_were_removed()
      throws Exception {
    try (ChildJvm server = start()) {
      send(server, 1, 3);
      remove();
      server.signal("TERM");
      assertEquals(143, server.exitStatus(), server::toString);
      assertTrue(server.err().contains("Nothing is lost"), server::toString);
    }
    assertStored(3);
  }

  private ChildJvm start() {
    return ChildJvm.in(directory)
        .start(JournalProgram.class, "sqlite:" + file(), directory.resolve("spool").toString());
  }

  private static void send(ChildJvm server, int first, int last) throws Exception {
    int port = Integer.parseInt(server.awaitOut("^port (\\d+)$").group(1));
    try (DatagramSocket socket = new DatagramSocket()) {
      for (int i = first; i <= last; i++) {
        byte[] bytes = ("{\"i\":" + i + "}").getBytes(StandardCharsets.UTF_8);
        socket.send(
            new DatagramPacket(bytes, bytes.length, InetAddress.getLoopbackAddress(), port));
      }
    }
    server.writeLine(String.valueOf(last));
    server.awaitOut("^stored " + last + "$");
  }

  private void remove() throws Exception {
    Files.delete(directory.resolve("test.db-wal"));
    Files.delete(directory.resolve("test.db-shm"));
  }

  private Path file() {
    return directory.resolve("test.db");
  }

  private void assertStored(int records) throws Exception {
    try (Database database = new Database(file())) {
      assertEquals(
          records + "|" + records + "|1|" + records,
          database.value("SELECT count(*), count(DISTINCT i), min(i), max(i) FROM t"));
      assertEquals("ok", database.value("PRAGMA integrity_check"));
    }
  }
}
