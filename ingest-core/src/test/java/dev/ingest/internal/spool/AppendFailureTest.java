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
import java.util.BitSet;
import java.util.Random;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class AppendFailureTest {
  private static final int POWER_LOSSES = 200;

  private boolean full;

  /** The records of a write that failed go on without a position, and may be stored so. */
  @ParameterizedTest
  @EnumSource(names = {"ALWAYS", "EVERY_SECOND"})
  void no_power_loss_brings_back_what_a_write_that_failed_had_written(JournalSync level)
      throws IOException {
    Spooling spooling = Spooling.in(Path.of("simulated")).journal(level);
    SimulatedDisk disk = new SimulatedDisk(spooling.directory(), new Random(1));
    disk.watch(
        new SimulatedDisk.Watch() {
          @Override
          public Fault before(Request request) {
            return full && request.call() == Call.WRITE ? Fault.PARTLY_DONE : Fault.NONE;
          }
        });
    Spool spool = Spool.open(disk, spooling, 1, new Spool.Failures(Assertions::fail, n -> {}));
    Batch batch = new Batch(Events.WITH_ARRIVALS);
    journal(spool, batch, 0, 3);
    full = true;
    journal(spool, batch, 3, 40);
    assertEquals(3, batch.onDisk());
    for (int seed = 0; seed < POWER_LOSSES; seed++) {
      SimulatedDisk after = disk.copy(new Random(seed));
      after.losePower();
      ModelSink sink = new ModelSink(true);
      sink.write(batch.all().slice(3, 40));
      Survivors.of(after, spooling, Events.WITH_ARRIVALS, sink);
      assertEquals(new BitSet(), sink.twice());
    }
  }

  private static void journal(Spool spool, Batch batch, int from, int to) {
    for (int id = from; id < to; id++) {
      Events.add(batch, id);
    }
    JournalWrite write = spool.journalWrite(0, batch);
    write.run();
    write.finish();
  }
}
