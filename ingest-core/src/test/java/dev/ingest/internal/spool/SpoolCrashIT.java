package dev.ingest.internal.spool;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Objects;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What each level of the journal promises, on a {@link SimulatedDisk}: random histories, cut before
 * and after each call to the disk and in the middle of each write.
 *
 * <p>The system properties {@code crash.seed} and {@code crash.cuts} say where the seeds begin, and
 * how many cuts there are at least. A seed that breaks a promise is named with the command that
 * repeats it, and belongs into {@code src/test/resources/crash/seeds.txt}, which is always run.
 */
class SpoolCrashIT {
  private static final int CUTS = 10_000;

  /** Each cut logs several lines, which would take longer than all else. */
  private static final Logger LOGGER = Logger.getLogger("dev.ingest.spool");

  @BeforeAll
  static void logNothing() {
    LOGGER.setLevel(Level.OFF);
  }

  @AfterAll
  static void logAgain() {
    LOGGER.setLevel(null);
  }

  @Test
  void every_promise_holds_wherever_a_history_is_cut() throws IOException {
    int cuts = Integer.getInteger("crash.cuts", CUTS);
    long seed = Long.getLong("crash.seed", 1);
    for (int done = 0; done < cuts; seed++) {
      done += run(seed);
    }
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void a_history_that_broke_a_promise_breaks_none(long seed) throws IOException {
    SpoolHistory.run(seed, Events.SCHEMA); // as it did
    SpoolHistory.run(seed, Events.WITH_ARRIVALS);
  }

  static List<Long> seeds() throws IOException {
    try (InputStream seeds =
        Objects.requireNonNull(SpoolCrashIT.class.getResourceAsStream("/crash/seeds.txt"))) {
      return new String(seeds.readAllBytes(), UTF_8)
          .lines()
          .filter(line -> !line.startsWith("#"))
          .map(line -> Long.valueOf(line.split(" ", 2)[0]))
          .toList();
    }
  }

  private static int run(long seed) throws IOException {
    try {
      return SpoolHistory.run(seed);
    } catch (AssertionError e) {
      throw new AssertionError(
          e.getMessage()
              + "\nTo repeat it: mvn -pl ingest-core verify -Dtest=None -Dit.test=SpoolCrashIT"
              + " -Dsurefire.failIfNoSpecifiedTests=false -Dcrash.cuts=1 -Dcrash.seed="
              + seed,
          e);
    }
  }
}
