package host;

import dev.ingest.IngestServer;
import dev.ingest.record.Schema;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/** A host program, in a package of its own; prints which module the server is in. */
public final class ServerProgram {
  private ServerProgram() {}

  public static void main(String[] args) throws Exception {
    try (IngestServer server =
            IngestServer.builder()
                .schema(Schema.builder("t").integer("id").build())
                .sink(args[0])
                .drainTimeout(Duration.ofMinutes(10))
                .build();
        DatagramSocket socket = new DatagramSocket()) {
      server.start();
      for (int i = 0; i < 10; i++) {
        byte[] bytes = ("{\"id\":" + i + "}").getBytes(StandardCharsets.UTF_8);
        socket.send(new DatagramPacket(bytes, bytes.length, server.localAddress()));
      }
      while (server.stats().messages().received() < 10) {
        Thread.sleep(1);
      }
    }
    System.out.println(IngestServer.class.getModule().getName());
  }
}
