package dev.ingest.bench;

import com.sun.management.OperatingSystemMXBean;
import dev.ingest.bench.PostgresLoader.Kind;
import dev.ingest.bench.PostgresLoader.PostgresUri;
import dev.ingest.examples.Example;
import dev.ingest.sink.SinkConfig;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * Measures the processor time that storing a sensor reading in PostgreSQL costs, of this process
 * and of all of the server's: through the sink, and by the ways that a program without it has, in
 * turn, since machines are noisy. The server must run on this machine.
 */
@Command(
    name = "PostgresCost",
    description = "Measures the processor time of storing readings in PostgreSQL.",
    showDefaultValues = true)
public final class PostgresCost implements Callable<Integer> {
  /** USER_HZ, of which proc(5) has the times of processes; on Linux 100 wherever Java runs. */
  private static final long NANOS_PER_TICK = TimeUnit.SECONDS.toNanos(1) / 100;

  @Option(
      names = "--url",
      paramLabel = "URI",
      required = true,
      description =
          "A sink's URI without a table, such as"
              + " jdbc:postgresql://127.0.0.1/db?user=me&password=file:secret. Tables whose names"
              + " begin with ingest_cost_ are made there, and removed at the end.")
  private String url = "";

  @Option(
      names = "--sizes",
      paramLabel = "ROWS",
      split = ",",
      defaultValue = "20,100,4096",
      description = "How many rows a batch has.")
  private List<Integer> sizes = List.of();

  @Option(
      names = "--seconds",
      paramLabel = "S",
      defaultValue = "1",
      description = "How long each way stores at a time.")
  private double seconds;

  @Option(
      names = "--rounds",
      paramLabel = "N",
      defaultValue = "7",
      description = "How often each way has its turn.")
  private int rounds;

  @Option(
      names = "--warm-up",
      paramLabel = "S",
      defaultValue = "4",
      description =
          "How long each way stores before that. Where each batch waits for a disk, longer, or this"
              + " program's side is not compiled yet.")
  private double warmUp;

  /** Of a row, in nanoseconds. */
  private record Cost(double client, double server) {
    double sum() {
      return client + server;
    }
  }

  /** A way to store, and what it has cost so far. */
  private record Way(PostgresLoader loader, List<Cost> costs) {}

  private PostgresCost() {}

  /**
   * Runs the measurement.
   *
   * @param args the options, see {@code --help}
   */
  public static void main(String[] args) {
    Example.run(new PostgresCost(), args);
  }

  @Override
  public Integer call() throws Exception {
    PostgresUri uri = uri();
    System.out.println(Machine.description());
    try (Connection connection = uri.connect();
        Statement statement = connection.createStatement()) {
      System.out.println(value(statement, "SELECT version()"));
      System.out.printf(
          "fsync %s, synchronous_commit %s, %d rounds of %s s, medians; us of processor time a row%n",
          value(statement, "SHOW fsync"),
          value(statement, "SHOW synchronous_commit"),
          rounds,
          seconds);
      ProcessHandle server = server(Long.parseLong(value(statement, "SELECT pg_backend_pid()")));
      try {
        for (int size : sizes) {
          measure(uri, statement, server, size);
        }
      } finally {
        for (Kind kind : Kind.values()) {
          statement.execute("DROP TABLE IF EXISTS " + kind.table());
        }
      }
    }
    return 0;
  }

  private PostgresUri uri() throws IOException {
    SinkConfig config = SinkConfig.parse(url);
    String password = config.option("password").orElse("");
    if (password.startsWith("file:")) {
      password = Files.readString(Path.of(password.substring("file:".length()))).stripTrailing();
    }
    return new PostgresUri(url, config, password);
  }

  private static ProcessHandle server(long backend) throws IOException {
    return ProcessHandle.of(backend)
        .flatMap(ProcessHandle::parent)
        .orElseThrow(
            () ->
                new IOException(
                    "there is no process "
                        + backend
                        + " of the server: expected one on this machine, outside of containers"));
  }

