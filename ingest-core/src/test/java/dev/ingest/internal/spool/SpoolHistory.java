package dev.ingest.internal.spool;

import dev.ingest.internal.batch.Batch;
import dev.ingest.internal.batch.Rows;
import dev.ingest.internal.deliver.ReplayedRecords;
import dev.ingest.internal.ledger.Ledger;
import dev.ingest.internal.spool.HookedDisk.Call;
import dev.ingest.internal.spool.Promises.Crash;
import dev.ingest.internal.spool.SimulatedDisk.Fault;
import dev.ingest.internal.spool.SimulatedDisk.Request;
import dev.ingest.policy.JournalSync;
import dev.ingest.policy.Spooling;
import dev.ingest.record.Schema;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Deque;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * What servers do to a spool, one after the other, at random from a seed: they receive, store,
 * defer, drop, replay, seal, sync, forget, close, and crash.
 *
 * <p>Before and after each call to the disk, and in the middle of each write, a copy of the disk
 * suffers a crash: what a server finds there must be what was promised. The history goes on as if
 * nothing had been.
 */
final class SpoolHistory implements SimulatedDisk.Watch {
  /** As many receivers as make segments so short that some become full. */
  private static final int RECEIVERS = 512;

  private static final int ACTIVE_RECEIVERS = 2;

  /** Without it the first random numbers of all small seeds would be alike. */
  private static final long SCATTER = 0x9E3779B97F4A7C15L;

  private static final int BATCH_SIZE = 6;
  private static final @Nullable JournalSync[] LEVELS = {
    JournalSync.ALWAYS, JournalSync.EVERY_SECOND, JournalSync.NEVER, null
  };

  /** Ends a server in the middle of a call. */
  private static final class Killed extends Error {
    private static final long serialVersionUID = 1;
  }

  private final long seed;
  private final Random random;
  private final @Nullable JournalSync level;
  private final boolean faulty;
  private final Schema schema;
  private final Spooling spooling;
  private final Promises promises;
  private final ModelSink sink;
  private SimulatedDisk disk;
  private Request current = new Request(Call.LIST, "", -1, 0, 0, new byte[0]);
  private int cuts;
  private int nextId;
  private String lastFailed = "";
  private boolean reported;

  /** What cannot be read now is damaged: those are other tests. */
  private boolean reading;

  // A life of a server.
  private @Nullable Spool spool;
  private @Nullable ReplayedRecords replay;
  private boolean sinkIsOpen;
  private final List<Batch> filling = new ArrayList<>();
  private final Deque<Batch> queue = new ArrayDeque<>();

  private SpoolHistory(long seed, Schema schema) {
    this.seed = seed;
    this.schema = schema;
    random = new Random(seed * SCATTER);
    level = LEVELS[(int) (seed % LEVELS.length)];
    faulty = random.nextInt(5) < 2;
    Path path = Path.of("simulated");
    Spooling without = Spooling.in(path).limit(1 << 20);
    spooling = level == null ? without : without.journal(level);
    promises = new Promises(level);
    sink = new ModelSink(random.nextInt(4) > 0);
    disk = new SimulatedDisk(path, random);
    disk.watch(this);
  }

  /** Runs a history to its end, every second one with arrivals; returns how often it was cut. */
  static int run(long seed) throws IOException {
    return run(seed, seed / LEVELS.length % 2 == 0 ? Events.SCHEMA : Events.WITH_ARRIVALS);
  }

  /** Runs a history of records of a schema to its end; returns how often it was cut. */
  static int run(long seed, Schema schema) throws IOException {
    SpoolHistory history = new SpoolHistory(seed, schema);
    try {
      for (int steps = 10 + history.random.nextInt(40); steps > 0; steps--) {
        try {
          history.step();
        } catch (Killed e) {
          history.crash();
        }
        history.cut(history.disk.copy(history.choices()));
      }
    } catch (AssertionError | RuntimeException e) {
      throw new AssertionError(history + ": " + e.getMessage(), e);
    }
    return history.cuts;
  }

  @Override
  public String toString() {
    return "history "
        + seed
        + ", cut "
        + cuts
        + " (journal "
        + level
        + (faulty ? ", calls fail" : "")
        + (schema.equals(Events.SCHEMA) ? "" : ", with arrivals")
        + (sink.remembers() ? "" : ", a sink without positions")
        + ", at "
        + current.call()
        + " "
        + current.name()
        + ")";
  }

