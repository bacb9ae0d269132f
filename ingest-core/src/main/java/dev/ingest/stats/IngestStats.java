package dev.ingest.stats;

import java.util.Map;
import java.util.OptionalLong;

/**
 * What became of every message and every record, counted since the server's start: one consistent
 * snapshot, in which these laws hold at any time:
 *
 * <ul>
 *   <li><b>L1</b> of {@link #messages()}: {@code received = decoded + rejected + ignored}
 *   <li><b>L2</b> of {@link #records()}: {@code decoded + recovered = persisted + deadLettered +
 *       dropped + queued + spooled + lost}
 *   <li><b>L3</b> What the kernel dropped before the server could receive it is none of these, and
 *       is counted beside them, as {@link #kernelDrops()}.
 *   <li><b>L4</b> What a filter, a signature or a rate refuses is ignored: counted by its reason in
 *       {@link Messages#ignoredByReason()}, and never written to the dead-letter file.
 *   <li><b>L5</b> of {@link #connections()}: {@code accepted = open + closed}
 * </ul>
 *
 * <p>Immutable. Servers make it; later versions may add methods, so that other code should not
 * implement it.
 */
public interface IngestStats {
  /**
   * Returns the account of messages. A datagram is a message, and on a stream a line is.
   *
   * @return L1's account
   */
  Messages messages();

  /**
   * Returns the account of records.
   *
   * @return L2's account
   */
  Records records();

  /**
   * Returns the account of connections to sources that are streams.
   *
   * @return L5's account
   */
  Connections connections();

  /**
   * Returns what the sink's calls came to and how long its writes took.
   *
   * @return counts and times
   */
  WriteStats writes();

  /**
   * Returns the level of the queue, beside {@link Records#queued()}.
   *
   * @return capacity and age
   */
  QueueStats queue();

  /**
   * Returns how many bytes of records the files in the spool's directory hold. Those of records
   * that were stored count until all of their file were, and it is removed.
   *
   * @return bytes, 0 or more; 0 without a spool and before the start
   */
  long spoolBytes();

  /**
   * Returns how many datagrams the kernel dropped because a socket's buffer was full, by its own
   * counter. While the server runs this may be up to a second old, since reading the counter takes
   * longer than everything else here; after the close it is exact.
   *
   * @return the sum over all sockets; empty where the kernel does not tell (other systems than
   *     Linux, or before the start)
   */
  OptionalLong kernelDrops();

  /**
   * Returns how many records the journal did not have before they were stored: those that were
   * queued while it could not be written, and those that could not be synced to disk, unless {@link
   * dev.ingest.policy.JournalSync#NEVER} is set, nor written to a new file. {@link #records()}
   * counts what became of them.
   *
   * @return 0 or more
   */
  long notJournaled();

  /**
   * Returns how many lines in the spool a crash of an earlier run had torn. They are cut off, and
   * in no account. With a journal, if only the process crashed, that run had not counted their
   * records as decoded; otherwise it may have.
   *
   * @return 0 or more
   */
  long tornLines();

  /**
   * Returns how many dead letters were removed, the oldest first, because the file had reached its
   * limit: those of messages and of records, and those that earlier runs had left. The records of
   * this run among them are {@linkplain DropReason#DEAD_LETTER_REMOVED dropped}, and no longer
   * dead-lettered.
   *
   * @return 0 or more
   */
  long deadLettersRemoved();

  /**
   * Returns for how many rejected messages and records no dead letter was kept though there is a
   * dead-letter file: because their share of it was full, or because it could not be written, which
   * is logged. Empty messages have none, and are not counted here.
   *
   * @return 0 or more
   */
  long deadLettersNotKept();

  /** What became of every message that was received. */
  interface Messages {
    /**
     * Returns how many messages were received and dealt with in one way or another.
     *
     * @return 0 or more
     */
    long received();

    /**
     * Returns how many messages were decoded, at least in part. {@link #records()} counts what
     * became of their records.
     *
     * @return 0 or more
     */
    long decoded();

    /**
     * Returns how many messages were rejected, by reason.
     *
     * @return an immutable map without the reasons that did not occur
     */
    Map<RejectReason, Long> rejectedByReason();

