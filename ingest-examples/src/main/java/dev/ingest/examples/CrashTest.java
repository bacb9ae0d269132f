package dev.ingest.examples;

import dev.ingest.policy.JournalSync;
import dev.ingest.policy.Spooling;
import dev.ingest.sink.SinkConfig;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.DatagramChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help.Visibility;
import picocli.CommandLine.Option;

/**
 * Kills a server with SIGKILL at random moments, again and again, and checks that the table holds
 * each record that the server had reported as decoded, and none twice. If the disk is to have
 * faults, those records may be missing of which the server had also reported that they were not
 * journaled, and still none may be there twice.
 */
@Command(
    name = "CrashTest",
    description =
        "Kills a server at random moments, and checks that each record that it had reported as decoded"
            + " is stored exactly once.",
    showDefaultValues = true)
public final class CrashTest implements Callable<Integer> {
  /** How many datagrams may be on their way: they fit the smallest buffer that a kernel gives. */
  private static final int WINDOW = 200;

  /** Long enough for a machine that does everything else first. */
  private static final long LAST_ROUND_SECONDS = 600;

  @Option(
      names = "--rounds",
      paramLabel = "N",
      defaultValue = "20",
      description = "How often to kill it.")
  private int rounds;

  @Option(
      names = "--max-millis",
      paramLabel = "MS",
      defaultValue = "2000",
      description =
          "How long it may live each time, its start included in every second round; how long it does"
              + " is random.")
  private int maxMillis;

  @Option(
      names = "--directory",
      paramLabel = "DIR",
      description = "Where to put the database and the spool; a new temporary one if left out.")
  private @Nullable Path directory;

  @Option(
      names = "--sink",
      paramLabel = "URI",
      description =
          "Where the servers store, such as jdbc:postgresql://HOST/DATABASE or"
              + " kafka:HOST:PORT/TOPIC?transactional_id=NAME; a file of SQLite in that directory if"
              + " left out. It must hold no readings yet.")
  private @Nullable String sinkUri;

  @Option(
      names = "--end-sessions",
      description =
          "End the servers' sessions in PostgreSQL at random moments, too: all sessions of the"
              + " database with the application_name 'ingest'.")
  private boolean endSessions;

  @Option(
      names = "--seed",
      paramLabel = "N",
      showDefaultValue = Visibility.NEVER,
      description =
          "Repeats the random choices of the run that printed this seed; a new one if left out.")
  private long seed = System.nanoTime();

  @Option(
      names = "--faults",
      description =
          "Let the servers' disk have faults, too: writes and syncs that fail, stop half done, or"
              + " take long, where there is a C compiler; and a spool on a small disk that is full at"
              + " times, where root runs this.")
  private boolean withFaults;

  private final List<CrashVerdict.Life> lives = new ArrayList<>();
  private @Nullable CrashFaults faults;
  private String sink = "";

  private int nextNumber;

  private CrashTest() {}

  /**
   * Runs the test. The status is 0 if no record that was reported as decoded is missing, and none
   * is duplicated or wrong.
   *
   * @param args the options, see {@code --help}
   */
  public static void main(String[] args) {
    Example.run(new CrashTest(), args);
  }

  @Override
  public Integer call() throws Exception {
    requireAtLeastOne("--rounds", rounds);
    requireAtLeastOne("--max-millis", maxMillis);
    if (endSessions && withFaults) {
      throw new IllegalArgumentException("--end-sessions does not go with --faults");
    }
    Path folder = directory == null ? Files.createTempDirectory("ingest-crash") : directory;
    Files.createDirectories(folder);
    if (Files.exists(folder.resolve("sensors.db")) || Files.exists(spool(folder))) {
      throw new IllegalArgumentException(
          folder + " holds a database or a spool: expected a new or an empty directory");
    }
    sink = sinkUri != null ? sinkUri : "sqlite:" + folder.resolve("sensors.db");
    System.out.printf(
        "%d rounds in %s, storing to %s, seed %d%n", rounds, folder, Example.shown(sink), seed);
    if (endSessions) {
      try (SessionKiller killer = SessionKiller.start(SinkConfig.parse(sink), new Random(seed))) {
        boolean good = run(folder);
        System.out.println("sessions that were ended: " + killer.ended());
        return good ? 0 : 1;
      }
    }
    if (!withFaults) {
      return run(folder) ? 0 : 1;
    }
    try (CrashFaults injected = CrashFaults.open(folder)) {
      faults = injected;
      boolean good = run(folder);
      System.out.println("faults that struck: " + injected);
      return good ? 0 : 1;
    }
  }

