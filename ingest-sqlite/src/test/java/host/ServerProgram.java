package host;

import dev.ingest.IngestServer;
import dev.ingest.record.Schema;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.nio.charset.StandardCharsets;

/** A host program, in a package of its own; says which module the server is in. */
public final class ServerProgram {
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
                .build();
        DatagramSocket socket = new DatagramSocket()) {
      server.start();
      for (int i = 0; i < records; i++) {
        byte[] bytes = ("{\"i\":" + i + "}").getBytes(StandardCharsets.UTF_8);
        socket.send(new DatagramPacket(bytes, bytes.length, server.localAddress()));
      }
    }
  }
}
