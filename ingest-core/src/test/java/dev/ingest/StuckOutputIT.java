package dev.ingest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ingest.StuckOutputProgram.Logging;
import dev.ingest.StuckOutputProgram.Storing;
import dev.ingest.testing.ChildJvm;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Second JVMs whose standard output and error are full pipes that nobody reads. */
@DisabledOnOs(value = OS.WINDOWS, disabledReason = "it has no signals")
class StuckOutputIT {
  /** More good datagrams than the receiver reads at once, each behind a bad one. */
  private static final int GOOD = 200;

  /** What the exit takes beside the drain on a machine that does everything else first. */
  private static final Duration A_FEW_SECONDS = Duration.ofSeconds(15);

  @TempDir Path directory;

  private ChildJvm start(Logging logging, Storing storing) {
    return ChildJvm.in(directory)
        .withUnreadOutput()
        .start(StuckOutputProgram.class, logging.name(), storing.name());
  }

  private Sender sender() throws IOException {
    Path port = directory.resolve("port");
    Ledgers.await(() -> Files.exists(port));
    int number = Integer.parseInt(Files.readString(port));
    return new Sender(new InetSocketAddress(InetAddress.getLoopbackAddress(), number));
  }

  /** Sends bad and good datagrams, and waits until the good ones are stored. */
  private void sendAndAwaitStored() throws IOException {
    try (Sender sender = sender()) {
      for (int id = 0; id < GOOD; id++) {
        sender.send("bad");
        sender.send(Events.event(id));
        if (id % (Sender.WINDOW / 4) == 0) {
          int sent = id + 1;
          Ledgers.await(() -> stored().size() == sent);
        }
      }
      Ledgers.await(() -> stored().size() == GOOD);
    }
    assertEquals(Events.ids(0, GOOD), stored().stream().map(Long::valueOf).toList());
  }

  private List<String> stored() throws IOException {
    return Files.readAllLines(directory.resolve("stored"));
  }

  private void assertEndsInTime(ChildJvm program) {
    long start = System.nanoTime();
    program.signal("TERM");
    assertEquals(143, program.exitStatus(), program::toString);
    Duration taken = Duration.ofNanos(System.nanoTime() - start);
    Duration limit = StuckOutputProgram.DRAIN_TIMEOUT.plus(A_FEW_SECONDS);
    assertTrue(taken.compareTo(limit) < 0, taken::toString);
  }

  private String account() throws IOException {
    return Files.readString(directory.resolve("account"));
  }

  @ParameterizedTest
  @EnumSource(
      value = Logging.class,
      names = {"WITHOUT_LOCK", "DEADLOCKED"})
  void a_server_receives_stores_and_exits(Logging logging) throws Exception {
    try (ChildJvm program = start(logging, Storing.STORES)) {
      sendAndAwaitStored();
      assertEndsInTime(program);
      assertEquals("received 400 rejected 200 persisted 200 lost 0", account());
    }
  }

  @Test
  void a_loss_is_reported_at_exit_without_holding_it_up() throws Exception {
    try (ChildJvm program = start(Logging.WITHOUT_LOCK, Storing.HANGS)) {
      try (Sender sender = sender()) {
        sender.send("bad");
        sender.send(Events.event(0));
      }
      // There is nothing to see of it until the drain, which reads what the kernel has.
      assertEndsInTime(program);
      assertEquals("received 2 rejected 1 persisted 0 lost 1", account());
    }
  }

  /** Here the JVM stays, since the hook of java.util.logging waits for its own handler's lock. */
  @Test
  void with_the_jdk_s_own_handler_everything_is_drained_although_the_jvm_does_not_end()
      throws Exception {
    try (ChildJvm program = start(Logging.DEFAULT, Storing.STORES)) {
      sendAndAwaitStored();
      program.signal("TERM");
      Ledgers.await(() -> Files.exists(directory.resolve("account")));
      assertEquals("received 400 rejected 200 persisted 200 lost 0", account());
    }
  }
}