  private void measure(PostgresUri uri, Statement statement, ProcessHandle server, int size)
      throws Exception {
    Map<Kind, Way> ways = new EnumMap<>(Kind.class);
    try {
      for (Kind kind : Kind.values()) {
        statement.execute("DROP TABLE IF EXISTS " + kind.table());
        statement.execute(
            "CREATE TABLE "
                + kind.table()
                + " (sensor_id bigint, temperature double precision, humidity double precision,"
                + " ingested_at timestamptz)");
        ways.put(kind, new Way(PostgresLoader.open(kind, uri), new ArrayList<>()));
      }
      for (Way way : ways.values()) {
        cost(way.loader, server, size, warmUp);
      }
      for (int round = 0; round < rounds; round++) {
        for (Map.Entry<Kind, Way> way : ways.entrySet()) {
          statement.execute("TRUNCATE " + way.getKey().table());
          statement.execute("CHECKPOINT");
          way.getValue().costs.add(cost(way.getValue().loader, server, size, seconds));
        }
      }
    } finally {
      for (Way way : ways.values()) {
        way.loader.close();
      }
    }
    print(size, ways);
  }

  private static Cost cost(PostgresLoader loader, ProcessHandle server, int size, double seconds)
      throws Exception {
    long end = System.nanoTime() + (long) (seconds * 1e9);
    long client = clientNanos();
    long before = serverNanos(server);
    long rows = 0;
    do {
      loader.store(size);
      rows += size;
    } while (System.nanoTime() < end);
    return new Cost(
        (double) (clientNanos() - client) / rows, (double) (serverNanos(server) - before) / rows);
  }

  private static long clientNanos() {
    return ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class).getProcessCpuTime();
  }

  /** All processes that the server has and has had, see proc(5): utime, stime, cutime, cstime. */
  private static long serverNanos(ProcessHandle server) throws IOException {
    long ticks = ticks(server, 13) + ticks(server, 15);
    for (ProcessHandle child : server.children().toList()) {
      ticks += ticks(child, 13);
    }
    return ticks * NANOS_PER_TICK;
  }

  private static long ticks(ProcessHandle process, int field) {
    try {
      String stat = Files.readString(Path.of("/proc/" + process.pid() + "/stat"));
      // The second field is the name, in parentheses, and may hold anything.
      String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
      return Long.parseLong(fields[field - 2]) + Long.parseLong(fields[field - 1]);
    } catch (IOException e) {
      return 0; // has ended meanwhile
    }
  }

  private static void print(int size, Map<Kind, Way> ways) {
    System.out.printf(
        "%n%-22s %8s %8s %8s %12s %10s%n",
        size + " rows a batch", "client", "server", "both", "of addBatch", "of COPY");
    double addBatch = median(ways, Kind.ADD_BATCH).sum();
    double copy = median(ways, Kind.BINARY_COPY).sum();
    for (Kind kind : ways.keySet()) {
      Cost cost = median(ways, kind);
      System.out.printf(
          "%-22s %8.3f %8.3f %8.3f %12.2f %10.2f%n",
          kind.label,
          cost.client / 1e3,
          cost.server / 1e3,
          cost.sum() / 1e3,
          cost.sum() / addBatch,
          cost.sum() / copy);
    }
    double without = median(ways, Kind.SINK).sum();
    System.out.printf(
        "positions cost %.1f %%%n",
        100 * (median(ways, Kind.SINK_WITH_POSITIONS).sum() / without - 1));
  }

  private static Cost median(Map<Kind, Way> ways, Kind kind) {
    List<Cost> sorted = new ArrayList<>(Objects.requireNonNull(ways.get(kind)).costs);
    sorted.sort((a, b) -> Double.compare(a.sum(), b.sum()));
    return sorted.get(sorted.size() / 2);
  }

  private static String value(Statement statement, String sql) throws SQLException {
    try (ResultSet rows = statement.executeQuery(sql)) {
      rows.next();
      return rows.getString(1);
    }
  }
}