  // The cuts.

  @Override
  public Fault before(Request request) {
    current = request;
    cut(disk.copy(choices()));
    if (request.call() == Call.WRITE) {
      SimulatedDisk copy = disk.copy(choices());
      copy.writePartly(request);
      cut(copy);
    }
    if (random.nextInt(200) == 0) {
      if (request.call() == Call.WRITE) {
        disk.writePartly(request);
      }
      throw new Killed();
    }
    boolean mayFail = faulty && (request.call() != Call.READ || !reading);
    boolean isAppend =
        request.call() == Call.WRITE && request.name().endsWith(SegmentNames.FILE_SUFFIX);
    if (!mayFail || random.nextInt(isAppend ? 8 : 25) > 0) {
      return Fault.NONE;
    }
    promises.fault();
    if (!request.name().isEmpty()) {
      lastFailed = request.name().replaceFirst("[.].*", "");
    }
    return request.call() == Call.READ || random.nextBoolean()
        ? Fault.NOTHING_DONE
        : Fault.PARTLY_DONE;
  }

  @Override
  public void after() {
    cut(disk.copy(choices()));
  }

  private Random choices() {
    return new Random((seed << Integer.SIZE | cuts) * SCATTER);
  }

  private void cut(SimulatedDisk copy) {
    Random choices = choices();
    cuts++;
    Crash crash = crash(copy, choices);
    ModelSink sinkThen = sink.copy();
    try {
      promises.check(crash, sink, Survivors.of(copy, spooling, schema, sinkThen));
    } catch (AssertionError | IOException | RuntimeException e) {
      throw new AssertionError(crash + ": " + e, e);
    }
  }

  private static Crash crash(SimulatedDisk disk, Random choices) {
    boolean overhanging = disk.isOverhanging();
    boolean powerLoss = choices.nextBoolean();
    if (powerLoss) {
      disk.losePower();
    }
    int flipped = choices.nextInt(4) > 0 ? 0 : disk.flipBits(1 + choices.nextInt(4));
    return new Crash(powerLoss, flipped, overhanging);
  }

  // The lives.

  private void step() throws IOException {
    Spool open = spool;
    if (open == null) {
      open();
      return;
    }
    int dice = random.nextInt(100);
    if (dice < 35) {
      receive(open);
    } else if (dice < 45) {
      handOver(open, random.nextInt(ACTIVE_RECEIVERS));
    } else if (dice < 65) {
      storeNext(open);
    } else if (dice < 70) {
      dropNext(open);
    } else if (dice < 75) {
      deferNext(open);
    } else if (dice < 83) {
      replay(open);
    } else if (dice < 86) {
      open.sealSegments();
    } else if (dice < 92) {
      second(open);
    } else if (dice < 95) {
      forget(open);
    } else if (dice < 97) {
      close(open);
    } else {
      crash();
    }
  }

  private void open() {
    reading = true;
    try {
      Spool opened =
          Spool.open(
              disk,
              spooling,
              RECEIVERS,
              new Spool.Failures(
                  death -> {
                    throw new AssertionError(death);
                  },
                  this::notJournaled));
      spool = opened;
      replay = new ReplayedRecords(opened, schema, BATCH_SIZE, new Ledger(), Survivors.LETTERS);
      sinkIsOpen = false;
      for (int i = 0; i < ACTIVE_RECEIVERS; i++) {
        filling.add(new Batch(schema));
      }
    } catch (IOException e) {
      if (!faulty) {
        throw new AssertionError("no spool can be opened", e);
      }
    } finally {
      reading = false;
    }
  }

  private void notJournaled(int records) {
    reported = true;
    promises.notJournaled(lastFailed);
  }

  private void receive(Spool open) {
    int receiver = random.nextInt(ACTIVE_RECEIVERS);
    Batch batch = filling.get(receiver);
    for (int records = 1 + random.nextInt(BATCH_SIZE); records > 0; records--) {
      Events.add(batch, nextId++);
    }
    if (open.isJournaling()) {
      reported = false;
      int from = batch.onDisk();
      JournalWrite write = open.journalWrite(receiver, batch);
      write.run();
      int unsynced = write.finish();
      if (batch.onDisk() > from) {
        Rows rows = batch.all().slice(from, batch.onDisk());
        BitSet ids = Events.ids(rows);
        ids.stream().forEach(id -> promises.placed(id, segment(batch)));
        promises.keeps(ids);
        if (reported || unsynced > 0) {
          promises.notJournaled(ids);
        }
      }
      if (batch.onDisk() < batch.rows() && random.nextBoolean()) {
        handOver(open, receiver); // these go on without a position
      }
    }
  }

