package dev.ingest.bench;

import java.io.IOException;
import java.sql.SQLException;
import java.time.Duration;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/** A process that receives records and stores them in a table. */
class Receiver implements AutoCloseable {
  private static final Duration END = Duration.ofSeconds(20);
  private static final Duration POLL = Duration.ofMillis(5);

  private final String name;
  private final String target;
  private final ChildProcess process;
  private final StoredRecords table;
  private final Duration patience;

  /**
   * Creates a receiver from a process that already listens.
   *
   * @param patience how long to wait, after the last record is sent, until it is stored
   */
  Receiver(
      String name, String target, ChildProcess process, StoredRecords table, Duration patience) {
    this.name = name;
    this.target = target;
    this.process = process;
    this.table = table;
    this.patience = patience;
  }

  String name() {
    return name;
  }

  /**
   * Returns whether latencies are recorded, for which each datagram carries its time of sending.
   */
  boolean isTimed() {
    return false;
  }

  /** Returns where a sender finds it, see {@link Output#open}. */
  final String target() {
    return target;
  }

  final ChildProcess process() {
    return process;
  }

  final StoredRecords table() {
    return table;
  }

  final Duration patience() {
    return patience;
  }

  /** Returns how often to look whether more is stored, after a load is sent. */
  Duration poll() {
    return POLL;
  }

  /** At a stream the kernel drops nothing: the sender has to wait. */
  OptionalLong kernelDrops() {
    return target.contains(":") ? OptionalLong.of(0) : KernelDrops.at(Integer.parseInt(target));
  }

  /** Called before a load. */
  void begin() throws IOException {}

  /** Returns the latencies since {@link #begin}; null if none are recorded. Called after a load. */
  @Nullable Latency latency() throws IOException {
    return null;
  }

  /** Stores what is still queued, here by ending the process. Called after a load. */
  void settle() throws IOException, InterruptedException {
    process.terminate();
    if (!process.awaitEnd(END)) {
      throw new IOException(name + " did not end within " + END.toSeconds() + " s");
    }
  }

  @Override
  public void close() throws SQLException {
    process.close();
    table.close();
  }
}
