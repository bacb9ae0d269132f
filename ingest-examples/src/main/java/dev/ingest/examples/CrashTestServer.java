package dev.ingest.examples;

import dev.ingest.IngestServer;
import dev.ingest.policy.JournalSync;
import dev.ingest.policy.Spooling;
import dev.ingest.stats.IngestStats;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * The server that {@link CrashTest} kills: a sink and a journal. It prints its port, and every
 * millisecond how many records it has decoded, how many wait to be stored, and how many were not
 * journaled, as one snapshot. It ends when nobody reads that, so also when the test is ended.
 */
final class CrashTestServer {
  private CrashTestServer() {}

  /**
   * Runs until it is killed, or nobody reads its output.
   *
   * @param args the sink's URI, the spool's directory, its limit, the journal's level, the queue's
   *     capacity
   * @throws Exception if it cannot be started
   */
  public static void main(String[] args) throws Exception {
    IngestServer server =
        IngestServer.builder()
            .schema(SensorReading.SCHEMA)
            .sink(args[0])
            .spool(
                Spooling.in(Path.of(args[1]))
                    .limit(Long.parseLong(args[2]))
                    .journal(JournalSync.valueOf(args[3])))
            .startWithoutSink(true) // a database may be restarting
            .queueCapacity(Integer.parseInt(args[4]))
            .build()
            .start();
    System.out.println("port " + server.localAddress().getPort());
    while (!System.out.checkError()) {
      IngestStats stats = server.stats();
      System.out.println(
          stats.records().decoded()
              + " "
              + (stats.records().queued() + stats.records().spooled())
              + " "
              + stats.notJournaled());
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(1));
    }
  }
}
