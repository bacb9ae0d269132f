package dev.ingest;

import dev.ingest.policy.JournalSync;
import dev.ingest.policy.Spooling;
import dev.ingest.record.RecordBatch;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;

/**
 * Runs a server with a journal in the directory that is its first argument, whose sink prints what
 * it gets, and never stores it. Prints first which port the server has.
 */
final class ArrivalProgram {
  private ArrivalProgram() {}

  public static void main(String... args) throws Exception {
    IngestServer server =
        TestServers.builder(ArrivalProgram::print)
            .schema(ArrivalIT.SCHEMA)
            .spool(Spooling.in(Path.of(args[0])).journal(JournalSync.NEVER))
            .build()
            .start();
    System.out.println("port " + server.localAddress().getPort());
    server.awaitClose();
  }

  private static void print(RecordBatch batch) throws InterruptedException {
    ArrivalIT.describe(batch).forEach(row -> System.out.println("row " + row));
    new CountDownLatch(1).await();
  }
}
