package dev.ingest.bench;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.ingest.examples.Example;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * Sends hostile input of all kinds to one source of a server with {@code -Xmx64m}, and valid
 * records to another source of it, as long as wanted. At the end every valid record that the kernel
 * has not dropped must be stored, exactly once, and the memory must neither have grown beyond what
 * such a server takes, nor in the second half of a run of a minute or more.
 */
@Command(
    name = "HostileSoak",
    description =
        "Sends hostile input beside valid records: all of these must be stored, and memory flat.",
    showDefaultValues = true)
public final class HostileSoak implements Callable<Integer> {
  private static final int VALID_PER_SECOND = 1_000;

  /** Valid records are told by their name. */
  private static final String VALID = "soak";

  /** The heap of 64 MB, and what a JVM with SQLite takes besides. */
  private static final long MOST_MEMORY_KB = 192 << 10;

  /** The peak may grow so much in the second half of a run; a short one has not come to rest. */
  private static final long MOST_GROWTH_KB = 16 << 10;

  private static final int SECONDS_TO_REST = 60;

  private static final int KIND_MILLIS = 100;
  private static final long REPORT_NANOS = TimeUnit.SECONDS.toNanos(10);

  private static final Pattern VALID_PORT = Pattern.compile("valid port (\\d+)");
  private static final Pattern HOSTILE_PORT = Pattern.compile("hostile port (\\d+)");
  private static final Pattern CLOSED = Pattern.compile("closed: (.*)");

  @Option(
      names = "--seconds",
      paramLabel = "S",
      defaultValue = "3600",
      description = "How long to send.")
  private int seconds;

  @Option(
      names = "--rate",
      paramLabel = "PER-SECOND",
      defaultValue = "2000",
      description = "How many hostile datagrams to send a second.")
  private int rate;

  @Option(
      names = "--seed",
      paramLabel = "N",
      description = "Makes the same input again; random unless given.")
  private long seed = new Random().nextLong();

  @Spec private @Nullable CommandSpec spec;

  /** The peak of the first half of the run, in kB. */
  private long memoryHalfway;

  private HostileSoak() {}

  /**
   * Runs the soak.
   *
   * @param args the options, see {@code --help}
   */
  public static void main(String[] args) {
    Example.run(new HostileSoak(), args);
  }

  @Override
  public Integer call() throws Exception {
    OptionCheck.require(spec, seconds >= 1, "--seconds", seconds, "1 or more");
    OptionCheck.require(spec, rate >= 0, "--rate", rate, "0 or more");
    System.out.printf(
        "%,d hostile datagrams a second beside %,d valid records a second for %,d s, --seed %d%n",
        rate, VALID_PER_SECOND, seconds, seed);
    try (TemporaryFolder folder = TemporaryFolder.create("ingest-soak");
        ChildProcess server =
            ChildProcess.start(
                "the server",
                ChildProcess.java(HostileServer.class, List.of(folder.path().toString())));
        DatagramChannel channel = DatagramChannel.open()) {
      InetSocketAddress valid = address(server.await(VALID_PORT));
      InetSocketAddress hostile = address(server.await(HOSTILE_PORT));
      long sent = send(channel, valid, hostile, server);
      long memory = server.peakMemory().orElse(0);
      long dropped = KernelDrops.at(valid.getPort()).orElse(0);
      server.terminate();
      System.out.println(server.await(CLOSED));
      server.awaitEnd();
      return verdict(sent, dropped, folder.path().resolve(HostileServer.DATABASE), memory);
    }
  }

  private static InetSocketAddress address(String port) {
    return new InetSocketAddress(InetAddress.getLoopbackAddress(), Integer.parseInt(port));
  }

  /** Sends both in turn, each at its rate; returns how many valid records were sent. */
  private long send(
      DatagramChannel channel,
      InetSocketAddress valid,
      InetSocketAddress hostile,
      ChildProcess server)
      throws IOException {
    Random random = new Random(seed);
    HostileKind kind = HostileKind.PLAIN;
    long start = System.nanoTime();
    long reported = start;
    long sent = 0;
    long sentHostile = 0;
    for (long time = 0; time < TimeUnit.SECONDS.toNanos(seconds); ) {
      if (!server.isAlive()) {
        throw server.endedEarly("after " + sent + " valid records");
      }
      for (; sent < time * VALID_PER_SECOND / 1_000_000_000; sent++) {
        String record = "{\"id\":" + sent + ",\"name\":\"" + VALID + "\"}";
        channel.send(ByteBuffer.wrap(record.getBytes(UTF_8)), valid);
      }
      for (; sentHostile < time * rate / 1_000_000_000; sentHostile++) {
        if (sentHostile % Math.max(1, rate * KIND_MILLIS / 1_000) == 0) {
          kind = HostileKind.ALL.get(random.nextInt(HostileKind.ALL.size()));
        }
        channel.send(ByteBuffer.wrap(kind.datagram().apply(random)), hostile);
      }
      LockSupport.parkNanos(1_000_000);
      time = System.nanoTime() - start;
      if (memoryHalfway == 0 && time > TimeUnit.SECONDS.toNanos(seconds) / 2) {
        memoryHalfway = server.peakMemory().orElse(0);
      }
      if (System.nanoTime() - reported > REPORT_NANOS) {
        reported += REPORT_NANOS;
        System.out.printf(
            "%,d s: %,d valid, %,d hostile, at most %,d MB%n",
            time / 1_000_000_000, sent, sentHostile, server.peakMemory().orElse(0) / 1024);
      }
    }
    return sent;
  }

  private int verdict(long sent, long dropped, Path database, long memory) throws SQLException {
    long stored;
    long distinct;
    try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + database);
        Statement statement = connection.createStatement();
        ResultSet row =
            statement.executeQuery(
                "SELECT COUNT(*), COUNT(DISTINCT id) FROM readings WHERE name = '" + VALID + "'")) {
      stored = row.getLong(1);
      distinct = row.getLong(2);
    }
    boolean flat = seconds < SECONDS_TO_REST || memory - memoryHalfway <= MOST_GROWTH_KB;
    boolean good =
        stored == sent - dropped && distinct == stored && memory <= MOST_MEMORY_KB && flat;
    System.out.printf(
        "%s: of %,d valid records %,d dropped by the kernel, %,d stored, %,d of them different; at"
            + " most %,d MB resident, %,d in the first half%n",
        good ? "good" : "NOT good",
        sent,
        dropped,
        stored,
        distinct,
        memory / 1024,
        memoryHalfway / 1024);
    return good ? 0 : 1;
  }
}
