package dev.ingest.examples;

import dev.ingest.IngestServer;
import dev.ingest.policy.JournalSync;
import dev.ingest.policy.Spooling;
import dev.ingest.stats.IngestStats;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/**
 * The server that {@link CrashTest} kills: a sink and a journal. It prints its port, and every
 * millisecond how many records it has decoded, how many wait to be stored, and how many were not
 * journaled, as one snapshot. It ends when nobody reads that, so also when the test is ended.
 */
@Command(name = "CrashTestServer", description = "The server that CrashTest kills.")
final class CrashTestServer implements Callable<Integer> {
  @Parameters(index = "0", paramLabel = "SINK", description = "The sink's URI.")
  private String sink = "";

  @Parameters(index = "1", paramLabel = "DIR", description = "The spool's directory.")
  private Path spool = Path.of("");

  @Parameters(index = "2", paramLabel = "LIMIT", description = "How much it may hold, in bytes.")
  private long limit;

  @Parameters(index = "3", paramLabel = "WHEN", description = "When the journal is synced.")
  private JournalSync sync = JournalSync.NEVER;

  @Parameters(index = "4", paramLabel = "RECORDS", description = "The queue's capacity.")
  private int capacity;

  private CrashTestServer() {}

  /**
   * Runs until it is killed, or nobody reads its output.
   *
   * @param args see {@code --help}
   */
  public static void main(String[] args) {
    Example.run(new CrashTestServer(), args);
  }

  @Override
  public Integer call() throws Exception {
    IngestServer server =
        IngestServer.builder()
            .schema(SensorReading.SCHEMA)
            .sink(sink)
            .spool(Spooling.in(spool).limit(limit).journal(sync))
            .startWithoutSink(true) // a database may be restarting
            .queueCapacity(capacity)
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
    return 0;
  }
}