  private boolean run(Path folder) throws Exception {
    Random random = new Random(seed);
    for (int round = 1; round <= rounds; round++) {
      int millis = random.nextInt(maxMillis);
      int capacity = random.nextBoolean() ? 65_536 : 500; // with the small one it also overflows
      CrashFaults.Life faulty = faults == null ? null : faults.next(random);
      int before = nextNumber;
      CrashVerdict.Life life = round(round, millis, start(folder, capacity, faulty), faulty);
      lives.add(life);
      System.out.printf(
          "round %3d: killed after %,5d ms, capacity %,6d, sent %,8d, decoded %,8d or more%s%n",
          round,
          millis,
          capacity,
          nextNumber - before,
          life.decoded(),
          faulty == null
              ? ""
              : ", not journaled %,d%n           %s".formatted(life.notJournaled(), faulty.end()));
    }
    lastRound(folder);
    return judge();
  }

  private static void requireAtLeastOne(String option, int value) {
    if (value < 1) {
      throw new IllegalArgumentException(option + " is " + value + ": expected at least 1");
    }
  }

  private CrashTestVictim start(Path folder, int capacity, CrashFaults.@Nullable Life faulty)
      throws IOException {
    List<String> arguments =
        List.of(
            spool(folder).toString(),
            Long.toString(faulty == null ? Spooling.DEFAULT_LIMIT : CrashFaults.SPOOL_LIMIT),
            (faulty == null ? JournalSync.NEVER : faulty.sync()).toString(),
            Integer.toString(capacity));
    return new CrashTestVictim(
        folder, sink, arguments, faulty == null ? none -> {} : faulty::preload);
  }

  private Path spool(Path folder) {
    return faults == null ? folder.resolve("spool") : faults.spool();
  }

  /**
   * Sends to a new server until it is killed; returns what it reported. The time until then
   * includes the start, which is to be hit as well, but in every second round only, and with faults
   * in every fourth: a busy machine may need all of it for the start.
   */
  private CrashVerdict.Life round(
      int round, int millis, CrashTestVictim server, CrashFaults.@Nullable Life faulty)
      throws Exception {
    int first = nextNumber;
    if (round % (faulty == null ? 2 : 4) != 1) {
      server.awaitPort();
    }
    if (faulty != null) {
      faulty.begin();
    }
    long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
    try (DatagramChannel channel = DatagramChannel.open()) {
      while (System.nanoTime() < end) {
        if (server.port() == 0) {
          LockSupport.parkNanos(100_000);
          continue;
        }
        if (faulty != null) {
          faulty.changeDisk();
        }
        if (nextNumber - first - server.decoded() < WINDOW) {
          channel.send(
              CrashVerdict.reading(nextNumber++),
              new InetSocketAddress(InetAddress.getLoopbackAddress(), server.port()));
        }
      }
    } finally {
      server.kill();
    }
    // On loopback datagrams keep their order, so these are the first.
    return new CrashVerdict.Life(first, (int) server.decoded(), (int) server.notJournaled());
  }

  /** Runs a server until it has replayed the rest. */
  private void lastRound(Path folder) throws Exception {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(LAST_ROUND_SECONDS);
    CrashTestVictim server = start(folder, 65_536, null);
    while (server.unstored() > 0 && System.nanoTime() < end) {
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(10));
    }
    int status = server.end();
    try (Stream<Path> files = Files.list(spool(folder))) {
      long left = files.filter(file -> file.toString().endsWith(".ndjson")).count();
      System.out.printf(
          "last round: replayed what was left, ended with status %d, %d segments in the spool%n",
          status, left);
    }
  }

  private boolean judge() throws Exception {
    try (StoredReadings stored =
        StoredReadings.open(sink, SensorReading.SCHEMA.name()).orElseThrow()) {
      CrashVerdict verdict = CrashVerdict.of(stored.all(), lives, nextNumber);
      System.out.println(verdict);
      return verdict.isGood();
    }
  }
}
