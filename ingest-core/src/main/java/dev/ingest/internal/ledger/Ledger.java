package dev.ingest.internal.ledger;

import dev.ingest.record.DropReason;
import dev.ingest.record.RejectReason;
import java.util.EnumMap;
import java.util.Map;

/**
 * Counts every datagram and every record exactly once. A record is in one account at a time: it
 * enters the queue when it is decoded, or the spool when it is found there, goes from one of them
 * to the other and back, and leaves for the account that says what became of it. Each change is one
 * step under the lock, so in every snapshot the accounts add up.
 *
 * <p>{@link #close} moves what is still in the queue to the lost ones and ends the book: a sink
 * that hangs and returns later changes nothing any more.
 */
public final class Ledger {
  private final EnumMap<RejectReason, Long> rejected = new EnumMap<>(RejectReason.class);
  private final EnumMap<DropReason, Long> dropped = new EnumMap<>(DropReason.class);
  private long datagramsReceived;
  private long datagramsDecoded;
  private long datagramsIgnored;
  private long recordsDecoded;
  private long recovered;
  private long persisted;
  private long deadLettered;
  private long queued;
  private long spooled;
  private long lost;
  private long notJournaled;
  private long tornLines;
  private boolean closed;

  /** A copy of all accounts at one moment. The maps hold the reasons that occurred. */
  public record Snapshot(
      long datagramsReceived,
      long datagramsDecoded,
      Map<RejectReason, Long> rejected,
      long datagramsIgnored,
      long recordsDecoded,
      long recovered,
      long persisted,
      long deadLettered,
      Map<DropReason, Long> dropped,
      long queued,
      long spooled,
      long lost,
      long notJournaled,
      long tornLines) {}

  /** Datagrams were decoded, and their records are in the queue. */
  public synchronized void decoded(int datagrams, int records) {
    if (!closed) {
      datagramsReceived += datagrams;
      datagramsDecoded += datagrams;
      recordsDecoded += records;
      queued += records;
    }
  }

  /** A datagram was decoded, and its records are dropped, since the queue has no room for them. */
  public synchronized void decodedAndDropped(DropReason reason, int records) {
    decoded(1, records);
    dropped(reason, records);
  }

  /** Datagrams, if any, were rejected. */
  public synchronized void rejected(RejectReason reason, int datagrams) {
    if (!closed && datagrams > 0) {
      datagramsReceived += datagrams;
      rejected.merge(reason, (long) datagrams, Long::sum);
    }
  }

  /** Datagrams, if any, were ignored by the source filter. */
  public synchronized void ignored(int datagrams) {
    if (!closed && datagrams > 0) {
      datagramsReceived += datagrams;
      datagramsIgnored += datagrams;
    }
  }

  /** Records of the queue were stored. */
  public synchronized void persisted(int records) {
    if (!closed) {
      queued -= records;
      persisted += records;
    }
  }

  /** A record of the queue was written to the dead-letter file. */
  public synchronized void deadLettered() {
    if (!closed) {
      queued--;
      deadLettered++;
    }
  }

  /** Records of the queue were dropped. */
  public synchronized void dropped(DropReason reason, int records) {
    if (!closed) {
      queued -= records;
      dropped.merge(reason, (long) records, Long::sum);
    }
  }

  /** Earlier runs left records in the spool, and lines that a crash had torn. */
  public synchronized void recovered(long records, long torn) {
    if (!closed) {
      recovered += records;
      spooled += records;
      tornLines += torn;
    }
  }

  /** The sink had stored recovered records before, in a run that ended before it could say so. */
  public synchronized void recoveredInVain(long records) {
    recovered(-records, 0);
  }

  /** Records of the queue went to the spool. */
  public synchronized void spooled(int records) {
    if (!closed) {
      queued -= records;
      spooled += records;
    }
  }

  /** Records of the spool are on their way to the sink, as if queued. */
  public synchronized void replayed(int records) {
    spooled(-records);
  }

  /** Records were queued without being in the journal, which failed. */
  public synchronized void notJournaled(int records) {
    if (!closed) {
      notJournaled += records;
    }
  }

  /** Ends the book: what is still in the queue is lost. */
  public synchronized void close() {
    if (!closed) {
      closed = true;
      lost = queued;
      queued = 0;
    }
  }

  /** All accounts as they are now. */
  public synchronized Snapshot snapshot() {
    return new Snapshot(
        datagramsReceived,
        datagramsDecoded,
        Map.copyOf(rejected),
        datagramsIgnored,
        recordsDecoded,
        recovered,
        persisted,
        deadLettered,
        Map.copyOf(dropped),
        queued,
        spooled,
        lost,
        notJournaled,
        tornLines);
  }
}
