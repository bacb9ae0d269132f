package dev.ingest.internal.deliver;

import dev.ingest.internal.batch.Batch;
import dev.ingest.internal.batch.BatchQueue;
import dev.ingest.internal.custody.Custody;
import dev.ingest.internal.deadletter.DeadLetterFile;
import dev.ingest.internal.deadletter.DeadLetters;
import dev.ingest.internal.json.JsonDecoder;
import dev.ingest.internal.ledger.Ledger;
import dev.ingest.internal.spool.Spool;
import dev.ingest.record.Schema;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** Reads a spool back as the writer does, without a sink. */
public final class ReplayedRecords implements AutoCloseable {
  private static final long LETTER_LIMIT = 1 << 20;

  private final Ledger ledger;
  private final UnreadableLines unreadable;
  private final PendingRecords pending;

  /** Makes a reader of batches of so many rows at most. */
  public ReplayedRecords(Spool spool, Schema schema, int batchSize, Ledger ledger) {
    this(spool, schema, batchSize, ledger, DeadLetters.NONE);
  }

  /** Makes a reader of batches of so many rows at most, and a place for what is unreadable. */
  public ReplayedRecords(
      Spool spool, Schema schema, int batchSize, Ledger ledger, DeadLetters deadLetters) {
    this.ledger = ledger;
    Custody custody = new Custody(ledger, spool, 1, failure -> {});
    unreadable =
        new UnreadableLines(
            custody, deadLetters, file -> DeadLetterFile.open(file, LETTER_LIMIT, ledger));
    BatchQueue queue = new BatchQueue(schema, batchSize, batchSize, 1);
    pending = new PendingRecords(custody, new JsonDecoder(schema), unreadable, queue);
  }

  /** Reads the next batch; null if nothing is pending. */
  public @Nullable Batch next() throws IOException {
    Batch batch = pending.next();
    if (batch != null) {
      ledger.replayed(batch.rows());
    }
    return batch;
  }

  /** Moves on past rows that are settled. */
  public void advance(int settled) {
    pending.advance(settled);
  }

  @Override
  public void close() throws IOException {
    unreadable.close();
  }
}
