package dev.ingest.bench;

import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * How another program that does the same work is started, on datagrams. The program learns the port
 * and the database from its arguments or its environment.
 *
 * @param name the name in the results
 * @param command the command, with {@code PORT} and {@code DATABASE} in place of the values
 * @param listening what the program prints when it listens
 * @param storage what the program is given as the database
 * @param patience how long the program may take to store what it has received
 */
record PeerProgram(
    String name, List<String> command, Pattern listening, Storage storage, Duration patience) {
  /** Where a program stores. */
  enum Storage {
    /** A file of SQLite's that the program creates. */
    SQLITE,
    /** A file of SQLite's with the table, in WAL mode, for which the program cannot ask. */
    SQLITE_IN_WAL,
    /** A file of lines, see {@link LineRecords}. */
    LINES;

    StoredRecords open(Path file) throws SQLException {
      return this == LINES ? new LineRecords(file) : DatabaseRecords.ofSqlite(file);
    }
  }

  /** Starts the program, with an empty database. */
  Receiver start(Path folder) throws IOException, InterruptedException, SQLException {
    int port = freePort();
    Path database = folder.resolve("peer-" + port + ".db");
    if (storage == Storage.SQLITE_IN_WAL) {
      createTable(database);
    }
    List<String> started =
        command.stream()
            .map(word -> word.equals("PORT") ? Integer.toString(port) : word)
            .map(word -> word.equals("DATABASE") ? database.toString() : word)
            .toList();
    ProcessBuilder builder =
        new ProcessBuilder(started).directory(folder.toFile()).redirectErrorStream(true);
    builder
        .environment()
        .putAll(Map.of("PORT", Integer.toString(port), "DATABASE", database.toString()));
    ChildProcess process = ChildProcess.start(name, builder);
    try {
      process.await(listening);
      process.discardOutput();
      return new Receiver(name, Integer.toString(port), process, storage.open(database), patience);
    } catch (IOException | SQLException e) {
      process.close();
      throw e;
    }
  }

  private static int freePort() throws IOException {
    try (DatagramSocket socket = new DatagramSocket(0, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  private static void createTable(Path database) throws SQLException {
    try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + database);
        Statement statement = connection.createStatement()) {
      statement.execute("PRAGMA journal_mode = wal");
      statement.execute(
          "CREATE TABLE sensor_measurements (sensor_id integer, temperature decimal,"
              + " humidity decimal, ingested_at timestamp)");
    }
  }
}
