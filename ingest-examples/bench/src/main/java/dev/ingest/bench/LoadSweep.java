package dev.ingest.bench;

import dev.ingest.examples.Example;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

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

  /** Measures the library with a source of one kind, and beside it the other programs. */
  void run(
      int turn,
      Path folder,
      SourceKind source,
      Optional<PeerProgram> reference,
      Optional<PeerProgram> syslogNg)
      throws Exception {
    Path database = folder.resolve("ingest-" + turn + "-" + source + ".db");
    Optional<PeerProgram> bearing = syslogNg;
    try (IngestReceiver server = IngestReceiver.start(database, sender.shape(), source)) {
      server.setTimed(true); // so that the recording is warm, too
      warmUp(server, turn);
      for (double rate : rates) {
        measure(server, true, turn, rate);
        if (rate == 0 || rate >= LEAST_THROUGHPUT_RATE) {
          measure(server, false, turn, rate);
          reference.ifPresent(peer -> measure(peer, folder, turn, rate));
          // The peer gets the next rate only if it has lost nothing at this one.
          bearing = bearing.filter(peer -> measure(peer, folder, turn, rate));
        }
      }
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
      LoadResult result = LoadRun.measure(receiver, sender, turn, rate, count(rate));
      report.add(result);
      return result.lost() == 0;
    } catch (Exception e) {
      if (Example.isExiting()) {
        throw new IllegalStateException("the load test is ended", e);
      }
      System.out.println(peer.name() + " is not measured: " + e.getMessage());
      return false;
    }
  }

  /** Returns how many records to send. At full speed they are as many as at the highest rate. */
  private long count(double rate) {
    double most = rates.stream().mapToDouble(Double::doubleValue).max().orElse(0);
    return Math.max(1, Math.round((rate > 0 ? rate : most > 0 ? most : 100_000) * seconds));
  }
}
