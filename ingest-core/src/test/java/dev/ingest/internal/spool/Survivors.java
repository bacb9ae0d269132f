package dev.ingest.internal.spool;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ingest.internal.batch.Batch;
import dev.ingest.internal.batch.Rows;
import dev.ingest.internal.deadletter.DeadLetter;
import dev.ingest.internal.deadletter.DeadLetters;
import dev.ingest.internal.deliver.ReplayedRecords;
import dev.ingest.internal.ledger.Ledger;
import dev.ingest.internal.ledger.Levels;
import dev.ingest.policy.Spooling;
import dev.ingest.record.Schema;
import dev.ingest.stats.DropReason;
import dev.ingest.stats.IngestStats;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;
import org.junit.jupiter.api.Assertions;

/**
 * What a server finds after a crash: all of it is replayed, and the account of that must balance.
 *
 * @param sink what is stored then
 * @param stats the account
 */
record Survivors(ModelSink sink, IngestStats stats) {
  private static final int BATCH_SIZE = 5;

  /** Dead letters that are only counted. */
  static final DeadLetters LETTERS =
      new DeadLetters() {
        @Override
        public Optional<DropReason> write(DeadLetter letter) {
          return Optional.empty();
        }

        @Override
        public void addRejected(DeadLetter letter) {}

        @Override
        public void flush() {}

        @Override
        public int unwritten() {
          return 0;
        }

        @Override
        public void close() {}
      };

  /**
   * Recovers all that is on a disk.
   *
   * @param schema that of the records
   * @param sink is asked what is stored, and stores the rest
   */
  static Survivors of(SimulatedDisk disk, Spooling spooling, Schema schema, ModelSink sink)
      throws IOException {
    Ledger ledger = new Ledger();
    Spool.Failures failures =
        new Spool.Failures(Assertions::fail, lines -> Assertions.fail(lines + " not journaled"));
    try (Spool spool = Spool.open(disk, spooling, 1, failures)) {
      ledger.recovered(spool.unsettled(), spool.tornLines());
      for (String segment : spool.recoveredSegments()) {
        ledger.alreadyStored(spool.settleStored(segment, sink.stored(segment)));
      }
      replay(spool, schema, ledger, sink);
      assertFalse(spool.hasPending());
      assertEquals(0, spool.unsettled());
      spool.takeRemoved().forEach(sink::forget);
    }
    IngestStats stats = ledger.snapshot(new Levels(OptionalLong.empty(), 10, 0, 0));
    assertTrue(stats.records().isBalanced(), stats::toString);
    assertEquals(0, stats.records().queued() + stats.records().spooled(), stats::toString);
    assertEquals(List.of(), disk.list(), "all is settled");
    return new Survivors(sink, stats);
  }

  private static void replay(Spool spool, Schema schema, Ledger ledger, ModelSink sink)
      throws IOException {
    if (!spool.hasPending()) {
      return;
    }
    try (ReplayedRecords replay = new ReplayedRecords(spool, schema, BATCH_SIZE, ledger, LETTERS)) {
      Batch batch;
      while ((batch = replay.next()) != null) {
        Rows rows = batch.all();
        sink.write(rows);
        ledger.persisted(rows.size(), 1_000);
        spool.settle(rows);
        replay.advance(rows.size());
      }
    }
  }

  /**
   * Returns how many records are accounted for without being stored.
   *
   * @param flippedBits two of these may make one line of two at the end of a segment: in the
   *     newline, and in the line before it
   */
  long accounted(int flippedBits) {
    IngestStats.Records records = stats.records();
    return records.deadLettered() + records.dropped() + stats.tornLines() + flippedBits / 2;
  }

  @Override
  public String toString() {
    return "dead letters "
        + stats.records().deadLettered()
        + ", dropped "
        + new TreeMap<>(stats.records().droppedByReason())
        + ", torn "
        + stats.tornLines();
  }
}
