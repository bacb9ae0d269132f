package dev.ingest.examples;

import dev.ingest.CloseEvent;
import dev.ingest.IngestServer;
import dev.ingest.stats.IngestStats;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * Runs a server and its clients in one process, for some seconds. Then main returns, and the drain
 * at exit stores what is still on its way and prints the account.
 */
@Command(
    name = "Demo",
    description =
        "Runs a server and its clients in one process, for some seconds, and shows the account.")
public final class Demo implements Callable<Integer> {
  private static final int CLIENTS = 4;
  private static final double RATE = 5_000;
  private static final int BURST = 5_000;

  @Option(
      names = "--sink",
      paramLabel = "URI",
      description =
          "Where to store, such as sqlite:FILE, jdbc:postgresql://HOST/DATABASE or"
              + " kafka:HOST:PORT/TOPIC; a new file of SQLite in a temporary folder if left out.")
  private @Nullable String sinkUri;

  @Option(
      names = "--seconds",
      paramLabel = "N",
      defaultValue = "10",
      description = "How long the clients send; ${DEFAULT-VALUE} if left out.")
  private int seconds;

  private final AtomicLong sent = new AtomicLong();
  private String sink = "";
  private long storedBefore;
  private volatile long persistedBeforeExit;

  private Demo() {}

  /**
   * Runs the demo.
   *
   * @param args the options, see {@code --help}
   */
  public static void main(String[] args) {
    Example.runAndReturn(new Demo(), args);
  }

  @Override
  public Integer call() throws Exception {
    sink =
        sinkUri != null
            ? sinkUri
            : "sqlite:" + Files.createTempDirectory("ingest-demo").resolve("sensors.db");
    IngestServer server =
        IngestServer.builder()
            .schema(SensorReading.SCHEMA)
            .sink(sink)
            .onClose(this::report)
            .build()
            .start();
    try (StoredReadings readings = stored()) {
      storedBefore = readings.total();
    }
    System.out.printf("server at %s, storing to %s%n", server.localAddress(), Example.shown(sink));
    runClients(server);
    System.out.printf(
        "one last burst of %,d, and main returns: the rest is stored at exit%n", BURST);
    SensorClient.send(server.localAddress(), sent, Double.POSITIVE_INFINITY, BURST);
    persistedBeforeExit = server.stats().records().persisted();
    return 0;
  }

  private void runClients(IngestServer server) throws InterruptedException {
    System.out.printf("%d clients send %,.0f readings a second each%n", CLIENTS, RATE);
    List<Thread> clients = new ArrayList<>();
    for (int i = 0; i < CLIENTS; i++) {
      clients.add(new Thread(() -> client(server), "client-" + i));
    }
    clients.forEach(Thread::start);
    for (int second = 1; second <= seconds; second++) {
      Thread.sleep(1_000);
      IngestStats stats = server.stats();
      System.out.printf(
          "%3d s  sent %,9d  received %,9d  stored %,9d  queued %,6d%n",
          second,
          sent.get(),
          stats.messages().received(),
          stats.records().persisted(),
          stats.records().queued());
    }
    for (Thread client : clients) {
      client.join();
    }
  }

  private StoredReadings stored() throws Exception {
    return StoredReadings.open(sink, SensorReading.SCHEMA.name())
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "only the sink sees what it stores to "
                        + Example.shown(sink)
                        + ": expected a database that is not in memory, or Kafka"));
  }

  private void client(IngestServer server) {
    try {
      SensorClient.send(server.localAddress(), sent, RATE, (long) (RATE * seconds));
    } catch (Exception e) {
      System.out.println("a client failed: " + e);
    }
  }

  private void report(CloseEvent event) {
    IngestStats stats = event.stats();
    System.out.printf(
        "stored at exit: %,d records%n", stats.records().persisted() - persistedBeforeExit);
    System.out.println(Account.of(stats));
    try (StoredReadings readings = stored()) {
      balance(stats, readings);
    } catch (Exception | LinkageError e) { // of the driver's native library
      System.out.println("cannot look at what is stored: " + e);
    }
  }

  private void balance(IngestStats stats, StoredReadings readings) throws Exception {
    long total = readings.total() - storedBefore;
    System.out.printf("%s holds %,d readings more, the last of them:%n", readings.place(), total);
    readings.last(3).forEach(reading -> System.out.println("           " + reading));
    long arrived = stats.messages().received() + stats.kernelDrops().orElse(0);
    boolean balanced = sent.get() == arrived && stats.records().persisted() == total;
    System.out.printf(
        "%s: %,d sent, %,d received or dropped by the kernel, %,d persisted, %,d stored%n",
        balanced ? "it balances" : "IT DOES NOT BALANCE",
        sent.get(),
        arrived,
        stats.records().persisted(),
        total);
  }
}