    /**
     * Returns how many messages were ignored because of who sent them or how much, by reason.
     *
     * @return an immutable map without the reasons that did not occur
     */
    Map<IgnoreReason, Long> ignoredByReason();

    /**
     * Returns how many messages were ignored.
     *
     * @return the sum over all reasons
     */
    default long ignored() {
      return sum(ignoredByReason());
    }

    /**
     * Returns how many messages were rejected.
     *
     * @return the sum over all reasons
     */
    default long rejected() {
      return sum(rejectedByReason());
    }

    /**
     * Tells whether L1 holds.
     *
     * @return true in every snapshot of a server
     */
    default boolean isBalanced() {
      return received() == decoded() + rejected() + ignored();
    }
  }

  /** What became of every record. */
  interface Records {
    /**
     * Returns how many records the decoded messages held. If there is a journal, they were in it
     * before they were counted.
     *
     * @return 0 or more
     */
    long decoded();

    /**
     * Returns how many records earlier runs had left in the spool, to be replayed by this one.
     *
     * @return 0 or more
     */
    long recovered();

    /**
     * Returns for how many records the sink's {@code write} returned normally.
     *
     * @return 0 or more
     */
    long persisted();

    /**
     * Returns how many records are in the dead-letter file, or in the one of the same name with
     * {@code .1}: those that the sink refused for good, and the lines of the spool that could not
     * be read as records of the schema. Without a dead-letter file such lines are in {@code
     * unreadable.ndjson} in the spool's directory.
     *
     * @return 0 or more
     */
    long deadLettered();

    /**
     * Returns how many records were dropped, by reason.
     *
     * @return an immutable map without the reasons that did not occur
     */
    Map<DropReason, Long> droppedByReason();

    /**
     * Returns how many records wait in memory, or are being written.
     *
     * @return 0 or more
     */
    long queued();

    /**
     * Returns how many records are in the spool and nowhere else: they wait to be replayed, by this
     * run or the next.
     *
     * @return 0 or more
     */
    long spooled();

    /**
     * Returns how many records could not be written within the drain timeout when the server was
     * closed, and are not in the spool.
     *
     * @return 0 or more; 0 until the close
     */
    long lost();

    /**
     * Returns how many records were rejected by themselves, out of messages of which other records
     * were decoded, by reason. They are in no other account. There are such records on streams, and
     * with {@link dev.ingest.policy.RejectUnit#RECORD}.
     *
     * @return an immutable map without the reasons that did not occur
     */
    Map<RejectReason, Long> rejectedByReason();

    /**
     * Returns how many records were rejected by themselves.
     *
     * @return the sum over all reasons
     */
    default long rejected() {
      return sum(rejectedByReason());
    }

    /**
     * Returns how many records were dropped.
     *
     * @return the sum over all reasons
     */
    default long dropped() {
      return sum(droppedByReason());
    }

    /**
     * Tells whether L2 holds.
     *
     * @return true in every snapshot of a server
     */
    default boolean isBalanced() {
      return decoded() + recovered()
          == persisted() + deadLettered() + dropped() + queued() + spooled() + lost();
    }
  }

  /** What became of every connection. */
  interface Connections {
    /**
     * Returns how many connections were accepted, those included that were closed at once.
     *
     * @return 0 or more
     */
    long accepted();

    /**
     * Returns how many connections are open.
     *
     * @return 0 or more
     */
    long open();

    /**
     * Returns how many connections were closed, by reason.
     *
     * @return an immutable map without the reasons that did not occur
     */
    Map<DisconnectReason, Long> closedByReason();

    /**
     * Returns how many connections were closed.
     *
     * @return the sum over all reasons
     */
    default long closed() {
      return sum(closedByReason());
    }

    /**
     * Tells whether L5 holds.
     *
     * @return true in every snapshot of a server
     */
    default boolean isBalanced() {
      return accepted() == open() + closed();
    }
  }

  private static long sum(Map<?, Long> counts) {
    long sum = 0;
    for (long count : counts.values()) {
      sum += count;
    }
    return sum;
  }
}
