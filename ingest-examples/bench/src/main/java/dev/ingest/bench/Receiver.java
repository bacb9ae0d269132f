package dev.ingest.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/** A process that receives and stores, in a table that can be looked into. */
class Receiver implements AutoCloseable {
  private static final Duration END = Duration.ofSeconds(20);

  private final String name;
  private final int port;
  private final ChildProcess process;
  private final StoredRecords table;
  private final Duration patience;

  /**
   * Takes a process that listens already.
   *
   * @param patience how long, after the last record is sent, to wait for it to be stored
   */
  Receiver(String name, int port, ChildProcess process, Path database, Duration patience)
      throws SQLException {
    this.name = name;
    this.port = port;
    this.process = process;
    this.table = new StoredRecords(database);
    this.patience = patience;
  }

  String name() {
    return name;
  }

  /** Whether the latencies are recorded, for which each datagram is stamped with its time. */
  boolean isTimed() {
    return false;
  }

  final int port() {
    return port;
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

  final OptionalLong kernelDrops() {
    return KernelDrops.at(port);
  }

  /** Called before a load. */
  void begin() throws IOException {}

  /** Called when all is stored: the latencies since {@link #begin}; null if it is not timed. */
  @Nullable Latency latency() throws IOException {
    return null;
  }

  /** Called after a load: what is still queued is stored then, by its end if it must be. */
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
