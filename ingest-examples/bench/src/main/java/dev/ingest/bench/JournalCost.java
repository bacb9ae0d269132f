package dev.ingest.bench;

import dev.ingest.examples.Example;
import dev.ingest.examples.SensorServer;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.regex.Pattern;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * Measures what the spool and each kind of journal cost. A {@link SensorServer} in a process of its
 * own gets the same load with each of them, several times in turn, since machines are noisy.
 */
@Command(
    name = "JournalCost",
    description = "Measures the processor time and the loss with each kind of journal.",
    showDefaultValues = true)
public final class JournalCost implements Callable<Integer> {
  private static final List<List<String>> KINDS =
      List.of(
          List.of(),
          List.of("--spool"),
          List.of("--spool", "--journal-sync=NEVER"),
          List.of("--spool", "--journal-sync=EVERY_SECOND"),
          List.of("--spool", "--journal-sync=ALWAYS"));

  private static final Pattern PORT = Pattern.compile("listening on \\S*:(\\d+)");
  private static final Pattern PERSISTED = Pattern.compile("= ([0-9,]+) persisted");

  @Option(
      names = "--rate",
      paramLabel = "PER-SECOND",
      defaultValue = "50000",
      description = "How many readings to send a second.")
  private double rate;

  @Option(
      names = "--seconds",
      paramLabel = "S",
      defaultValue = "5",
      description = "How long, after a warm-up of the same time.")
  private int seconds;

  @Option(
      names = "--turns",
      paramLabel = "N",
      defaultValue = "3",
      description = "How often to measure each.")
  private int turns;

  private JournalCost() {}

  /**
   * Runs the measurement.
   *
   * @param args the options, see {@code --help}
   */
  public static void main(String[] args) {
    Example.run(new JournalCost(), args);
  }

  @Override
  public Integer call() throws Exception {
    System.out.printf(
        "%d processors, JDK %s, %,.0f readings a second for %d s after a warm-up of %d s%n%n",
        Runtime.getRuntime().availableProcessors(),
        System.getProperty("java.version"),
        rate,
        seconds,
        seconds);
    System.out.printf("%-36s %14s %10s %10s%n", "", "us per record", "sent/s", "lost");
    try (TemporaryFolder folder = TemporaryFolder.create("ingest-cost")) {
      BenchFiles files = new BenchFiles(folder.path(), folder.path());
      Sender sender = Sender.choose(Sender.Kind.AUTO, files, RecordShape.SENSOR);
      for (int turn = 0; turn < turns; turn++) {
        for (List<String> kind : KINDS) {
          measure(kind, sender);
        }
      }
    }
    return 0;
  }

  private void measure(List<String> kind, Sender sender) throws Exception {
    try (TemporaryFolder folder = TemporaryFolder.create("ingest-cost");
        ChildProcess server = start(kind, folder.path())) {
      String port = server.await(PORT);
      long count = (long) (rate * seconds);
      long warmUp = sender.send(port, count, rate, false).sent();
      Duration before = server.processorTime();
      SendReport sent = sender.send(port, count, rate, false);
      Duration cpu = server.processorTime().minus(before);
      server.terminate();
      long stored = Long.parseLong(server.await(PERSISTED).replace(",", ""));
      System.out.printf(
          "%-36s %14.2f %,10.0f %,10d%n",
          kind.isEmpty() ? "no spool" : String.join(" ", kind),
          cpu.toNanos() / 1e3 / count,
          sent.perSecond(),
          warmUp + sent.sent() - stored);
    }
  }

  private static ChildProcess start(List<String> kind, Path folder) throws IOException {
    List<String> args =
        new ArrayList<>(List.of("--bind", "127.0.0.1:0", "--sink", "sqlite:sensors.db"));
    for (String option : kind) {
      args.add(option);
      if (option.equals("--spool")) {
        args.add("spool");
      }
    }
    return ChildProcess.start(
        "the server", ChildProcess.java(SensorServer.class, args).directory(folder.toFile()));
  }
}
