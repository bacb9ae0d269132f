package dev.ingest.examples;

import dev.ingest.CloseEvent;
import dev.ingest.IngestServer;
import dev.ingest.stats.IngestStats;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Runs a server and its clients in one process, for ten seconds. Then main returns, and the drain
 * at exit stores what is still on its way and prints the account.
 */
public final class Demo {
  private static final int SECONDS = 10;
  private static final int CLIENTS = 4;
  private static final double RATE = 5_000;
  private static final int BURST = 5_000;

  private final Path file;
  private final AtomicLong sent = new AtomicLong();
  private volatile long persistedBeforeExit;

  private Demo(Path file) {
    this.file = file;
  }

  /**
   * Runs the demo.
   *
   * @param args the database file; if left out, one in a new temporary folder
   * @throws Exception if the server cannot be started
   */
  public static void main(String[] args) throws Exception {
    new Demo(
            args.length > 0
                ? Path.of(args[0])
                : Files.createTempDirectory("ingest-demo").resolve("sensors.db"))
        .run();
  }

  private void run() throws Exception {
    IngestServer server =
        IngestServer.builder()
            .schema(SensorReading.SCHEMA)
            .sink("sqlite:" + file)
            .onClose(this::report)
            .build()
            .start();
    System.out.printf("server at %s, storing to %s%n", server.localAddress(), file);
    System.out.printf("%d clients send %,.0f readings a second each%n", CLIENTS, RATE);
    List<Thread> clients = new ArrayList<>();
    for (int i = 0; i < CLIENTS; i++) {
      clients.add(new Thread(() -> client(server), "client-" + i));
    }
    clients.forEach(Thread::start);
    for (int second = 1; second <= SECONDS; second++) {
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
    System.out.printf(
        "one last burst of %,d, and main returns: the rest is stored at exit%n", BURST);
    SensorClient.send(server.localAddress(), sent, Double.POSITIVE_INFINITY, BURST);
    persistedBeforeExit = server.stats().records().persisted();
  }

  private void client(IngestServer server) {
    try {
      SensorClient.send(server.localAddress(), sent, RATE, (long) (RATE * SECONDS));
    } catch (Exception e) {
      System.out.println("a client failed: " + e);
    }
  }

  private void report(CloseEvent event) {
    IngestStats stats = event.stats();
    System.out.printf(
        "stored at exit: %,d records%n", stats.records().persisted() - persistedBeforeExit);
    System.out.println(Account.of(stats));
    try (SensorTable table = SensorTable.open("sqlite:" + file)) {
      long total = table.total();
      System.out.printf("table      %,d rows, the last of them:%n", total);
      table.last(3).forEach(row -> System.out.println("           " + row));
      long arrived = stats.messages().received() + stats.kernelDrops().orElse(0);
      boolean balanced = sent.get() == arrived && stats.records().persisted() == total;
      System.out.printf(
          "%s: %,d sent, %,d received or dropped by the kernel, %,d persisted, %,d rows%n",
          balanced ? "it balances" : "IT DOES NOT BALANCE",
          sent.get(),
          arrived,
          stats.records().persisted(),
          total);
    } catch (SQLException | RuntimeException | LinkageError e) { // of the driver's native library
      System.out.println("cannot look into the table: " + e);
    }
  }
}
