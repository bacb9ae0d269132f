package dev.ingest.internal.intake;

import dev.ingest.internal.batch.Batch;
import dev.ingest.internal.batch.BatchQueue;
import dev.ingest.internal.custody.ReceiverCustody;
import dev.ingest.internal.jfr.Overflows;
import dev.ingest.internal.log.Log;
import dev.ingest.internal.log.RateLimitedLog;
import dev.ingest.policy.OverflowPolicy;
import java.lang.System.Logger.Level;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The batch that a receiver fills, and when it is handed over to the writer: when it is full, and
 * otherwise as soon as no batch waits and the last hand-over is the linger ago. So a lone message
 * is handed over at once, a steady stream in a batch for each linger, and a flood in full batches.
 * While a batch waits, this one would only wait behind it, and grows instead.
 *
 * <p>When neither the batch nor the queue has room, the {@link OverflowPolicy} finds some. Each
 * receiver has its own accumulator, which only its thread uses.
 */
public final class BatchAccumulator {
  /** How long an idle receiver waits before it looks again whether the writer has caught up. */
  private static final long WRITER_BUSY_MILLIS = 20;

  /** How long to wait for room at most, before the spool is tried again. */
  private static final long ROOM_NANOS = TimeUnit.SECONDS.toNanos(1);

  private final BatchQueue queue;
  private final ReceiverCustody custody;
  private final OverflowPolicy overflow;
  private final long lingerNanos;
  private final Overflows overflows;
  private final FlushAnswers flushes;
  private final RateLimitedLog dropLog =
      new RateLimitedLog(Log.of("dev.ingest.receive"), Level.WARNING);

  private Batch batch;
  private int limit;
  private long lastHandOver;

  /** When the first record of the batch was counted. */
  private long since;

  /** For messages whose records go no further; made when it is first needed. */
  private @Nullable Batch spare;

  /** Whether what goes no further is lost with the queue, and not dropped by the policy. */
  private boolean spareIsLost;

  // What was added and is neither counted nor in the journal yet.
  private int messages;
  private int records;

  /**
   * Makes an accumulator with an empty batch.
   *
   * @param overflow may be {@link OverflowPolicy#SPOOL} if there is a spool
   * @param linger how much time is between two batches that are not full
   * @param receiver the number from 0 under which it answers flushes
   */
  public BatchAccumulator(
      BatchQueue queue,
      ReceiverCustody custody,
      OverflowPolicy overflow,
      Duration linger,
      FlushRequests flushes,
      int receiver) {
    this.queue = queue;
    this.custody = custody;
    this.overflow = overflow;
    this.lingerNanos = linger.toNanos();
    this.lastHandOver = System.nanoTime() - lingerNanos;
    this.overflows = new Overflows(overflow);
    this.flushes = new FlushAnswers(flushes, receiver);
    this.batch = queue.spare();
  }

  /** Returns the batch that takes the next message. Blocks if that is the overflow policy. */
  Batch room() {
    if (hasRoom() || makeRoom()) {
      return batch;
    }
    overflows.begin();
    if (queue.isAbandoned()) {
      return afterAbandon();
    }
    return switch (overflow) {
      case BLOCK, SPOOL -> awaitRoom();
      case DROP_NEWEST -> spare();
      case DROP_OLDEST -> dropOldest();
    };
  }

  /** Tells whether nobody makes room any more. */
  boolean isAbandoned() {
    return queue.isAbandoned();
  }

  /** Returns the batch, whether it has room or not. */
  Batch batch() {
    return batch;
  }

  /**
   * Returns how many rows {@link #batch} takes without further ado, if they come as so many bytes
   * at most.
   */
  int roomFor(int bytes) {
    return Math.min(limit - batch.rows(), batch.roomFor(bytes));
  }

  private boolean hasRoom() {
    return roomFor(0) > 0;
  }

  /** Finds out how much room there is by now, and hands a full batch over. */
  private boolean makeRoom() {
    limit = limit();
    boolean hadRoom = hasRoom();
    if (hadRoom) {
      overflows.end();
    }
    return hadRoom || (batch.rows() > 0 && handOver() && hasRoom());
  }

  /** A batch that can also go to the spool is filled whether the queue has room for it or not. */
  private int limit() {
    return overflow == OverflowPolicy.SPOOL ? queue.batchSize() : queue.room();
  }

  private Batch awaitRoom() {
    while (!queue.isAbandoned()) {
      long seen = queue.recycles();
      if (makeRoom() || (overflow == OverflowPolicy.SPOOL && defer())) {
        return batch;
      }
      flush();
      queue.awaitRecycle(seen, ROOM_NANOS);
    }
    return afterAbandon();
  }

  /** Once the queue is abandoned nobody makes room any more: only the spool is left, if any. */
  private Batch afterAbandon() {
    if (defer()) {
      return batch;
    }
    Batch lost = spare();
    spareIsLost = true;
    return lost;
  }

