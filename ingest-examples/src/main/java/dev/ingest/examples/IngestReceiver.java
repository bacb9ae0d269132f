package dev.ingest.examples;

import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.regex.Pattern;

/** The library itself, in a {@link LoadTestServer} that takes one load after the other. */
final class IngestReceiver extends Receiver {
  static final String NAME = "ingest";

  private static final Pattern PORT = Pattern.compile("listening on \\S*:(\\d+)");
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  private IngestReceiver(int port, ChildProcess process, Path database) throws SQLException {
    super(NAME, port, process, database, PATIENCE);
  }

  static IngestReceiver start(Path database, RecordShape shape) throws IOException, SQLException {
    List<String> args = List.of("sqlite:" + database, shape.toString());
    ChildProcess process =
        ChildProcess.start("the server", ChildProcess.java(LoadTestServer.class, args));
    return new IngestReceiver(Integer.parseInt(process.await(PORT)), process, database);
  }

  @Override
  void begin() throws IOException {
    latency();
  }

  @Override
  Latency latency() throws IOException {
    process().tell("latency");
    return Latency.parse(process().await(Latency.LINE));
  }

  @Override
  void settle() {
    // It goes on: what it has not lost is stored by itself.
  }
}
