package dev.ingest.bench;

import dev.ingest.examples.Example;
import dev.ingest.examples.SensorReading;
import dev.ingest.examples.SensorServer;
import dev.ingest.kafka.KafkaSinkProvider;
import dev.ingest.record.JournalPosition;
import dev.ingest.sink.Sink;
import dev.ingest.sink.SinkConfig;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.regex.Pattern;
import org.apache.kafka.tools.ProducerPerformance;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * Measures what the sink for Kafka costs beside Kafka's own {@code kafka-producer-perf-test}, with
 * the same records and the same settings of the producer, in turn in one process, since machines
 * are noisy. Then a {@link SensorServer} in a process of its own stores a steady load in
 * transactions.
 */
@Command(
    name = "KafkaCost",
    description = "Measures the sink for Kafka beside kafka-producer-perf-test.",
    showDefaultValues = true)
public final class KafkaCost implements Callable<Integer> {
  /** As the sink has them. */
  private static final String PRODUCER = "linger.ms=20\nbatch.size=131072\n";

  private static final Pattern PORT = Pattern.compile("listening on \\S*:(\\d+)");

  /** From what is persisted to what is spooled, which are on one line. */
  private static final Pattern RECORDS = Pattern.compile("= ([0-9,]+ persisted.* [0-9,]+) spooled");

  private static final Pattern DROPPED = Pattern.compile("^kernel +([0-9,]+) datagrams dropped");

  @Option(
      names = "--bootstrap",
      paramLabel = "HOST:PORT",
      required = true,
      description = "The brokers.")
  private String bootstrap = "";

  @Option(
      names = "--topic",
      paramLabel = "TOPIC",
      required = true,
      description = "A topic, which exists; it gets all the records.")
  private String topic = "";

  @Option(
      names = "--with",
      paramLabel = "OPTIONS",
      split = ",",
      defaultValue =
          "compression=none,message=batch,transactional_id=ID,transactional_id=ID&message=batch",
      description = "The options of the sink that are measured; ID stands for a new name.")
  private List<String> with = List.of();

  @Option(
      names = "--records",
      paramLabel = "N",
      defaultValue = "2000000",
      description = "How many records to send with each setting, in batches of 4,096.")
  private long records;

  @Option(
      names = "--rate",
      paramLabel = "PER-SECOND",
      defaultValue = "50000",
      description = "How many readings a second the server gets.")
  private double rate;

  @Option(
      names = "--seconds",
      paramLabel = "S",
      defaultValue = "20",
      description = "How long it gets them.")
  private int seconds;

  @Option(
      names = "--warm-up",
      paramLabel = "S",
      defaultValue = "5",
      description = "How long it gets them before that.")
  private int warmUp;

  @Option(
      names = "--turns",
      paramLabel = "N",
      defaultValue = "3",
      description = "How often to measure each; the first turn warms up.")
  private int turns;

  /** So that no segment of one run is known from another. */
  private final String run = UUID.randomUUID().toString();

  private long line;

  private KafkaCost() {}

  /**
   * Runs the measurement.
   *
   * @param args the options, see {@code --help}
   */
  public static void main(String[] args) {
    Example.run(new KafkaCost(), args);
  }

  @Override
  public Integer call() throws Exception {
    System.out.printf(
        "%d processors, JDK %s, %,d records with each%n%n",
        Runtime.getRuntime().availableProcessors(), System.getProperty("java.version"), records);
    System.out.printf("%-42s %12s %14s%n", "", "records/s", "us per record");
    try (TemporaryFolder folder = TemporaryFolder.create("ingest-kafka")) {
      List<byte[]> payloads =
          DatagramWriter.datagrams(RecordShape.SENSOR, 1).stream()
              .map(datagram -> bytes(datagram.bytes()))
              .toList();
      for (int turn = 0; turn < turns; turn++) {
        measure("kafka-producer-perf-test", () -> perfTest(folder.path(), payloads));
        for (String options : with) {
          for (int size : new int[] {payloads.size(), 100}) {
            String name = "sink, batches of %d %s".formatted(size, options);
            measure(name, () -> write(payloads.subList(0, size), options));
          }
        }
      }
    }
    for (String options : with) {
      serve(options);
    }
    return 0;
  }