  private Batch dropOldest() {
    while (!makeRoom()) {
      if (queue.isAbandoned()) {
        return afterAbandon();
      }
      Batch oldest = queue.evict();
      if (oldest != null) {
        drop(oldest);
        queue.recycle(oldest);
      } else if (batch.rows() > 0) {
        flush();
        drop(batch);
        batch.clear();
        flushes.answer();
      } else {
        return spare();
      }
    }
    return batch;
  }

  private void drop(Batch dropped) {
    custody.dropped(dropped);
    logDropped(dropped.rows());
  }

  /**
   * Has the batch replayed from the spool later; false if it cannot be written there. A disk that
   * does not answer leaves that to the closing thread.
   */
  private boolean defer() {
    flush();
    if (custody.deferred(batch)) {
      overflows.spooled(batch.rows());
      batch.clear();
      limit = limit();
      queue.nudge();
      flushes.answer();
      return true;
    }
    if (custody.hasGivenUp()) {
      put();
      batch = queue.spare();
      limit = queue.batchSize(); // bounded by what the source still has
      return true;
    }
    return false;
  }

  private Batch spare() {
    if (spare == null) {
      spare = queue.spare();
    }
    spareIsLost = false;
    return spare;
  }

  /**
   * Commits the rows of a message that was decoded into what {@link #room} returned. If that was
   * the spare batch, the rows are counted, and go no further.
   */
  void add(Batch in, SocketAddress sender, long receivedAt, int messageEnd) {
    int count = in.uncommitted();
    if (in == batch) {
      batch.commit(sender, receivedAt, messageEnd);
      messages++;
      records += count;
      return;
    }
    in.clear();
    if (spareIsLost) {
      custody.decodedAndLost(count);
    } else {
      logDropped(count);
      custody.decodedAndDropped(count);
    }
  }

  /**
   * Commits the rows of messages of one record each that were decoded into {@link #batch}.
   *
   * @param first the index in {@code senders} of the first of them
   */
  void addEach(@Nullable SocketAddress[] senders, int first, long receivedAt, int messagesEnd) {
    int count = batch.uncommitted();
    batch.commitEach(senders, first, receivedAt, messagesEnd);
    messages += count;
    records += count;
  }

  /**
   * Counts what was added, after it was written to the journal if there is one. No crash of the
   * process can take away what is counted then.
   */
  void flush() {
    if (messages > 0) {
      int newMessages = messages;
      int newRecords = records;
      if (newRecords == batch.rows()) {
        since = System.nanoTime();
      }
      messages = 0;
      records = 0;
      custody.decoded(batch, newMessages, newRecords);
      if (custody.isInDoubt(batch)) {
        batch = queue.spare();
      }
    }
  }

  /**
   * Hands over what was in a batch before the message that was just decoded into it, if that
   * overfills the batch, and if a new batch can be had at once.
   *
   * @return true if the message is to be decoded again, into what {@link #batch} returns
   */
  boolean handOverBefore(Batch in) {
    return in == batch && batch.rows() > 0 && batch.isOverfull() && handOver();
  }

  /** Returns how far the receiver is with flushes. */
  FlushAnswers flushes() {
    return flushes;
  }

  /**
   * Hands the batch over if it is due, which it is at once if a flush waits for it.
   *
   * @return how many milliseconds an idle receiver may wait before it asks again; 0 for no limit
   */
  long handOverIfDue() {
    if (batch.rows() == 0) {
      flushes.answer();
      return 0;
    }
    if (!flushes.isAwaited()) {
      if (!queue.isEmpty()) {
        return WRITER_BUSY_MILLIS;
      }
      long early = lastHandOver + lingerNanos - System.nanoTime();
      if (early > 0) {
        return TimeUnit.NANOSECONDS.toMillis(early) + 1;
      }
    }
    return handOver() ? 0 : WRITER_BUSY_MILLIS;
  }

  private boolean handOver() {
    if (overflow == OverflowPolicy.SPOOL && !queue.fits(batch.rows())) {
      return false;
    }
    Batch next = queue.free();
    if (next == null) {
      return false;
    }
    batch.rollback();
    flush();
    put();
    batch = next;
    limit = limit();
    lastHandOver = System.nanoTime();
    flushes.answer();
    overflows.end();
    return true;
  }

  private void put() {
    custody.handedOver();
    if (batch.rows() > 0 && !custody.isInDoubt(batch)) {
      queue.put(batch, since);
    }
  }

  /** Hands over what there is, and tells the queue that no more comes from this receiver. */
  void finish() {
    batch.rollback();
    overflows.end();
    try {
      flush();
    } finally { // even if the server fails
      put();
      queue.receiverEnded();
    }
  }

  private void logDropped(int count) {
    overflows.dropped(count);
    dropLog.events(
        count,
        () ->
            "the queue is full and the overflow policy drops records: the sink is slower than what"
                + " arrives; raise queueCapacity() or make the sink faster");
  }
}
