package app;

import dev.ingest.CloseReason;
import dev.ingest.IngestServer;
import dev.ingest.record.Schema;

/** Stores readings in the database that the argument names, until the process is told to end. */
public class App {
  public static void main(String[] args) throws Exception {
    IngestServer server =
        IngestServer.builder()
            .schema(Schema.builder("readings").integer("sensor_id").real("temperature").build())
            .sink("sqlite:" + args[0])
            .build()
            .start();
    System.out.println("port " + server.localAddress().getPort());
    System.exit(server.awaitClose() == CloseReason.FAILED ? 1 : 0);
  }
}
