package dev.ingest.bench;

import dev.ingest.examples.Example;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Runs a turn: each rate on the library, and beside it on the other programs. */
final class LoadSweep {
  static final double WARM_UP_RATE = 20_000;

  /** At lower rates only the latency is measured: the processor time is that of waking up. */
  private static final double LEAST_THROUGHPUT_RATE = 1_000;

  private static final double ORIGINAL_RATE = 1_000;

  private final Sender sender;
  private final List<Double> rates;
  private final double seconds;
  private final double warmUpSeconds;
  private final LoadReport report;

  /**
   * Prepares the turns.
   *
   * @param rates in records a second; 0 is as many as the sender can
   */
  LoadSweep(
      Sender sender, List<Double> rates, double seconds, double warmUpSeconds, LoadReport report) {
    this.sender = sender;
    this.rates = rates;
    this.seconds = seconds;
    this.warmUpSeconds = warmUpSeconds;
    this.report = report;
  }

  /** Measures the library with a source of one kind, and beside it what it is compared with. */
  void run(int turn, Path folder, SourceKind source, Yardsticks beside) throws Exception {
    Path build = Path.of(System.getProperty("java.class.path"));
    List<PeerProgram> bearing = beside.inUse();
    try (IngestReceiver server = start(IngestReceiver.name(source), build, turn, folder, source);
        @Nullable IngestReceiver other =
            beside.against().isEmpty()
                ? null
                : start(Yardsticks.AGAINST, beside.against().get(), turn, folder, source);
        @Nullable Receiver questDb =
            beside.questDb().isEmpty()
                ? null
                : startQuestDb(beside.questDb().get(), turn, folder)) {
      for (double rate : rates) {
        measure(server, true, turn, rate);
        if (rate == 0 || rate >= LEAST_THROUGHPUT_RATE) {
          measure(server, false, turn, rate);
          if (other != null) {
            measure(other, false, turn, rate);
          }
          beside.limit().ifPresent(peer -> measure(peer, folder, turn, rate));
          // A peer gets the next rate only if it has lost nothing at this one.
          bearing = bearing.stream().filter(peer -> measure(peer, folder, turn, rate)).toList();
          if (questDb != null) {
            measure(questDb, turn, rate);
          }
        }
      }
    }
  }

  private IngestReceiver start(String name, Path build, int turn, Path folder, SourceKind source)
      throws Exception {
    String database = name.replace(' ', '-') + "-" + sender.shape() + "-" + turn + ".db";
    IngestReceiver server =
        IngestReceiver.start(name, build, folder.resolve(database), sender.shape(), source);
    try {
      server.setTimed(true); // so that the recording is warm, too
      warmUp(server, turn);
      return server;
    } catch (Throwable t) {
      server.close();
      throw t;
    }
  }

  private @Nullable Receiver startQuestDb(Path jar, int turn, Path folder) {
    try {
      Receiver questDb = QuestDbReceiver.start(jar, folder.resolve("questdb-" + turn));
      try {
        warmUp(questDb, turn);
        return questDb;
      } catch (Throwable t) {
        questDb.close();
        throw t;
      }
    } catch (Exception e) {
      notMeasured(QuestDbReceiver.NAME, e);
      return null;
    }
  }

  /** Waits until the records are stored, as a load does, so that none counts to the next load. */
  private void warmUp(Receiver server, int turn) throws Exception {
    long count = Math.round(WARM_UP_RATE * warmUpSeconds);
    if (count > 0) {
      LoadRun.measure(server, sender, turn, WARM_UP_RATE, count);
    }
  }

  private void measure(IngestReceiver server, boolean timed, int turn, double rate)
      throws Exception {
    server.setTimed(timed);
    report.add(LoadRun.measure(server, sender, turn, rate, count(rate)));
  }

  void runOriginals(int turn, Path folder, List<PeerProgram> originals) {
    for (PeerProgram original : originals) {
      measure(original, folder, turn, ORIGINAL_RATE);
    }
  }

  /** Returns whether the peer was measured and lost nothing. Its failure does not end the run. */
  private boolean measure(PeerProgram peer, Path folder, int turn, double rate) {
    try (Receiver receiver = peer.start(folder)) {
      return measure(receiver, turn, rate);
    } catch (Exception e) {
      notMeasured(peer.name(), e);
      return false;
    }
  }

  private boolean measure(Receiver peer, int turn, double rate) {
    try {
      LoadResult result = LoadRun.measure(peer, sender, turn, rate, count(rate));
      report.add(result);
      return result.lost() == 0;
    } catch (Exception e) {
      notMeasured(peer.name(), e);
      return false;
    }
  }

  private static void notMeasured(String peer, Exception why) {
    if (Example.isExiting()) {
      throw new IllegalStateException("the load test is ended", why);
    }
    System.out.println(peer + " is not measured: " + why.getMessage());
  }

  /** Returns how many records to send. At full speed they are as many as at the highest rate. */
  private long count(double rate) {
    double most = rates.stream().mapToDouble(Double::doubleValue).max().orElse(0);
    return Math.max(1, Math.round((rate > 0 ? rate : most > 0 ? most : 100_000) * seconds));
  }
}
