package dev.ingest.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** Puts one load on one receiver, and measures the result. */
final class LoadRun {
  /** If nothing more is stored for so long, nothing more is expected. */
  private static final long SILENCE_NANOS = TimeUnit.MILLISECONDS.toNanos(1_500);

  private static final Duration MOST_FLUSHING = Duration.ofSeconds(5);

  /** Sums of doubles depend on the order, and some systems store fewer digits. */
  private static final double SUM_TOLERANCE = 1e-8;

  private final Receiver receiver;
  private final Sender sender;
  private final long rowsBefore;
  private final OptionalLong dropsBefore;
  private final Duration processorBefore;

  private LoadRun(Receiver receiver, Sender sender)
      throws IOException, InterruptedException, SQLException {
    this.receiver = receiver;
    this.sender = sender;
    flushDisk();
    receiver.begin();
    rowsBefore = receiver.table().lastRow();
    dropsBefore = receiver.kernelDrops();
    processorBefore = receiver.process().processorTime();
  }

  /** Writes to disk what earlier loads have left, which would delay the commits of this one. */
  private static void flushDisk() throws IOException, InterruptedException {
    Optional<Path> sync = BenchFiles.find("sync");
    if (sync.isPresent()) {
      try (ChildProcess flushing =
          ChildProcess.start("sync", new ProcessBuilder(sync.get().toString()))) {
        flushing.awaitEnd(MOST_FLUSHING);
      }
    }
  }

  static LoadResult measure(Receiver receiver, Sender sender, int turn, double rate, long count)
      throws Exception {
    return new LoadRun(receiver, sender).send(turn, rate, count);
  }

  private LoadResult send(int turn, double rate, long count) throws Exception {
    SendReport sent = sender.send(receiver.target(), count, rate, receiver.isTimed());
    double storedAt = awaitStored(sent.sent());
    long storedInTime = receiver.table().lastRow() - rowsBefore;
    Duration processor = receiver.process().processorTime().minus(processorBefore);
    OptionalLong memory = receiver.process().peakMemory();
    OptionalLong drops = drops();
    Latency latency = receiver.latency();
    receiver.settle();
    long stored = receiver.table().lastRow() - rowsBefore;
    return new LoadResult(
        turn,
        receiver.name(),
        sender.shape(),
        rate,
        sent,
        stored,
        storedInTime / (storedAt - sent.began()),
        sent.sent() - stored,
        drops,
        processor.toNanos() / 1e3 / Math.max(1, stored),
        latency,
        memory,
        stored < sent.sent() || sumsAgree(sent));
  }

  /**
   * Waits until all that was not dropped is stored.
   *
   * @return when the last row was seen, in seconds since 1970
   */
  private double awaitStored(long sent) throws SQLException, IOException {
    long deadline = System.nanoTime() + receiver.patience().toNanos();
    long rows = -1;
    double changed = 0;
    long changedNanos = System.nanoTime();
    while (rows < sent - drops().orElse(0)
        && System.nanoTime() < deadline
        && System.nanoTime() - changedNanos < SILENCE_NANOS) {
      if (!receiver.process().isAlive()) {
        throw receiver.process().endedEarly("during the load");
      }
      long now = receiver.table().lastRow() - rowsBefore;
      if (now != rows) {
        rows = now;
        changed = System.currentTimeMillis() / 1e3;
        changedNanos = System.nanoTime();
      } else {
        LockSupport.parkNanos(receiver.poll().toNanos());
      }
    }
    return changed;
  }

  /** Returns the records that the kernel has dropped since the load began. */
  private OptionalLong drops() {
    OptionalLong drops = receiver.kernelDrops();
    return drops.isEmpty()
        ? drops
        : OptionalLong.of(
            (drops.getAsLong() - dropsBefore.orElse(0)) * sender.shape().recordsPerDatagram());
  }

  private boolean sumsAgree(SendReport sent) throws IOException, SQLException {
    StoredRecords.Sums sums = receiver.table().sumsAfter(rowsBefore);
    return sums.rows() == sent.sent()
        && sums.sensorId() == sent.sumSensorId()
        && Math.abs(sums.temperature() / sent.sumTemperature() - 1) < SUM_TOLERANCE;
  }
}
