package host;

import dev.ingest.IngestServer;
import dev.ingest.record.Schema;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/** A host on the class path, which has the library on the module path, and stores some records. */
public final class ModulePathHost {
  private ModulePathHost() {}

  public static void main(String... args) throws Exception {
    Schema schema =
        Schema.builder("t").integer("i").real("r").text("s").bool("b").optional().build();
    try (IngestServer server = IngestServer.builder().schema(schema).sink(args[0]).build().start();
        DatagramSocket socket = new DatagramSocket()) {
      String records =
          "[{\"i\":1,\"r\":0.5,\"s\":\"\\u00e9\",\"b\":true},{\"i\":2,\"r\":-1e300,\"s\":\"\"}]";
      byte[] datagram = records.getBytes(StandardCharsets.UTF_8);
      socket.send(new DatagramPacket(datagram, datagram.length, server.localAddress()));
      while (server.stats().records().persisted() < 2) {
        server.flush(Duration.ofSeconds(1));
      }
    }
    System.out.println(IngestServer.class.getModule());
  }
}
