package host;

import dev.ingest.IngestServer;
import dev.ingest.record.Schema;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.logging.ConsoleHandler;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.Logger;

/** Stores a record, and prints all that anything has to log, and all failures with their causes. */
public final class LoggingProgram {
  private LoggingProgram() {}

  /** Takes the sinks' URIs, or files that hold them. */
  public static void main(String[] args) throws Exception {
    Handler handler = new ConsoleHandler();
    handler.setLevel(Level.ALL);
    Logger root = Logger.getLogger("");
    root.setLevel(Level.ALL);
    for (Handler other : root.getHandlers()) {
      root.removeHandler(other);
    }
    root.addHandler(handler);
    for (String uris : args) {
      for (String uri : Files.readAllLines(Path.of(uris))) {
        try {
          serve(uri);
          System.out.println("stored");
        } catch (Exception e) {
          e.printStackTrace(System.out);
        }
      }
    }
  }

  private static void serve(String uri) throws Exception {
    try (IngestServer server =
            IngestServer.builder()
                .schema(Schema.builder("t").integer("id").build())
                .sink(uri)
                .build();
        DatagramSocket socket = new DatagramSocket()) {
      server.start();
      byte[] bytes = "{\"id\":1}".getBytes(StandardCharsets.UTF_8);
      socket.send(new DatagramPacket(bytes, bytes.length, server.localAddress()));
      while (server.stats().records().persisted() < 1) {
        Thread.sleep(1);
      }
    }
  }
}
