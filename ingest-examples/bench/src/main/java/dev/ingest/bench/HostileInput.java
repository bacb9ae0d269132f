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
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * Measures what each kind of hostile input costs a server: processor time a byte on the wire, as a
 * multiple of a plain record's. The server runs in this process, with SQLite and a dead-letter
 * file, and gets one kind at a time, no faster than it takes it in, so that the kernel drops
 * nothing. The processor time is the whole process's, collector and compiler included, but for the
 * sending thread's.
 */
@Command(
    name = "HostileInput",
    description =
        "Measures the processor time of hostile input, as a multiple of a plain record's.",
    showDefaultValues = true)
public final class HostileInput implements Callable<Integer> {
  /** IP and UDP headers: who sends, sends these as well. */
  private static final int HEADER_BYTES = 28;

  /** Made before the measurement; no name comes twice before as many others have come. */
  private static final int DATAGRAMS = 2_000;

  /** Half of what may be under way; Linux has room for that in the buffer that it gives unasked. */
  private static final int WINDOW_BYTES = 64 << 10;

  private static final int WINDOW_DATAGRAMS = 200;

  private static final long POLL_NANOS = TimeUnit.MICROSECONDS.toNanos(200);
  private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(20);

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

  @Spec private @Nullable CommandSpec spec;

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
    OptionCheck.require(spec, millis >= 1, "--millis", millis, "1 or more");
    OptionCheck.require(spec, turns >= 1, "--turns", turns, "1 or more");
    List<HostileKind> kinds = new ArrayList<>(List.of(HostileKind.PLAIN));
    kinds.addAll(HostileKind.ALL);
    double[][] costs = new double[kinds.size()][turns];
    try (TemporaryFolder folder = TemporaryFolder.create("ingest-hostile");
        IngestServer server =
            IngestServer.builder()
                .schema(HostileKind.SCHEMA)
                .sink("sqlite:" + folder.path().resolve("readings.db"))
                .deadLetters(folder.path().resolve("dead.ndjson"))
                .source(Udp.on(0))
                .build()
                .start();
        DatagramChannel sender = DatagramChannel.open()) {
      for (int turn = -1; turn < turns; turn++) {
        for (int kind = 0; kind < costs.length; kind++) {
          double cost = measure(server, sender, kinds.get(kind));
          if (turn >= 0) {
            costs[kind][turn] = cost;
          }
        }
      }
    }
    return print(kinds, costs);
  }

  /** Returns nanoseconds of processor time a byte. */
  private double measure(IngestServer server, DatagramChannel sender, HostileKind kind)
      throws IOException {
    Random random = new Random();
    List<ByteBuffer> datagrams = new ArrayList<>();
    for (int i = 0; i < DATAGRAMS; i++) {
      byte[] bytes = kind.datagram().apply(random);
      datagrams.add(ByteBuffer.allocateDirect(bytes.length).put(bytes).flip());
    }
    long receivedBefore = server.stats().messages().received();
    long before = processorTime();
    long wire = 0;
    long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
    int sent = 0;
    while (System.nanoTime() < end) {
      int sentBefore = sent;
      int window = 0;
      for (int i = 0; i < WINDOW_DATAGRAMS && window < WINDOW_BYTES; i++) {
        ByteBuffer datagram = datagrams.get(sent++ % DATAGRAMS).rewind();
        window += datagram.remaining() + HEADER_BYTES;
        sender.send(datagram, server.localAddress()); // write() would leave out an empty one
      }
      wire += window;
      awaitReceived(server, receivedBefore, sentBefore);
    }
    awaitReceived(server, receivedBefore, sent);
    // The clocks of the process and of the thread do not tick together.
    return Math.max(0, processorTime() - before) / (double) wire;
  }

  /** Waits until so many more datagrams than before have been dealt with. */
  private static void awaitReceived(IngestServer server, long before, int sent) {
    long start = System.nanoTime();
    while (server.stats().messages().received() - before < sent) {
      LockSupport.parkNanos(POLL_NANOS);
      if (System.nanoTime() - start > PATIENCE_NANOS) {
        throw new IllegalStateException(
            "of " + sent + " datagrams some are missing: " + server.stats());
      }
    }
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
