package dev.ingest.internal.ledger;

import dev.ingest.stats.DisconnectReason;
import dev.ingest.stats.DropReason;
import dev.ingest.stats.IgnoreReason;
import dev.ingest.stats.IngestStats;
import dev.ingest.stats.QueueStats;
import dev.ingest.stats.RejectReason;
import dev.ingest.stats.WriteStats;
import java.time.Duration;
import java.util.Map;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * Counts every message and every record exactly once. A record is in one account at a time: it
 * enters the queue when it is decoded, or the spool when it is found there, goes from one of them
 * to the other and back, and leaves for the account that tells what became of it. Each change is
 * one step under the lock, so in every snapshot the accounts add up.
 *
 * <p>{@link #close} moves what is still in the queue to the lost ones and ends the book: a sink
 * that hangs and returns later changes nothing any more.
 */
public final class Ledger {
  private final Counts<RejectReason> rejected = new Counts<>(RejectReason.class);
  private final Counts<IgnoreReason> ignored = new Counts<>(IgnoreReason.class);
  private final Counts<DropReason> dropped = new Counts<>(DropReason.class);
  private final Counts<RejectReason> recordsRejected = new Counts<>(RejectReason.class);
  private final Counts<DisconnectReason> disconnected = new Counts<>(DisconnectReason.class);
  private final WriteTimes writes = new WriteTimes(System::nanoTime);
  private long connectionsAccepted;
  private long connectionsOpen;
  private long messagesReceived;
  private long messagesDecoded;
  private long recordsDecoded;
  private long recovered;
  private long persisted;
  private long deadLettered;
  private long queued;
  private long spooled;
  private long lost;
  private long notJournaled;
  private long tornLines;
  private long deadLettersRemoved;
  private long deadLettersNotKept;
  private boolean closed;

  private record Snapshot(
      MessageAccount messages,
      RecordAccount records,
      ConnectionAccount connections,
      WriteStats writes,
      QueueStats queue,
      long spoolBytes,
      OptionalLong kernelDrops,
      long notJournaled,
      long tornLines,
      long deadLettersRemoved,
      long deadLettersNotKept)
      implements IngestStats {}

  private record MessageAccount(
      long received,
      long decoded,
      Map<RejectReason, Long> rejectedByReason,
      Map<IgnoreReason, Long> ignoredByReason)
      implements IngestStats.Messages {}

  private record RecordAccount(
      long decoded,
      long recovered,
      long persisted,
      long deadLettered,
      Map<DropReason, Long> droppedByReason,
      long queued,
      long spooled,
      long lost,
      Map<RejectReason, Long> rejectedByReason)
      implements IngestStats.Records {}

  private record ConnectionAccount(
      long accepted, long open, Map<DisconnectReason, Long> closedByReason)
      implements IngestStats.Connections {}

  private record QueueLevel(long capacity, Duration oldestAge) implements QueueStats {}

  /** Counts a connection that was accepted. */
  public synchronized void connected() {
    if (!closed) {
      connectionsAccepted++;
      connectionsOpen++;
    }
  }

  /** Counts a connection that was closed. */
  public synchronized void disconnected(DisconnectReason reason) {
    if (!closed) {
      connectionsOpen--;
      disconnected.add(reason, 1);
    }
  }

  /** Counts messages that were decoded, and whose records are in the queue. */
  public synchronized void decoded(int messages, int records) {
    if (!closed) {
      messagesReceived += messages;
      messagesDecoded += messages;
      recordsDecoded += records;
      queued += records;
    }
  }

  /** Counts a message that was decoded, and whose records are dropped. */
  public synchronized void decodedAndDropped(DropReason reason, int records) {
    decoded(1, records);
    dropped(reason, records);
  }

  /** Counts messages that were rejected, if there are any. */
  public synchronized void rejected(RejectReason reason, int messages) {
    if (!closed && messages > 0) {
      messagesReceived += messages;
      rejected.add(reason, messages);
    }
  }

  /** Counts records that were rejected by themselves, out of messages that were decoded. */
  public synchronized void recordsRejected(RejectReason reason, int records) {
    if (!closed) {
      recordsRejected.add(reason, records);
    }
  }

  /** Counts messages that were ignored. */
  public synchronized void ignored(IgnoreReason reason, int messages) {
    if (!closed) {
      messagesReceived += messages;
      ignored.add(reason, messages);
    }
  }

  /** Counts records of the queue that were stored by one write, which took that time. */
  public synchronized void persisted(int records, long nanos) {
    if (!closed) {
      queued -= records;
      persisted += records;
      writes.written(nanos);
    }
  }

  /** Counts a call of the sink that is to open or to write, by what it threw; null if nothing. */
  public synchronized void sinkCalled(@Nullable Throwable failure) {
    if (!closed && failure != null) {
      writes.failed();
    } else if (!closed) {
      writes.succeeded();
    }
  }

  /** Counts records of the queue that were written to the dead-letter file. */
  public synchronized void deadLettered(int records) {
    if (!closed) {
      queued -= records;
      deadLettered += records;
    }
  }

  /** Counts records of the queue that were dropped, if there are any. */
  public synchronized void dropped(DropReason reason, int records) {
    if (!closed && records > 0) {
      queued -= records;
      dropped.add(reason, records);
    }
  }

  /** Counts records that earlier runs left in the spool, and lines that a crash had torn. */
  public synchronized void recovered(long records, long torn) {
    if (!closed) {
      recovered += records;
      spooled += records;
      tornLines += torn;
    }
  }

  /** Takes recovered records back that the sink had stored before the crash of an earlier run. */
  public synchronized void alreadyStored(long records) {
    recovered(-records, 0);
  }

  /** Counts records of the queue that went to the spool. */
  public synchronized void spooled(int records) {
    if (!closed) {
      queued -= records;
      spooled += records;
    }
  }

  /** Counts records of the spool that are on their way to the sink, as if queued. */
  public synchronized void replayed(int records) {
    spooled(-records);
  }

  /** Counts records that were queued without being in the journal, which failed. */
  public synchronized void notJournaled(int records) {
    if (!closed) {
      notJournaled += records;
    }
  }

  /**
   * Counts dead letters that were removed to make room for others.
   *
   * @param letters how many
   * @param records how many of them are of records that were counted as dead-lettered: these are
   *     dropped now
   */
  public synchronized void deadLettersRemoved(long letters, long records) {
    if (!closed) {
      deadLettersRemoved += letters;
      if (records > 0) {
        deadLettered -= records;
        dropped.add(DropReason.DEAD_LETTER_REMOVED, records);
      }
    }
  }

  /** Counts rejected messages whose dead letters were not kept. */
  public synchronized void deadLettersNotKept(int letters) {
    if (!closed) {
      deadLettersNotKept += letters;
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

  /**
   * Returns all accounts as they are now.
   *
   * @param levels what stands beside them
   */
  public synchronized IngestStats snapshot(Levels levels) {
    long oldestNanos = queued == 0 ? 0 : levels.oldestNanos();
    return new Snapshot(
        new MessageAccount(messagesReceived, messagesDecoded, rejected.copy(), ignored.copy()),
        new RecordAccount(
            recordsDecoded,
            recovered,
            persisted,
            deadLettered,
            dropped.copy(),
            queued,
            spooled,
            lost,
            recordsRejected.copy()),
        new ConnectionAccount(connectionsAccepted, connectionsOpen, disconnected.copy()),
        writes.snapshot(),
        new QueueLevel(levels.queueCapacity(), Duration.ofNanos(oldestNanos)),
        levels.spoolBytes(),
        levels.kernelDrops(),
        notJournaled,
        tornLines,
        deadLettersRemoved,
        deadLettersNotKept);
  }
}
