package dev.ingest.bench;

import dev.ingest.examples.Example;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;

/**
 * Loads the library from end to end, datagrams in and rows on disk, at rising rates, and other
 * programs that do the same beside it. Measures how much is stored and lost, the processor time,
 * and how long a record is on its way.
 */
@Command(
    name = "LoadTest",
    description =
        "Sends datagrams at rising rates to a server in a process of its own, and to other programs"
            + " beside it; counts what is stored, and measures processor time and latency.",
    showDefaultValues = true)
public final class LoadTest implements Callable<Integer> {
  @Option(
      names = "--rates",
      paramLabel = "N",
      split = ",",
      defaultValue = "100,10000,50000,100000,200000,max",
      converter = Rate.class,
      description = "Records a second, one load after the other; max is as fast as the sender can.")
  private List<Double> rates = List.of();

  @Option(
      names = "--seconds",
      paramLabel = "S",
      defaultValue = "3",
      description = "How long each load is.")
  private double seconds;

  @Option(
      names = "--warm-up",
      paramLabel = "S",
      defaultValue = "5",
      description =
          "How long each new server gets 20,000 records a second before the first load; 0 for not at"
              + " all.")
  private double warmUp;

  @Option(
      names = "--turns",
      paramLabel = "N",
      defaultValue = "1",
      description = "How often to measure all, each time with a new server.")
  private int turns;

  @Option(
      names = "--shape",
      paramLabel = "SHAPE",
      split = ",",
      defaultValue = "sensor",
      description =
          "What the records look like, one shape after the other: ${COMPLETION-CANDIDATES}. nested"
              + " and array are not measured with limit.c, other programs with sensor only.")
  private List<RecordShape> shapes = List.of();

  @Option(
      names = "--source",
      paramLabel = "KIND",
      split = ",",
      defaultValue = "udp",
      description =
          "How the records come to the server, one kind after the other in each turn:"
              + " ${COMPLETION-CANDIDATES}. Over TCP and a Unix socket they are lines, which are"
              + " written 64 KB at a time. Other programs are measured beside UDP, QuestDB beside"
              + " TCP.")
  private List<SourceKind> sources = List.of();

  @Option(
      names = "--peers",
      negatable = true,
      defaultValue = "true",
      fallbackValue = "true",
      description =
          "Measure other programs, too, as far as this machine has what they need; --no-peers leaves"
              + " them out.")
  private boolean peers;

  @Option(
      names = "--questdb",
      paramLabel = "JAR",
      description = "The jar of QuestDB, to measure it beside the server over TCP.")
  private @Nullable Path questDb;

  @Option(
      names = "--against",
      paramLabel = "JAR",
      description =
          "The ingest-bench.jar of another build, which is measured by turns with this one.")
  private @Nullable Path against;

  @Option(
      names = "--sender",
      paramLabel = "WHICH",
      defaultValue = "AUTO",
      description = "The program that sends: ${COMPLETION-CANDIDATES}.")
  private Sender.Kind senderKind = Sender.Kind.AUTO;

  @Option(
      names = "--output",
      paramLabel = "DIR",
      defaultValue = "load-test",
      description = "Where to put the results; the databases are there, too, during the test.")
  private Path output = Path.of("load-test");

  private String machine = "";

  @Spec private @Nullable CommandSpec spec;

  private LoadTest() {}

  /**
   * Runs the load test; the status is 0 if every record is accounted for.
   *
   * @param args the options, see {@code --help}
   */
  public static void main(String[] args) {
    Example.run(new LoadTest(), args);
  }

