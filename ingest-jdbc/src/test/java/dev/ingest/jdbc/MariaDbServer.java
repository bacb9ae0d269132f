package dev.ingest.jdbc;

import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;

/**
 * A MariaDB: the one of the system property {@code mariadb.url}, with its user and password in
 * {@code mariadb.user} and {@code mariadb.password}, or one that is started from the programs of
 * this machine. Without either the test is skipped.
 */
final class MariaDbServer implements AutoCloseable {
  static final String PASSWORD = "sesame-8472";
  private static final Duration SOON = Duration.ofMinutes(2);

  private final String url;
  private final String user;
  private final String password;
  private final Process process;

  private MariaDbServer(String url, String user, String password, Process process) {
    this.url = url;
    this.user = user;
    this.password = password;
    this.process = process;
  }

  /** Starts a server whose files are in a directory. */
  static MariaDbServer start(Path directory) throws IOException, InterruptedException {
    String given = System.getProperty("mariadb.url");
    if (given != null) {
      return new MariaDbServer(
          given,
          System.getProperty("mariadb.user", "root"),
          System.getProperty("mariadb.password", ""),
          null);
    }
    Path install = program("mariadb-install-db");
    Path server = program("mariadbd");
    Assumptions.assumeTrue(
        install != null && server != null,
        "no mariadbd on this machine: install mariadb-server, or give -Dmariadb.url,"
            + " -Dmariadb.user and -Dmariadb.password");
    Path data = directory.resolve("data");
    run(
        install.toString(),
        "--no-defaults",
        "--skip-test-db",
        "--user=" + System.getProperty("user.name"),
        "--datadir=" + data);
    Path init = directory.resolve("init.sql");
    Files.writeString(
        init,
        "CREATE DATABASE IF NOT EXISTS test;\n"
            + ("CREATE USER IF NOT EXISTS ingest@'%' IDENTIFIED BY '" + PASSWORD + "';\n")
            + "GRANT ALL ON *.* TO ingest@'%';\n");
    int port = freePort();
    // Ends with this JVM, even if that is killed: its end of the pipe is closed then.
    Process process =
        new ProcessBuilder(
                "sh",
                "-c",
                "\"$@\" & server=$!; cat > /dev/null; kill -KILL $server",
                "sh",
                server.toString(),
                "--no-defaults",
                "--user=" + System.getProperty("user.name"),
                "--datadir=" + data,
                "--socket=" + directory.resolve("socket"),
                "--bind-address=127.0.0.1",
                "--port=" + port,
                "--init-file=" + init,
                "--pid-file=" + directory.resolve("pid"),
                "--skip-name-resolve",
                "--innodb-buffer-pool-size=32M")
            .redirectErrorStream(true)
            .redirectOutput(directory.resolve("log").toFile())
            .start();
    MariaDbServer started =
        new MariaDbServer(
            "jdbc:mariadb://127.0.0.1:" + port + "/test", "ingest", PASSWORD, process);
    await().atMost(SOON).until(started::isUp);
    return started;
  }

  private static Path program(String name) {
    return Stream.concat(
            Stream.of(System.getenv("PATH").split(":")), Stream.of("/usr/sbin", "/usr/bin"))
        .map(folder -> Path.of(folder, name))
        .filter(Files::isExecutable)
        .findFirst()
        .orElse(null);
  }

  private static void run(String... command) throws IOException, InterruptedException {
    Process program =
        new ProcessBuilder(List.of(command))
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start();
    if (!program.waitFor(SOON.toSeconds(), TimeUnit.SECONDS) || program.exitValue() != 0) {
      throw new IOException(command[0] + " failed");
    }
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  private boolean isUp() {
    try (Connection connection = connect()) {
      return connection.isValid(1);
    } catch (SQLException e) {
      return false;
    }
  }

  Connection connect() throws SQLException {
    Properties properties = new Properties();
    properties.setProperty("user", user);
    properties.setProperty("password", password);
    return DriverManager.getConnection(url, properties);
  }

  void execute(String... commands) throws SQLException {
    try (Connection connection = connect();
        Statement statement = connection.createStatement()) {
      for (String sql : commands) {
        statement.execute(sql);
      }
    }
  }

  String url() {
    return url;
  }

  String user() {
    return user;
  }

  String password() {
    return password;
  }

  @Override
  public void close() throws IOException {
    if (process != null) {
      process.getOutputStream().close();
      process.onExit().join();
    }
  }
}
