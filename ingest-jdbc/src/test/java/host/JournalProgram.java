package host;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.ingest.IngestServer;
import dev.ingest.policy.JournalSync;
import dev.ingest.policy.Spooling;
import dev.ingest.record.Schema;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.file.Path;

/**
 * A server with a journal, whose sink and spool are the arguments. Prints its port; after that, for
 * each line that it reads, prints "stored" once no record is left to store.
 */
public final class JournalProgram {
  private JournalProgram() {}

  public static void main(String[] args) throws Exception {
    IngestServer server =
        IngestServer.builder()
            .schema(Schema.builder("t").integer("i").build())
            .sink(args[0])
            .spool(Spooling.in(Path.of(args[1])).journal(JournalSync.NEVER))
            .build()
            .start();
    System.out.println("port " + server.localAddress().getPort());
    BufferedReader in = new BufferedReader(new InputStreamReader(System.in, UTF_8));
    while (in.readLine() != null) {
      while (server.stats().records().queued() + server.stats().records().spooled() > 0) {
        Thread.sleep(1);
      }
      System.out.println("stored");
    }
  }
}