  @Override
  public Integer call() throws Exception {
    OptionCheck.require(
        spec, seconds > 0 && seconds <= 3_600, "--seconds", seconds, "more than 0, at most 3600");
    OptionCheck.require(spec, warmUp >= 0 && warmUp <= 3_600, "--warm-up", warmUp, "0 to 3600");
    OptionCheck.require(spec, turns >= 1, "--turns", turns, "1 or more");
    OptionCheck.require(
        spec,
        against == null || Files.isRegularFile(against),
        "--against",
        String.valueOf(against),
        "a file, the ingest-bench.jar of another build");
    OptionCheck.require(
        spec,
        questDb == null || Files.isRegularFile(questDb),
        "--questdb",
        String.valueOf(questDb),
        "a file, the jar of QuestDB");
    OptionCheck.require(
        spec,
        questDb == null || sources.contains(SourceKind.TCP),
        "--source",
        sources,
        "tcp, too, over which QuestDB gets its records");
    Files.createDirectories(output);
    LoadReport report = new LoadReport();
    try (TemporaryFolder folder = TemporaryFolder.createIn(output, "run")) {
      machine = Machine.description();
      System.out.println(machine);
      BenchFiles files = new BenchFiles(folder.path(), output);
      for (RecordShape shape : shapes) {
        Sender sender = Sender.choose(senderKind, files, shape);
        System.out.println("sender: " + sender);
        measure(files, sender, report, folder.path().toAbsolutePath());
      }
    }
    return finish(report) ? 0 : 1;
  }

  private void measure(BenchFiles files, Sender sender, LoadReport report, Path folder)
      throws Exception {
    Peers programs = new Peers(files);
    RecordShape shape = sender.shape();
    boolean withPeers = peers && sources.contains(SourceKind.UDP);
    boolean withOthers = withPeers && shape == RecordShape.SENSOR;
    boolean withQuestDb = peers && sources.contains(SourceKind.TCP) && shape == RecordShape.SENSOR;
    Yardsticks yardsticks =
        new Yardsticks(
            Optional.ofNullable(against),
            withPeers && shape.isKnownToLimit() ? programs.limit(shape) : Optional.empty(),
            withOthers ? programs.inUse() : List.of(),
            withQuestDb ? Peers.questDb(questDb) : Optional.empty());
    List<PeerProgram> originals = withOthers ? programs.originals() : List.of();
    System.out.printf(
        Locale.ROOT,
        "%s records, %s s each, after a warm-up of the server at %,.0f/s for %s s%n%n",
        shape,
        seconds,
        LoadSweep.WARM_UP_RATE,
        warmUp);
    LoadSweep sweep = new LoadSweep(sender, rates, seconds, warmUp, report);
    for (int turn = 1; turn <= turns; turn++) {
      for (SourceKind source : sources) {
        sweep.run(turn, folder, source, yardsticks.with(source));
      }
      sweep.runOriginals(turn, folder, originals);
    }
  }

  private boolean finish(LoadReport report) throws Exception {
    Path csv = output.resolve("results.csv");
    report.writeCsv(csv);
    Path picture = output.resolve("sweep.svg");
    Files.writeString(picture, SweepChart.svg(report.results(), machine));
    System.out.println();
    LoadRatios.of(report.results()).forEach(ratios -> ratios.lines().forEach(System.out::println));
    System.out.println("\nresults: " + csv + ", picture: " + picture);
    boolean good =
        report.results().stream()
            .filter(result -> result.system().startsWith(IngestReceiver.NAME))
            .allMatch(LoadResult::isAccountedFor);
    System.out.println(
        good
            ? "every record sent to ingest is stored, or was dropped and counted by the kernel"
            : "NOT TRUE: a record sent to ingest is neither stored nor counted by the kernel,"
                + " or is stored wrong");
    return good;
  }

  /** Reads a rate in records a second: a number, or {@code max}, which is 0. */
  static final class Rate implements ITypeConverter<Double> {
    @Override
    public Double convert(String text) {
      try {
        double rate = text.equals("max") ? 0 : Double.parseDouble(text);
        if (text.equals("max") || (rate > 0 && rate <= 1e8)) {
          return rate;
        }
      } catch (NumberFormatException e) {
        // Falls through to the one message for all that is wrong.
      }
      throw new TypeConversionException(
          "'" + text + "' is no rate: expected more than 0 and at most 100000000, or max");
    }
  }
}
