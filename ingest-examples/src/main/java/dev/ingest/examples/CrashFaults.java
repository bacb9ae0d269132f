package dev.ingest.examples;

import dev.ingest.policy.JournalSync;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** The faults of a disk that {@link CrashTest} chooses for each life of a server. */
final class CrashFaults implements AutoCloseable {
  /** What the spool may hold: less than the small disk, so that the limit is reached, too. */
  static final long SPOOL_LIMIT = 4 << 20;

  private static final int MAX_FULL_MILLIS = 300;

  /** A journal that has failed is not tried again for a second. */
  private static final int MAX_ROOM_MILLIS = 1_500;

  /** The disk is so full that some batch finds room for its first rows only. */
  private static final int MAX_BYTES_LEFT = 64 << 10;

  private final Path folder;
  private final @Nullable FaultLibrary library;
  private final @Nullable SmallDisk disk;
  private final Map<String, FaultLibrary.Count> total = new TreeMap<>();
  private long fillings;

  private CrashFaults(Path folder, @Nullable FaultLibrary library, @Nullable SmallDisk disk) {
    this.folder = folder;
    this.library = library;
    this.disk = disk;
  }

  /** Makes what injects faults ready; prints which kind is not possible here, and why. */
  static CrashFaults open(Path folder) {
    FaultLibrary library = null;
    SmallDisk disk = null;
    try {
      library = FaultLibrary.build(folder);
    } catch (IOException e) {
      System.out.println("no call of a server fails here: " + e.getMessage());
    }
    try {
      disk = SmallDisk.mount(folder.resolve("disk"));
    } catch (IOException e) {
      System.out.println("the spool is on no small disk here: " + e.getMessage());
    }
    return new CrashFaults(folder, library, disk);
  }

  /** Returns where the spool is to be. */
  Path spool() {
    return (disk == null ? folder : disk.directory()).resolve("spool");
  }

  /** Chooses the faults of a life. */
  Life next(Random random) {
    return new Life(random);
  }

  /** Returns what was injected, and how often it struck. */
  @Override
  public String toString() {
    List<String> all = new ArrayList<>();
    total.forEach((fault, count) -> all.add(fault + " " + count));
    if (disk != null) {
      all.add("disk full %,d times".formatted(fillings));
    }
    return all.isEmpty() ? "none" : String.join(", ", all);
  }

  @Override
  public void close() throws IOException {
    if (disk != null) {
      disk.close();
    }
  }

  /** What one server has to live with. */
  final class Life {
    private final JournalSync sync;
    private final List<FaultRule> rules;
    private final long seed;
    private final Random moments;
    private final boolean fillsDisk;
    private final Path counts = folder.resolve("faults-struck");
    private boolean isFull;
    private int filled;
    private long nextChange;

    private Life(Random random) {
      JournalSync[] levels = JournalSync.values();
      sync = levels[random.nextInt(levels.length)];
      rules = library == null ? List.of() : FaultRule.choose(random);
      seed = random.nextLong();
      moments = new Random(random.nextLong());
      fillsDisk = random.nextBoolean();
      nextChange = inMillis(moments.nextInt(MAX_ROOM_MILLIS));
    }

    JournalSync sync() {
      return sync;
    }

    /** Puts the rules into the environment of a server that is to be started. */
    void preload(Map<String, String> environment) {
      if (library != null && !rules.isEmpty()) {
        library.preload(environment, rules, seed, counts);
      }
    }

    /** Lets the rules strike from now on. */
    void begin() throws IOException {
      if (library != null) {
        library.switchOn();
      }
    }

    /** Fills the disk, or empties it, if that is due. */
    void changeDisk() throws IOException {
      if (disk == null || !fillsDisk || System.nanoTime() - nextChange < 0) {
        return;
      }
      isFull = !isFull;
      if (isFull) {
        disk.fill(moments.nextInt(MAX_BYTES_LEFT));
        filled++;
      } else {
        disk.empty();
      }
      nextChange = inMillis(moments.nextInt(isFull ? MAX_FULL_MILLIS : MAX_ROOM_MILLIS));
    }

    private long inMillis(int millis) {
      return System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
    }

    /** Ends the faults, after the server was killed; returns what it had to live with. */
    String end() throws IOException {
      if (library != null) {
        library.switchOff();
      }
      if (disk != null) {
        disk.empty();
      }
      fillings += filled;
      List<FaultLibrary.Count> struck = FaultLibrary.counts(counts, rules.size());
      Files.deleteIfExists(counts);
      List<String> all = new ArrayList<>();
      for (int i = 0; i < rules.size(); i++) {
        if (struck.get(i).calls() > 0) {
          all.add(rules.get(i).name() + " " + struck.get(i));
          total.merge(rules.get(i).name(), struck.get(i), FaultLibrary.Count::plus);
        }
      }
      if (filled > 0) {
        all.add("disk full %,d times".formatted(filled));
      }
      return "journal " + sync + ": " + (all.isEmpty() ? "no faults" : String.join(", ", all));
    }
  }
}
