package dev.ingest.bench;

import dev.ingest.CloseReason;
import dev.ingest.IngestServer;
import dev.ingest.examples.Example;
import dev.ingest.source.Udp;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/**
 * The server that {@link HostileSoak} sends to: two sources, one database, one dead-letter file. It
 * prints the ports, and at its end its account.
 */
@Command(name = "HostileServer", description = "The server that HostileSoak sends to.")
final class HostileServer implements Callable<Integer> {
  static final String DATABASE = "readings.db";
  static final String DEAD_LETTERS = "dead.ndjson";

  @Parameters(index = "0", paramLabel = "DIR", description = "The folder for the files.")
  private Path folder = Path.of("");

  private HostileServer() {}

  /**
   * Runs until a signal comes.
   *
   * @param args see {@code --help}
   */
  public static void main(String[] args) {
    Example.run(new HostileServer(), args);
  }

  @Override
  public Integer call() throws Exception {
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
    return 0;
  }

  private static int port(IngestServer server, int source) {
    return ((InetSocketAddress) server.localAddresses().get(source)).getPort();
  }
}
