package dev.ingest.micrometer;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.management.OperatingSystemMXBean;
import dev.ingest.IngestServer;
import dev.ingest.record.Schema;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * Measures what a scrape each second costs a server that receives 50,000 records a second: its
 * processor time in turns of ten seconds with and without scrapes. The sender is a process of its
 * own. The argument is the number of turns of each kind, 6 unless given.
 */
final class ScrapeCost {
  private static final int RECORDS_PER_SECOND = 50_000;
  private static final int SECONDS = 10;

  /** How many scrapes come first, so that the compilation of their code is not measured. */
  private static final int WARM_UP = 5_000;

  private static final OperatingSystemMXBean SYSTEM =
      (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
  private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

  private ScrapeCost() {}

  public static void main(String[] args) throws Exception {
    if (args.length == 2) {
      send(Integer.parseInt(args[1]));
      return;
    }
    int turns = args.length == 0 ? 6 : Integer.parseInt(args[0]);
    PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    Schema schema = Schema.builder("t").integer("sensor_id").real("temperature").build();
    Process sender;
    try (IngestServer server =
        IngestServer.builder().schema(schema).bind("127.0.0.1", 0).sink(batch -> {}).build()) {
      new IngestMetrics(server.start()).bindTo(registry);
      sender =
          new ProcessBuilder(
                  ProcessHandle.current().info().command().orElseThrow(),
                  "-cp",
                  System.getProperty("java.class.path"),
                  ScrapeCost.class.getName(),
                  "send",
                  Integer.toString(server.localAddress().getPort()))
              .inheritIO()
              .start();
      try {
        for (int i = 0; i < WARM_UP; i++) {
          registry.scrape();
        }
        turn(registry, 0);
        long received = server.stats().messages().received();
        long start = System.nanoTime();
        double[] with = new double[turns];
        double[] without = new double[turns];
        for (int i = 0; i < turns; i++) {
          without[i] = turn(registry, 0);
          with[i] = turn(registry, SECONDS);
        }
        double plain = mean(without);
        System.out.printf(
            "without scrapes %.2f ms/s, with %.2f ms/s: %+.2f %%%n",
            plain, mean(with), 100 * (mean(with) - plain) / plain);
        System.out.printf(
            "received %.0f records/s%n",
            (server.stats().messages().received() - received) * 1e9 / (System.nanoTime() - start));
      } finally {
        sender.destroy();
      }
    }
  }

  /** Returns the processor time of the process in ms for each second. */
  private static double turn(PrometheusMeterRegistry registry, int scrapes) {
    long own = THREADS.getCurrentThreadCpuTime();
    long start = SYSTEM.getProcessCpuTime();
    int bytes = 0;
    for (int second = 0; second < SECONDS; second++) {
      if (second < scrapes) {
        bytes = registry.scrape().length();
      }
      LockSupport.parkNanos(TimeUnit.SECONDS.toNanos(1));
    }
    double all = (SYSTEM.getProcessCpuTime() - start) / 1e6 / SECONDS;
    double scraping = (THREADS.getCurrentThreadCpuTime() - own) / 1e6 / SECONDS;
    System.out.printf(
        "%d scrapes of %d bytes: %.2f ms/s, of which this thread %.3f ms/s%n",
        scrapes, bytes, all, scraping);
    return all;
  }

  private static double mean(double[] values) {
    double sum = 0;
    for (double value : values) {
      sum += value;
    }
    return sum / values.length;
  }

  private static void send(int port) throws Exception {
    byte[] record = "{\"sensor_id\": 17, \"temperature\": 21.4}".getBytes(UTF_8);
    DatagramPacket packet =
        new DatagramPacket(record, record.length, InetAddress.getLoopbackAddress(), port);
    try (DatagramSocket socket = new DatagramSocket()) {
      long start = System.nanoTime();
      for (long sent = 0; ; ) {
        long due = (System.nanoTime() - start) * RECORDS_PER_SECOND / 1_000_000_000L;
        while (sent < due) {
          socket.send(packet);
          sent++;
        }
        LockSupport.parkNanos(500_000);
      }
    }
  }
}
