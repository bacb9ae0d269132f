package dev.ingest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Second JVMs that end in mid-flood, in every ordinary way. */
class ExitIT {
  private static final Pattern PORT = Pattern.compile("port (\\d+)\n");
  private static final Pattern CLOSED =
      Pattern.compile(
          "closed decoded=(\\d+) persisted=(\\d+) dropped=(\\d+) lost=(\\d+)"
              + " recovered=(\\d+) spooled=(\\d+) kernelDrops=(\\d+)\n");

  @TempDir Path directory;

  /** What the program told of its end, and what it has stored. */
  private record End(
      int status,
      long decoded,
      long persisted,
      long dropped,
      long lost,
      long recovered,
      long spooled,
      long kernelDrops,
      List<Long> stored) {}

  private ChildJvm start(String way, String... more) throws IOException {
    List<String> arguments =
        new ArrayList<>(
            List.of(
                "-cp",
                System.getProperty("java.class.path"),
                ExitProgram.class.getName(),
                way,
                directory.resolve("stored.txt").toString()));
    arguments.addAll(List.of(more));
    return new ChildJvm(directory, arguments);
  }

  private static Sender senderTo(ChildJvm program) throws IOException {
    Ledgers.await(() -> !program.isAlive() || PORT.matcher(program.out()).find());
    Matcher port = PORT.matcher(program.out());
    assertTrue(port.find(), program::toString);
    return new Sender(
        new InetSocketAddress(InetAddress.getLoopbackAddress(), Integer.parseInt(port.group(1))));
  }

  /**
   * Sends a few events in a millisecond, as long as the program lives or until there are enough.
   */
  private static void sendWhileAlive(ChildJvm program, Sender sender, long enough)
      throws IOException {
    while (program.isAlive() && sender.sent() < enough) {
      sender.sendEvents(sender.sent(), sender.sent() + 10);
      LockSupport.parkNanos(1_000_000);
    }
  }

  private End end(ChildJvm program) throws Exception {
    int status = program.exitStatus();
    Matcher closed = CLOSED.matcher(program.out());
    assertTrue(closed.find(), program.out() + program.err());
    Path file = directory.resolve("stored.txt");
    List<Long> stored =
        Files.exists(file)
            ? Files.readAllLines(file).stream().map(Long::valueOf).toList()
            : List.of();
    return new End(
        status,
        Long.parseLong(closed.group(1)),
        Long.parseLong(closed.group(2)),
        Long.parseLong(closed.group(3)),
        Long.parseLong(closed.group(4)),
        Long.parseLong(closed.group(5)),
        Long.parseLong(closed.group(6)),
        Long.parseLong(closed.group(7)),
        stored);
  }

  private static void assertAllStored(End end, long sentBefore) {
    assertEquals(0, end.lost);
    assertEquals(end.decoded, end.persisted);
    assertEquals(end.persisted, end.stored.size());
    assertEquals(end.stored.stream().sorted().distinct().toList(), end.stored);
    assertTrue(
        end.persisted + end.kernelDrops >= sentBefore,
        () -> end.persisted + " stored of " + sentBefore + " sent");
  }

  @ParameterizedTest
  @CsvSource({"main returns, 0", "exit, 3", "exit while closing, 3", "exit from the listener, 3"})
  void all_that_arrived_before_the_exit_is_stored(String way, int status) throws Exception {
    try (ChildJvm program = start(way);
        Sender sender = senderTo(program)) {
      sendWhileAlive(program, sender, Long.MAX_VALUE);
      End end = end(program);
      assertEquals(status, end.status);
      assertAllStored(end, 1_000);
      assertFalse(program.err().contains("Exception"), program.err());
    }
  }

