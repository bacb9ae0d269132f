package dev.ingest.testing;

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
 * each number that it reads, prints "stored" once so many records are stored and none is left to
 * store.
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
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      long wanted = Long.parseLong(line);
      while (!hasStored(server, wanted)) {
        Thread.sleep(1);
      }
      System.out.println("stored " + line);
    }
  }

  private static boolean hasStored(IngestServer server, long wanted) {
    var records = server.stats().records();
    return records.persisted() >= wanted && records.queued() == 0 && records.spooled() == 0;
  }
}
