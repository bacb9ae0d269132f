package dev.ingest.bench;

import dev.ingest.CloseReason;
import dev.ingest.IngestServer;
import dev.ingest.examples.Example;
import dev.ingest.source.Udp;
import java.net.InetSocketAddress;
import java.nio.file.Path;

/**
 * The server that {@link HostileSoak} sends to: two sources, one database, one dead-letter file. It
 * prints the ports, and at its end its account.
 */
final class HostileServer {
  static final String DATABASE = "readings.db";
  static final String DEAD_LETTERS = "dead.ndjson";

  private HostileServer() {}

  /**
   * Runs until a signal comes.
   *
   * @param args the folder for the files
   * @throws Exception if it cannot be started
   */
  public static void main(String[] args) throws Exception {
    Path folder = Path.of(args[0]);
    try {
      IngestServer server =
          IngestServer.builder()
              .schema(HostileKind.SCHEMA)
              .sink("sqlite:" + folder.resolve(DATABASE))
              .deadLetters(folder.resolve(DEAD_LETTERS))
              .source(Udp.on(0))
              .source(Udp.on(0))
              .onClose(event -> System.out.println("closed: " + event.stats()))
              .build()
              .start();
      System.out.println("valid port " + port(server, 0));
      System.out.println("hostile port " + port(server, 1));
      if (server.awaitClose() == CloseReason.FAILED) {
        throw new IllegalStateException("the server failed", server.failure().orElse(null));
      }
    } catch (Exception e) {
      if (!Example.isExiting()) { // else a signal has come during the start
        throw e;
      }
    }
  }

  private static int port(IngestServer server, int source) {
    return ((InetSocketAddress) server.localAddresses().get(source)).getPort();
  }
}
