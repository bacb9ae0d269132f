package host;

import dev.ingest.IngestServer;
import dev.ingest.policy.JournalSync;
import dev.ingest.policy.Spooling;
import dev.ingest.record.Schema;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/**
 * A server with a journal, which first stores what is left in its spool, then prints "recovered",
 * and sends itself numbered records, from a number on, until it is killed.
 */
public final class LoadProgram {
  /** As many small datagrams fit a receive buffer of 208 KiB, the default limit of Linux. */
  private static final int WINDOW = 128;

  private LoadProgram() {}

  /** Takes the sink's URI, the folder of the spool, and the first number. */
  public static void main(String[] args) throws Exception {
    IngestServer server =
        IngestServer.builder()
            .schema(Schema.builder("events").integer("id").build())
            .sink(args[0])
            .spool(Spooling.in(Path.of(args[1])).journal(JournalSync.NEVER))
            .build()
            .start();
    while (server.stats().records().spooled() > 0 || server.stats().records().queued() > 0) {
      Thread.sleep(1);
    }
    System.out.println("recovered " + server.stats().records().recovered());
    long first = Long.parseLong(args[2]);
    try (DatagramSocket socket = new DatagramSocket()) {
      for (long sent = 0; ; sent++) {
        if (sent % WINDOW == 0) {
          while (server.stats().messages().received() < sent) {
            Thread.onSpinWait();
          }
        }
        byte[] bytes = ("{\"id\":" + (first + sent) + "}").getBytes(StandardCharsets.UTF_8);
        socket.send(new DatagramPacket(bytes, bytes.length, server.localAddress()));
        if (sent == 2000) {
          System.out.println("loaded");
        }
      }
    }
  }
}