  private static String segment(Batch batch) {
    return batch.position(0).orElseThrow().segment();
  }

  private void handOver(Spool open, int receiver) {
    Batch batch = filling.get(receiver);
    if (batch.rows() > 0) {
      queue.add(batch);
      filling.set(receiver, new Batch(schema));
      if (random.nextBoolean()) {
        storeNext(open);
      }
    }
  }

  private void openSink(Spool open) {
    if (!sinkIsOpen) {
      for (String segment : open.recoveredSegments()) {
        open.settleStored(segment, sink.stored(segment));
      }
      sinkIsOpen = true;
    }
  }

  private void storeNext(Spool open) {
    openSink(open);
    Batch batch = queue.poll();
    if (batch == null) {
      return;
    }
    for (int from = 0; from < batch.rows(); ) {
      boolean onDisk = from < batch.onDisk();
      int end = onDisk ? batch.onDisk() : batch.rows();
      int to = from + 1 + random.nextInt(end - from);
      if (random.nextInt(6) == 0 && defer(open, batch, from)) {
        return;
      }
      Rows rows = batch.all().slice(from, to);
      if (random.nextInt(10) == 0) {
        refuse(open, rows);
      } else {
        store(open, rows);
      }
      from = to;
    }
  }

  private boolean defer(Spool open, Batch batch, int from) {
    boolean deferred = open.defer(batch, from);
    if (deferred && level == null) {
      promises.keeps(Events.ids(batch.all().slice(from, batch.rows())));
    }
    return deferred;
  }

  private void store(Spool open, Rows rows) {
    promises.takes(Events.ids(rows));
    sink.write(rows);
    open.settle(rows);
    promises.settled();
  }

  private void refuse(Spool open, Rows rows) {
    promises.takes(Events.ids(rows));
    promises.refused(Events.ids(rows));
    open.settle(rows);
    promises.settled();
  }

  private void dropNext(Spool open) {
    Batch batch = queue.poll();
    if (batch != null) {
      refuse(open, batch.all());
    }
  }

  private void deferNext(Spool open) {
    Batch batch = queue.poll();
    if (batch != null && !defer(open, batch, 0)) {
      queue.addFirst(batch);
    }
  }

  private void replay(Spool open) {
    openSink(open);
    ReplayedRecords records = Objects.requireNonNull(replay);
    reading = true;
    try {
      Batch batch = records.next();
      if (batch != null) {
        int some = random.nextInt(batch.rows() + 1);
        if (some > 0) {
          store(open, batch.all().slice(0, some));
        }
        records.advance(some);
      }
    } catch (IOException e) {
      if (!faulty) {
        throw new AssertionError("the spool cannot be read back", e);
      }
    } finally {
      reading = false;
    }
  }

  /** A second passes. */
  private void second(Spool open) {
    open.appender.failedAt -= TimeUnit.SECONDS.toNanos(1);
    if (open.syncThread != null) {
      BitSet kept = promises.kept();
      open.syncThread.turn();
      promises.synced(kept);
    }
  }

  private void forget(Spool open) {
    if (sinkIsOpen) {
      open.takeRemoved().forEach(sink::forget);
    }
  }

  private void close(Spool open) throws IOException {
    filling.stream().filter(batch -> batch.rows() > 0).forEach(queue::add);
    queue.forEach(batch -> defer(open, batch, 0));
    BitSet kept = promises.kept();
    open.close();
    if (level == JournalSync.EVERY_SECOND) {
      promises.synced(kept);
    }
    end();
  }

  private void crash() {
    SimulatedDisk after = disk.copy(random);
    boolean powerLoss = random.nextBoolean();
    if (powerLoss) {
      after.losePower();
    }
    Crash crash = new Crash(powerLoss, 0, false);
    promises.crashed(crash);
    disk = after;
    disk.watch(this);
    end();
  }

  private void end() {
    spool = null;
    replay = null;
    filling.clear();
    queue.clear();
  }
}
