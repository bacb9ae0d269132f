package dev.ingest.internal.spool;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.ingest.internal.batch.Batch;
import dev.ingest.internal.spool.HookedDisk.Call;
import dev.ingest.internal.spool.SimulatedDisk.Fault;
import dev.ingest.internal.spool.SimulatedDisk.Request;
import dev.ingest.policy.JournalSync;
import dev.ingest.policy.Spooling;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class FailedSyncsTest {
  private static final int POWER_LOSSES = 50;

  private final SimulatedDisk disk = new SimulatedDisk(Path.of("simulated"), new Random(1));
  private final List<Integer> notJournaled = new ArrayList<>();
  private int failures;

  private Spool opened(Spooling spooling) throws IOException {
    disk.watch(
        new SimulatedDisk.Watch() {
          @Override
          public Fault before(Request request) {
            return request.call() == Call.SYNC && failures-- > 0 ? Fault.PARTLY_DONE : Fault.NONE;
          }
        });
    return Spool.open(disk, spooling, 1, new Spool.Failures(Assertions::fail, notJournaled::add));
  }

  @ParameterizedTest
  @EnumSource(names = {"ALWAYS", "EVERY_SECOND"})
  void what_could_not_be_synced_stands_in_a_new_file_that_is(JournalSync level) throws IOException {
    Spooling spooling = Spooling.in(disk.path()).journal(level);
    Spool spool = opened(spooling);
    failures = 1;
    journal(spool, 0, 5);
    assertEquals(List.of(), notJournaled);
    for (int seed = 0; seed < POWER_LOSSES; seed++) {
      SimulatedDisk after = disk.copy(new Random(seed));
      after.losePower();
      Survivors survivors =
          Survivors.of(after, spooling, Events.WITH_ARRIVALS, new ModelSink(true));
      assertEquals(5, survivors.sink().stored().cardinality());
    }
    journal(spool, 5, 9);
    assertEquals(9, spool.unsettled());
    assertEquals(List.of(), notJournaled);
  }

  @ParameterizedTest
  @EnumSource(names = {"ALWAYS", "EVERY_SECOND"})
  void what_cannot_be_synced_in_a_new_file_either_is_counted_once(JournalSync level)
      throws IOException {
    Spool spool = opened(Spooling.in(disk.path()).journal(level));
    journal(spool, 0, 3);
    failures = 2;
    journal(spool, 3, 8);
    assertEquals(List.of(5), notJournaled, "what was synced before is not counted");
    spool.close();
    assertEquals(List.of(5), notJournaled);
  }

  private static void journal(Spool spool, int from, int to) {
    Batch batch = new Batch(Events.WITH_ARRIVALS);
    for (int id = from; id < to; id++) {
      Events.add(batch, id);
    }
    JournalWrite write = spool.journalWrite(0, batch);
    write.run();
    assertEquals(0, write.finish());
    assertEquals(to - from, batch.onDisk());
    if (spool.syncThread != null) {
      Objects.requireNonNull(spool.syncThread).turn();
    }
  }
}
