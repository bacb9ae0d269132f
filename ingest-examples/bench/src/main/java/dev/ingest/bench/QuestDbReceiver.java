package dev.ingest.bench;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * QuestDB, a database in a JVM, in one process for all loads. It reads InfluxDB's line protocol
 * over TCP, sets the time of each row itself, and answers over PostgreSQL's protocol.
 *
 * <p>Its settings are its defaults, without what takes part in no load. A variable of this
 * process's environment sets another: {@code QDB_CAIRO_COMMIT_MODE=sync}.
 */
final class QuestDbReceiver extends Receiver {
  static final String NAME = "questdb";

  private static final Pattern READY = Pattern.compile("(server-main enjoy)");
  private static final Duration PATIENCE = Duration.ofSeconds(10);
  private static final Duration POLL = Duration.ofMillis(100);

  private QuestDbReceiver(String target, ChildProcess process, StoredRecords table) {
    super(NAME, target, process, table, PATIENCE);
  }

  /**
   * Starts a server with an empty database.
   *
   * @param folder where it is to keep all its files; is created
   */
  static QuestDbReceiver start(Path jar, Path folder)
      throws IOException, InterruptedException, SQLException {
    Files.createDirectories(folder);
    int[] ports = freePorts();
    String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
    ProcessBuilder builder =
        new ProcessBuilder(java, "-p", jar.toAbsolutePath().toString())
            .directory(folder.toFile())
            .redirectErrorStream(true);
    builder.command().addAll(List.of("-m", "io.questdb/io.questdb.ServerMain", "-d", "."));
    builder
        .environment()
        .putAll(
            Map.of(
                "QDB_LINE_TCP_NET_BIND_TO",
                "127.0.0.1:" + ports[0],
                "QDB_PG_NET_BIND_TO",
                "127.0.0.1:" + ports[1],
                "QDB_HTTP_ENABLED",
                "false",
                "QDB_HTTP_MIN_ENABLED",
                "false",
                "QDB_TELEMETRY_ENABLED",
                "false"));
    ChildProcess process = ChildProcess.start(NAME, builder);
    try {
      process.await(READY);
      process.discardOutput();
      StoredRecords table = DatabaseRecords.ofQuestDb(ports[1]);
      return new QuestDbReceiver(Output.LINE_PROTOCOL + ports[0], process, table);
    } catch (IOException | SQLException e) {
      process.close();
      throw e;
    }
  }

  private static int[] freePorts() throws IOException {
    InetSocketAddress any = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    try (ServerSocket line = new ServerSocket();
        ServerSocket query = new ServerSocket()) {
      line.bind(any);
      query.bind(any);
      return new int[] {line.getLocalPort(), query.getLocalPort()};
    }
  }

  /** Less often than of others: the answer takes processor time of the process that is measured. */
  @Override
  Duration poll() {
    return POLL;
  }

  @Override
  void settle() {
    // The server goes on, for the next load.
  }
}