  @ParameterizedTest
  @CsvSource({"INT, 130, awaits", "TERM, 143, awaits", "HUP, 129, awaits", "TERM, 143, own hook"})
  @DisabledOnOs(value = OS.WINDOWS, disabledReason = "there are no signals")
  void all_that_arrived_before_the_signal_is_stored(String signal, int status, String way)
      throws Exception {
    assumeFalse(isIgnored(status - 128), "this JVM was started with SIG" + signal + " ignored");
    try (ChildJvm program = start(way);
        Sender sender = senderTo(program)) {
      sendWhileAlive(program, sender, 1_000);
      long before = sender.sent();
      program.signal(signal);
      sendWhileAlive(program, sender, Long.MAX_VALUE);
      End end = end(program);
      assertEquals(status, end.status);
      assertAllStored(end, before);
      assertFalse(program.err().contains("Exception"), program.err());
    }
  }

  /** A JVM that is started with a signal ignored (by nohup, say) ignores it, and so do its own. */
  private static boolean isIgnored(int signal) throws IOException {
    Path status = Path.of("/proc/self/status");
    if (!Files.isReadable(status)) {
      return false;
    }
    return Files.readAllLines(status).stream()
        .filter(line -> line.startsWith("SigIgn:"))
        .mapToLong(line -> Long.parseUnsignedLong(line.substring(7).strip(), 16))
        .anyMatch(mask -> (mask >> (signal - 1) & 1) != 0);
  }

  @Test
  void an_exit_from_the_sink_ends_at_once_and_the_loss_is_logged() throws Exception {
    try (ChildJvm program = start("exit from the sink");
        Sender sender = senderTo(program)) {
      long start = System.nanoTime();
      sendWhileAlive(program, sender, 100);
      End end = end(program);
      assertTrue(System.nanoTime() - start < 25_000_000_000L, "waited for the drain timeout");
      assertEquals(3, end.status);
      assertTrue(end.lost > 0, "the batch whose write did not return is stored but lost");
      assertEquals(end.decoded, end.lost);
      assertTrue(program.err().contains(end.lost + " records could not be stored"), program.err());
      assertTrue(program.err().contains("drain of ingest server at"), program.err());
    }
  }

  private String spool() {
    return directory.resolve("spool").toString();
  }

  /**
   * Replays what a program left, and looks whether with that each of its records is stored once.
   */
  private void assertEachStoredOnceAfterReplay(End first) throws Exception {
    assertEquals(0, first.lost);
    assertEquals(first.decoded + first.recovered, first.persisted + first.spooled);
    try (ChildJvm program = start("file", spool())) {
      senderTo(program).close(); // it is there
      Ledgers.await(() -> storedLines() >= first.persisted + first.spooled);
      program.signal("TERM");
      End last = end(program);
      assertEquals(143, last.status);
      assertEquals(first.spooled, last.recovered);
      assertEquals(first.spooled, last.persisted);
      List<Long> sorted = last.stored.stream().sorted().toList();
      assertEquals(sorted.stream().distinct().toList().size(), sorted.size(), "some are doubled");
    }
  }

  private long storedLines() throws IOException {
    Path file = directory.resolve("stored.txt");
    return Files.exists(file) ? Files.readAllLines(file).size() : 0;
  }

  @ParameterizedTest
  @CsvSource({
    "sink hangs, TERM, 143, false",
    "sink hangs, TERM, 143, true",
    "sink down, TERM, 143, false",
    "sink down, INT, 130, true",
    "slow replay, TERM, 143, true",
    "own hook, TERM, 143, false"
  })
  @DisabledOnOs(value = OS.WINDOWS, disabledReason = "there are no signals")
  void what_cannot_be_stored_at_a_signal_is_replayed_by_the_next_run(
      String way, String signal, int status, boolean journal) throws Exception {
    assumeFalse(isIgnored(status - 128), "this JVM was started with SIG" + signal + " ignored");
    End end;
    try (ChildJvm program = journal ? start(way, spool(), "NEVER") : start(way, spool());
        Sender sender = senderTo(program)) {
      sendWhileAlive(program, sender, 3_000);
      program.signal(signal);
      program.signal(signal); // it changes nothing
      sendWhileAlive(program, sender, Long.MAX_VALUE);
      end = end(program);
      assertEquals(status, end.status, program::toString);
      assertTrue(end.decoded + end.kernelDrops >= 3_000, end::toString);
    }
    assertEachStoredOnceAfterReplay(end);
  }

