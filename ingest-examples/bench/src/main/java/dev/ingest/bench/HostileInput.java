package dev.ingest.bench;

import com.sun.management.OperatingSystemMXBean;
import dev.ingest.IngestServer;
import dev.ingest.examples.Example;
import dev.ingest.source.Udp;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * Measures what each kind of hostile input costs a server: processor time a byte on the wire, as a
 * multiple of a plain record's. The server runs in this process, with SQLite and a dead-letter file,
 * and gets one kind at a time, no faster than it takes it in, so that the kernel drops nothing. The
 * processor time is the whole process's, collector and compiler included, but for the sending
 * thread's.
 */
@Command(
    name = "HostileInput",
    description = "Measures the processor time of hostile input, as a multiple of a plain record's.",
    showDefaultValues = true)
public final class HostileInput implements Callable<Integer> {
  /** IP and UDP headers: who sends, sends these as well. */
  private static final int HEADER_BYTES = 28;

  /** Made before the measurement; no name comes twice before as many others have come. */
  private static final int DATAGRAMS = 2_000;

  /** What may be under way: less than the kernel's buffer takes. */
  private static final int BURST_BYTES = 128 << 10;

  private static final int BURST_DATAGRAMS = 64;

  private static final OperatingSystemMXBean PROCESS =
      ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);

  @Option(
      names = "--millis",
      paramLabel = "MS",
      defaultValue = "300",
      description = "How long to measure each kind in each turn.")
  private long millis;

  @Option(
      names = "--turns",
      paramLabel = "N",
      defaultValue = "5",
      description = "How often to measure each; the median counts. One more turn warms up.")
  private int turns;

  @Option(
      names = "--limit",
      paramLabel = "X",
      defaultValue = "10",
      description = "The multiple that no kind may exceed: with one that does the status is 1.")
  private double limit;

  private IngestServer server;
  private DatagramChannel sender;

  private HostileInput() {}

  /**
   * Runs the measurement.
   *
   * @param args the options, see {@code --help}
   */
  public static void main(String[] args) {
    Example.run(new HostileInput(), args);
  }

  @Override
  public Integer call() throws Exception {
    List<HostileKind> kinds = new ArrayList<>(List.of(HostileKind.PLAIN));
    kinds.addAll(HostileKind.ALL);
    double[][] costs = new double[kinds.size()][turns];
    try (TemporaryFolder folder = TemporaryFolder.create("ingest-hostile");
        IngestServer started =
            IngestServer.builder()
                .schema(HostileKind.SCHEMA)
                .sink("sqlite:" + folder.path().resolve("readings.db"))
                .deadLetters(folder.path().resolve("dead.ndjson"))
                .source(Udp.on(0))
                .build()
                .start();
        DatagramChannel channel = DatagramChannel.open()) {
      server = started;
      sender = channel;
      sender.connect(server.localAddress());
      for (int turn = -1; turn < turns; turn++) {
        for (int kind = 0; kind < costs.length; kind++) {
          double cost = measure(kinds.get(kind));
          if (turn >= 0) {
            costs[kind][turn] = cost;
          }
        }
      }
    }
    return print(kinds, costs);
  }

  /** Returns nanoseconds of processor time a byte. */
  private double measure(HostileKind kind) throws IOException {
    Random random = new Random();
    List<ByteBuffer> datagrams = new ArrayList<>();
    for (int i = 0; i < DATAGRAMS; i++) {
      byte[] bytes = kind.datagram().apply(random);
      datagrams.add(ByteBuffer.allocateDirect(bytes.length).put(bytes).flip());
    }
    long wire = 0;
    long before = processorTime();
    long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
    for (int next = 0; System.nanoTime() < end; ) {
      int burst = 0;
      for (int sent = 0; burst < BURST_BYTES && sent < BURST_DATAGRAMS; sent++) {
        ByteBuffer datagram = datagrams.get(next++ % DATAGRAMS).rewind();
        burst += datagram.remaining() + HEADER_BYTES;
        sender.write(datagram);
      }
      wire += burst;
      awaitAll(next);
    }
    double cost = (processorTime() - before) / (double) wire;
    taken = received();
    return cost;
  }

  private long taken;

  private void awaitAll(int sent) {
    while (received() - taken < sent) {
      if (server.stats().kernelDrops().orElse(0) > 0) {
        throw new IllegalStateException("the kernel dropped datagrams: the receive buffer is too small");
      }
      LockSupport.parkNanos(20_000);
    }
  }

  private long received() {
    return server.stats().messages().received();
  }

  private static long processorTime() {
    return PROCESS.getProcessCpuTime()
        - ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
  }

  private int print(List<HostileKind> kinds, double[][] costs) {
    double plain = median(costs[0]);
    System.out.printf(
        "%d processors, JDK %s: processor time a byte, %,.1f ns for %s%n%n",
        Runtime.getRuntime().availableProcessors(),
        System.getProperty("java.version"),
        plain,
        HostileKind.PLAIN.name());
    System.out.println("| input | times a plain record's |");
    System.out.println("|---|---|");
    int above = 0;
    for (int kind = 1; kind < costs.length; kind++) {
      double multiple = median(costs[kind]) / plain;
      System.out.printf("| %s | %.1f |%n", kinds.get(kind).name(), multiple);
      above += multiple > limit ? 1 : 0;
    }
    if (above > 0) {
      System.out.printf("%n%d kinds cost more than %.1f times a plain record%n", above, limit);
    }
    return above > 0 ? 1 : 0;
  }

  private static double median(double[] values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    return sorted[sorted.length / 2];
  }
}
