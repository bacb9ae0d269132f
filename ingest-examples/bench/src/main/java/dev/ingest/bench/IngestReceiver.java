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

  private static final Pattern TARGET = Pattern.compile("listening on (\\S+)");
  private static final Pattern RECORDING = Pattern.compile("(recording)");
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  private boolean timed;

  private IngestReceiver(String name, String target, ChildProcess process, Path database)
      throws SQLException {
    super(name, target, process, DatabaseRecords.ofSqlite(database), PATIENCE);
  }

  /** Returns the name in the results. */
  static String name(SourceKind source) {
    return source == SourceKind.UDP ? NAME : NAME + " " + source;
  }

  /**
   * Starts a server.
   *
   * @param name its name in the results
   * @param build the jar of the server
   */
  static IngestReceiver start(
      String name, Path build, Path database, RecordShape shape, SourceKind source)
      throws IOException, SQLException {
    List<String> args =
        List.of("sqlite:" + database, shape.toString(), source.name(), database + ".sock");
    ChildProcess process =
        ChildProcess.start("the server", ChildProcess.java(build, LoadTestServer.class, args));
    return new IngestReceiver(name, process.await(TARGET), process, database);
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
    return timed ? super.name() + ", timed" : super.name();
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
