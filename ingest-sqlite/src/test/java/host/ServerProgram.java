package host;

import dev.ingest.IngestServer;
import dev.ingest.record.Schema;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/** A host program, in a package of its own; prints which module the server is in. */
public final class ServerProgram {
  /** As many small datagrams fit a receive buffer of 208 KiB, the default limit of Linux. */
  private static final int WINDOW = 128;

  private ServerProgram() {}

  public static void main(String[] args) throws Exception {
    serve(args[0], 10);
    System.out.println(IngestServer.class.getModule().getName());
  }

  /** Stores so many records, which have the numbers from 0. */
  public static void serve(String sink, int records) throws Exception {
    try (IngestServer server =
            IngestServer.builder()
                .schema(Schema.builder("t").integer("i").build())
                .sink(sink)
                .drainTimeout(Duration.ofMinutes(10))
                .build();
        DatagramSocket socket = new DatagramSocket()) {
      server.start();
      for (int i = 0; i < records; i++) {
        byte[] bytes = ("{\"i\":" + i + "}").getBytes(StandardCharsets.UTF_8);
        socket.send(new DatagramPacket(bytes, bytes.length, server.localAddress()));
        if ((i + 1) % WINDOW == 0 || i + 1 == records) {
          awaitReceived(server, i + 1);
        }
      }
    }
  }

  private static void awaitReceived(IngestServer server, int datagrams)
      throws InterruptedException {
    while (server.stats().messages().received() < datagrams) {
      Thread.sleep(1);
    }
  }
}
