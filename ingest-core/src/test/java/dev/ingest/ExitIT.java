package dev.ingest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ingest.policy.JournalSync;
import dev.ingest.testing.ChildJvm;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Matcher;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Second JVMs that end in mid-flood, in every ordinary way. Their drain timeouts are so long that
 * one that waits for it does not end in the time that {@link ChildJvm#exitStatus} gives it.
 */
class ExitIT {
  private static final String CLOSED =
      "^closed decoded=(\\d+) persisted=(\\d+) dropped=(\\d+) lost=(\\d+)"
          + " recovered=(\\d+) spooled=(\\d+) kernelDrops=(\\d+)$";

  @TempDir Path directory;

  /** What the program reported at its end, and what it has stored. */
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

  private ChildJvm start(ExitProgram program, String... spool) {
    return ChildJvm.in(directory)
        .start(
            ExitProgram.class,
            Stream.concat(Stream.of(program.name(), stored().toString()), Stream.of(spool))
                .toArray(String[]::new));
  }

  private ChildJvm startWithSpool(ExitProgram program) {
    return start(program, spool().toString());
  }

  private ChildJvm startWithJournal(ExitProgram program) {
    return start(program, spool().toString(), JournalSync.NEVER.name());
  }

  private Path stored() {
    return directory.resolve("stored.txt");
  }

  private Path spool() {
    return directory.resolve("spool");
  }

  /** Waits until the program listens. */
  private static Sender senderTo(ChildJvm program) throws IOException {
    int port = Integer.parseInt(program.awaitOut("^port (\\d+)$").group(1));
    return new Sender(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
  }

  /**
   * Sends a few events in a millisecond, until there are enough or the program has ended. Fails if
   * it does not end.
   */
  private static void sendWhileAlive(ChildJvm program, Sender sender, long enough)
      throws IOException {
    long start = System.nanoTime();
    while (program.isAlive() && sender.sent() < enough) {
      sender.sendEvents(sender.sent(), sender.sent() + 10);
      LockSupport.parkNanos(1_000_000);
      assertTrue(
          System.nanoTime() - start < TestServers.SOON.toNanos(), () -> "does not end: " + program);
    }
    sender.awaitArrival();
  }

  private static void sendUntilEnd(ChildJvm program, Sender sender) throws IOException {
    sendWhileAlive(program, sender, Long.MAX_VALUE);
  }

  private End end(ChildJvm program) throws IOException {
    int status = program.exitStatus();
    Matcher closed = program.awaitOut(CLOSED);
    return new End(
        status,
        Long.parseLong(closed.group(1)),
        Long.parseLong(closed.group(2)),
        Long.parseLong(closed.group(3)),
        Long.parseLong(closed.group(4)),
        Long.parseLong(closed.group(5)),
        Long.parseLong(closed.group(6)),
        Long.parseLong(closed.group(7)),
        storedLines().stream().map(Long::valueOf).toList());
  }

  private List<String> storedLines() throws IOException {
    return Files.exists(stored()) ? Files.readAllLines(stored()) : List.of();
  }

  private static void assertAllStored(End end, long sentBefore) {
    assertEquals(0, end.lost);
    assertEquals(end.decoded, end.persisted);
    assertEquals(end.persisted, end.stored.size());
    assertInOrderAndOnce(end.stored);
    assertTrue(
        end.persisted + end.kernelDrops >= sentBefore,
        () -> end.persisted + " stored of " + sentBefore + " sent");
  }

  private static void assertInOrderAndOnce(List<Long> stored) {
    assertEquals(stored.stream().sorted().distinct().toList(), stored);
  }

  @ParameterizedTest
  @CsvSource({"MAIN_RETURNS, 0", "EXIT, 3", "EXIT_WHILE_CLOSING, 3", "EXIT_FROM_LISTENER, 3"})
  void all_that_arrived_before_the_exit_is_stored(ExitProgram way, int status) throws Exception {
    try (ChildJvm program = start(way);
        Sender sender = senderTo(program)) {
      sendUntilEnd(program, sender);
      End end = end(program);
      assertEquals(status, end.status);
      assertAllStored(end, ExitProgram.ENOUGH);
      assertFalse(program.err().contains("Exception"), program.err());
    }
  }

  @ParameterizedTest
  @CsvSource({
    "INT, 130, AWAIT_CLOSE",
    "TERM, 143, AWAIT_CLOSE",
    "HUP, 129, AWAIT_CLOSE",
    "TERM, 143, OWN_HOOK",
    "TERM, 143, CONTAINER"
  })
  void all_that_arrived_before_the_signal_is_stored(String signal, int status, ExitProgram way)
      throws Exception {
    try (ChildJvm program = start(way);
        Sender sender = senderTo(program)) {
      sendWhileAlive(program, sender, 1_000);
      long before = sender.sent();
      program.signal(signal);
      sendUntilEnd(program, sender);
      End end = end(program);
      assertEquals(status, end.status);
      assertAllStored(end, before);
      assertFalse(program.err().contains("Exception"), program.err());
    }
  }

  @Test
  void a_server_that_leaves_the_drain_to_its_host_does_nothing_at_exit() throws Exception {
    try (ChildJvm program = start(ExitProgram.EXIT_WITHOUT_DRAIN);
        Sender sender = senderTo(program)) {
      sendUntilEnd(program, sender);
      assertEquals(3, program.exitStatus());
      assertTrue(program.outLines().stream().noneMatch(line -> line.startsWith("closed")));
      assertEquals(List.of(), program.errLinesOfProgram());
    }
  }

  @Test
  void an_exit_from_the_sink_ends_at_once_and_the_loss_is_logged() throws Exception {
    try (ChildJvm program = start(ExitProgram.EXIT_FROM_SINK);
        Sender sender = senderTo(program)) {
      sendWhileAlive(program, sender, 100);
      End end = end(program);
      assertEquals(3, end.status);
      assertTrue(end.lost > 0, "the batch whose write did not return is stored but lost");
      assertEquals(end.decoded, end.lost);
      assertTrue(program.err().contains(end.lost + " records could not be stored"), program.err());
      assertTrue(program.err().contains("drain of ingest server at"), program.err());
    }
  }

  /**
   * Replays what a program left, and looks whether with that each of its records is stored once.
   */
  private void assertEachStoredOnceAfterReplay(End first) throws Exception {
    assertEquals(0, first.lost);
    assertEquals(first.decoded + first.recovered, first.persisted + first.spooled);
    try (ChildJvm program = startWithSpool(ExitProgram.AWAIT_CLOSE)) {
      senderTo(program).close(); // it listens
      Ledgers.await(() -> storedLines().size() >= first.persisted + first.spooled);
      program.signal("TERM");
      End last = end(program);
      assertEquals(143, last.status);
      assertEquals(first.spooled, last.recovered);
      assertEquals(first.spooled, last.persisted);
      assertEquals(
          last.stored.stream().distinct().count(), last.stored.size(), "some are duplicated");
    }
  }

  @ParameterizedTest
  @CsvSource({
    "SINK_HANGS, TERM, 143, false",
    "SINK_HANGS, TERM, 143, true",
    "SINK_DOWN, TERM, 143, false",
    "SINK_DOWN, INT, 130, true",
    "SINK_WAITS_FOR_EXIT, TERM, 143, true",
    "OWN_HOOK, TERM, 143, false"
  })
  void what_cannot_be_stored_at_a_signal_is_replayed_by_the_next_run(
      ExitProgram way, String signal, int status, boolean journal) throws Exception {
    End end;
    try (ChildJvm program = journal ? startWithJournal(way) : startWithSpool(way);
        Sender sender = senderTo(program)) {
      sendWhileAlive(program, sender, 3_000);
      program.signal(signal);
      program.signal(signal); // it changes nothing
      sendUntilEnd(program, sender);
      end = end(program);
      assertEquals(status, end.status, program::toString);
      assertTrue(end.decoded + end.kernelDrops >= 3_000, end::toString);
    }
    assertEachStoredOnceAfterReplay(end);
  }

  @Test
  void a_signal_during_a_replay_duplicates_nothing() throws Exception {
    End first;
    try (ChildJvm program = startWithSpool(ExitProgram.SINK_DOWN);
        Sender sender = senderTo(program)) {
      sendWhileAlive(program, sender, 20_000);
      program.signal("TERM");
      first = end(program);
      assertEquals(first.decoded, first.spooled);
    }
    End second;
    try (ChildJvm program = startWithSpool(ExitProgram.SINK_WAITS_FOR_EXIT)) {
      senderTo(program).close(); // it listens
      Ledgers.await(() -> !storedLines().isEmpty());
      program.signal("TERM");
      second = end(program);
      assertEquals(143, second.status);
      assertEquals(first.spooled, second.recovered);
      assertTrue(second.spooled > 0, "the replay was over before");
    }
    assertEachStoredOnceAfterReplay(second);
  }

  @Test
  void a_signal_during_a_start_ends_it() throws Exception {
    End first;
    try (ChildJvm program = startWithSpool(ExitProgram.SINK_DOWN);
        Sender sender = senderTo(program)) {
      sendWhileAlive(program, sender, 1_000);
      program.signal("TERM");
      first = end(program);
    }
    try (ChildJvm program = startWithSpool(ExitProgram.OPEN_HANGS)) {
      program.awaitOut("^opening$");
      program.signal("TERM");
      assertEquals(143, program.exitStatus());
    }
    assertEachStoredOnceAfterReplay(first);
  }

  @Test
  void an_exit_from_the_sink_loses_nothing_with_a_spool() throws Exception {
    End first;
    try (ChildJvm program = startWithSpool(ExitProgram.EXIT_FROM_SINK);
        Sender sender = senderTo(program)) {
      sendWhileAlive(program, sender, 1_000);
      first = end(program);
      assertEquals(3, first.status);
      assertEquals(first.decoded, first.spooled);
    }
    long inHand = first.stored.size(); // stored, but its write did not return
    try (ChildJvm program = startWithSpool(ExitProgram.AWAIT_CLOSE)) {
      Ledgers.await(() -> storedLines().size() == inHand + first.spooled);
      program.signal("TERM");
      assertEquals(143, program.exitStatus());
    }
  }

  @Test
  void a_sink_that_runs_out_of_memory_loses_only_what_it_cannot_store() throws Exception {
    try (ChildJvm program = start(ExitProgram.SINK_OUT_OF_MEMORY);
        Sender sender = senderTo(program)) {
      sendUntilEnd(program, sender);
      End end = end(program);
      assertEquals(0, end.status);
      assertEquals(0, end.lost);
      long cannotBeStored =
          program.outLines().stream()
              .filter(line -> line.startsWith("no memory for "))
              .distinct()
              .count();
      assertTrue(end.dropped > 0, end::toString);
      assertEquals(cannotBeStored, end.dropped);
      assertEquals(end.decoded - end.dropped, end.persisted);
      assertEquals(end.persisted, end.stored.stream().filter(id -> id % 100 != 0).count());
      assertInOrderAndOnce(end.stored);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "-XX:MaxDirectMemorySize=32k, java.lang.OutOfMemoryError",
    "-Djava.net.preferIPv4Stack=true, java.io.IOException"
  })
  void a_start_that_fails_leaves_nothing_behind(String option, String failure) {
    try (ChildJvm program =
        ChildJvm.in(directory).options(option).start(FailingStartProgram.class)) {
      assertEquals(0, program.exitStatus(), program::toString);
      assertEquals(List.of(failure), program.outLines());
    }
  }
}
