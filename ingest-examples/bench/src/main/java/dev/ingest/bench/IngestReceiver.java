package dev.ingest.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The library itself, in one {@link LoadTestServer} for all loads. */
final class IngestReceiver extends Receiver {
  static final String NAME = "ingest";
  static final String TIMED_NAME = "ingest, timed";

  private static final Pattern PORT = Pattern.compile("listening on \\S*:(\\d+)");
  private static final Pattern RECORDING = Pattern.compile("(recording)");
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  private boolean timed;

  private IngestReceiver(int port, ChildProcess process, Path database) throws SQLException {
    super(NAME, port, process, database, PATIENCE);
  }

  static IngestReceiver start(Path database, RecordShape shape) throws IOException, SQLException {
    List<String> args = List.of("sqlite:" + database, shape.toString());
    ChildProcess process =
        ChildProcess.start("the server", ChildProcess.java(LoadTestServer.class, args));
    return new IngestReceiver(Integer.parseInt(process.await(PORT)), process, database);
  }

  /**
   * Sets whether the latencies of the next loads are recorded. Recording takes processor time, so
   * latency and processor time are measured in loads of their own.
   */
  void setTimed(boolean timed) {
    this.timed = timed;
  }

  @Override
  boolean isTimed() {
    return timed;
  }

  @Override
  String name() {
    return timed ? TIMED_NAME : NAME;
  }

  @Override
  void begin() throws IOException {
    if (timed) {
      process().writeLine("start");
      process().await(RECORDING);
    }
  }

  @Override
  @Nullable Latency latency() throws IOException {
    if (!timed) {
      return null;
    }
    process().writeLine("stop");
    return Latency.parse(process().await(Latency.LINE));
  }

  @Override
  void settle() {
    // The server goes on, and stores by itself what it has not lost.
  }
}
