package dev.ingest.testkit;

import static org.junit.jupiter.api.Assertions.fail;

import com.sun.management.UnixOperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import java.util.HashSet;
import java.util.Set;

/**
 * What code leaves behind that runs several times: threads, and open files and sockets where the
 * system counts them. Drivers keep a thread or a file of their own from the first use on, and other
 * threads of the JVM come and go: only what is left each time counts.
 */
final class Leftovers {
  private static final int TIMES = 4;
  private static final long WAIT_NANOS = 3_000_000_000L;

  interface Action {
    void run() throws Exception;
  }

  private final Set<Thread> threads = threads();
  private final long handles = handles();

  private Leftovers() {}

  static void check(Action action) throws Exception {
    action.run();
    Leftovers before = new Leftovers();
    for (int time = 0; time < TIMES; time++) {
      action.run();
    }
    for (long start = System.nanoTime(); before.isMoreNow(); Thread.sleep(10)) {
      if (System.nanoTime() - start > WAIT_NANOS) {
        fail(before.difference());
      }
    }
  }

  private boolean isMoreNow() {
    return newThreads().size() >= TIMES || handles() - handles >= TIMES;
  }

  private String difference() {
    return "after %d times there are %d more open files and sockets, and the threads %s"
        .formatted(TIMES, handles() - handles, newThreads());
  }

  private Set<Thread> newThreads() {
    Set<Thread> now = threads();
    now.removeAll(threads);
    return now;
  }

  private static Set<Thread> threads() {
    return new HashSet<>(Thread.getAllStackTraces().keySet());
  }

  private static long handles() {
    return ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean system
        ? system.getOpenFileDescriptorCount()
        : 0;
  }
}