  @Test
  @DisabledOnOs(value = OS.WINDOWS, disabledReason = "there are no signals")
  void a_signal_during_a_replay_duplicates_nothing() throws Exception {
    End first;
    try (ChildJvm program = start("sink down", spool());
        Sender sender = senderTo(program)) {
      sendWhileAlive(program, sender, 20_000);
      program.signal("TERM");
      first = end(program);
      assertEquals(first.decoded, first.spooled);
    }
    End second;
    try (ChildJvm program = start("slow replay", spool())) {
      senderTo(program).close(); // it is there
      Ledgers.await(() -> storedLines() > 0);
      program.signal("TERM");
      second = end(program);
      assertEquals(143, second.status);
      assertEquals(first.spooled, second.recovered);
      assertTrue(second.spooled > 0, "it was over before");
    }
    assertEachStoredOnceAfterReplay(second);
  }

  @Test
  @DisabledOnOs(value = OS.WINDOWS, disabledReason = "there are no signals")
  void a_signal_during_a_start_ends_it() throws Exception {
    End first;
    try (ChildJvm program = start("sink down", spool());
        Sender sender = senderTo(program)) {
      sendWhileAlive(program, sender, 1_000);
      program.signal("TERM");
      first = end(program);
    }
    try (ChildJvm program = start("hanging open", spool())) {
      Ledgers.await(() -> program.out().contains("opening"));
      long start = System.nanoTime();
      program.signal("TERM");
      assertEquals(143, program.exitStatus());
      assertTrue(System.nanoTime() - start < 25_000_000_000L, "waited for the drain timeout");
    }
    assertEachStoredOnceAfterReplay(first);
  }

  @Test
  void an_exit_from_the_sink_loses_nothing_with_a_spool() throws Exception {
    End first;
    try (ChildJvm program = start("exit from the sink", spool());
        Sender sender = senderTo(program)) {
      sendWhileAlive(program, sender, 1_000);
      first = end(program);
      assertEquals(3, first.status);
      assertEquals(first.decoded, first.spooled);
    }
    long inHand = first.stored.size(); // stored, but its write did not return
    try (ChildJvm program = start("file", spool())) {
      Ledgers.await(() -> storedLines() == inHand + first.spooled);
      program.signal("TERM");
      assertEquals(143, program.exitStatus());
    }
  }

  @Test
  void a_sink_that_runs_out_of_memory_loses_only_what_it_cannot_store() throws Exception {
    try (ChildJvm program = start("out of memory");
        Sender sender = senderTo(program)) {
      sendWhileAlive(program, sender, Long.MAX_VALUE);
      End end = end(program);
      assertEquals(0, end.status);
      assertEquals(0, end.lost);
      assertTrue(end.dropped > 0 && end.dropped <= end.decoded / 90, end::toString);
      assertEquals(end.decoded - end.dropped, end.persisted);
      assertEquals(end.persisted, end.stored.stream().filter(id -> id % 100 != 0).count());
      assertEquals(end.stored.stream().sorted().distinct().toList(), end.stored);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"no memory for the receiver", "no IPv6"})
  void a_start_that_fails_leaves_nothing_behind(String why) throws Exception {
    try (ChildJvm program =
        new ChildJvm(
            directory,
            List.of(
                why.equals("no IPv6")
                    ? "-Djava.net.preferIPv4Stack=true"
                    : "-XX:MaxDirectMemorySize=32k",
                "-cp",
                System.getProperty("java.class.path"),
                FailingStartProgram.class.getName()))) {
      assertEquals(0, program.exitStatus(), program::toString);
      assertEquals(
          why.equals("no IPv6") ? "java.io.IOException\n" : "java.lang.OutOfMemoryError\n",
          program.out());
    }
  }
}