  private static byte[] bytes(ByteBuffer text) {
    byte[] bytes = new byte[text.limit()];
    text.get(0, bytes);
    return bytes;
  }

  private interface Work {
    /** Returns how many records it has stored. */
    long run() throws Exception;
  }

  private static void measure(String name, Work work) throws Exception {
    long before = processorNanos();
    long start = System.nanoTime();
    long done = work.run();
    double elapsed = (System.nanoTime() - start) / 1e9;
    System.out.printf(
        "%-42s %,12.0f %14.2f%n", name, done / elapsed, (processorNanos() - before) / 1e3 / done);
  }

  private static long processorNanos() {
    return ManagementFactory.getPlatformMXBean(com.sun.management.OperatingSystemMXBean.class)
        .getProcessCpuTime();
  }

  /** Runs the program without what it prints. It takes at random from a file of payloads. */
  private long perfTest(Path folder, List<byte[]> payloads) throws Exception {
    Path file = folder.resolve("payloads.txt");
    try (PrintStream lines = new PrintStream(file.toFile(), StandardCharsets.UTF_8)) {
      for (byte[] payload : payloads) {
        lines.println(new String(payload, StandardCharsets.UTF_8));
      }
    }
    Path properties = Files.writeString(folder.resolve("producer.properties"), PRODUCER);
    PrintStream out = System.out;
    System.setOut(new PrintStream(new ByteArrayOutputStream(), false, StandardCharsets.UTF_8));
    try {
      ProducerPerformance.main(
          new String[] {
            "--bootstrap-server",
            bootstrap,
            "--topic",
            topic,
            "--num-records",
            Long.toString(records),
            "--throughput",
            "-1",
            "--payload-file",
            file.toString(),
            "--command-config",
            properties.toString()
          });
    } finally {
      System.setOut(out);
    }
    return records;
  }

  private String uri(String options) {
    return "kafka:" + bootstrap + "/" + topic + "?" + options.replace("ID", "cost-" + run);
  }

  private long write(List<byte[]> batch, String options) throws Exception {
    long count = batch.size() < 1000 ? records / 20 : records;
    Sink sink = new KafkaSinkProvider().create(SinkConfig.parse(uri(options)));
    sink.open(SensorReading.SCHEMA);
    long written = 0;
    while (written < count) {
      sink.write(new PayloadBatch(batch, new JournalPosition(run, line)));
      line += batch.size();
      written += batch.size();
    }
    sink.close();
    return written;
  }

  /** Puts a load on a server, and counts what it has not stored. */
  private void serve(String options) throws Exception {
    try (TemporaryFolder folder = TemporaryFolder.create("ingest-kafka");
        ChildProcess server = start(options, folder.path())) {
      BenchFiles files = new BenchFiles(folder.path(), folder.path());
      Sender sender = Sender.choose(Sender.Kind.AUTO, files, RecordShape.SENSOR);
      String port = server.await(PORT);
      long sentBefore = sender.send(port, (long) (rate * warmUp), rate, false).sent();
      Duration before = server.processorTime();
      SendReport sent = sender.send(port, (long) (rate * seconds), rate, false);
      Duration cpu = server.processorTime().minus(before);
      server.terminate();
      String records = server.await(RECORDS);
      long stored = number(records.substring(0, records.indexOf(' ')));
      long spooled = number(records.substring(records.lastIndexOf(' ') + 1));
      long dropped = number(server.await(DROPPED));
      long all = sentBefore + sent.sent();
      System.out.printf(
          "%-42s %,12.0f %14.2f, of %,d dropped by the kernel: %,d, left in the spool: %,d, lost: %,d%n",
          "server " + options,
          sent.perSecond(),
          cpu.toNanos() / 1e3 / sent.sent(),
          all,
          dropped,
          spooled,
          all - dropped - stored - spooled);
    }
  }

  private static long number(String text) {
    return Long.parseLong(text.replace(",", ""));
  }

  private ChildProcess start(String options, Path folder) throws IOException {
    List<String> args =
        new ArrayList<>(
            List.of(
                "--bind=127.0.0.1:0",
                "--sink=" + uri(options),
                "--spool=spool",
                "--journal-sync=EVERY_SECOND"));
    return ChildProcess.start(
        "the server", ChildProcess.java(SensorServer.class, args).directory(folder.toFile()));
  }
}
