package dev.ingest.sink;

import dev.ingest.record.RecordBatch;
import dev.ingest.record.Schema;
import java.util.BitSet;

/**
 * Stores records. The contract, whose rules the test kit {@code dev.ingest.testkit.SinkContract}
 * checks by number:
 *
 * <ul>
 *   <li><b>S1</b> {@link #open} is called once, on the writer thread, before the first {@link
 *       #write}. An {@code open} that throws leaves nothing behind (no handle, lock or thread) and
 *       fails the server's {@code start()}; the sink is not called again, unless the server is set
 *       to start without its sink: then {@code open} is called again after a pause.
 *   <li><b>S2</b> There is one caller at a time, and it is always the same thread, the server's
 *       writer.
 *   <li><b>S3</b> A batch is never empty and is valid only during the call.
 *   <li><b>S4</b> A normal return of {@code write} means that every row is stored, as durably as
 *       the sink promises.
 *   <li><b>S5</b> A throw means that no row is stored, or that writing the same rows again does no
 *       harm.
 *   <li><b>S6</b> {@link SinkException#isRetryable()} tells whether a retry may help. Any other
 *       exception counts as retryable, an {@link Error} does not.
 *   <li><b>S7</b> When a batch fails for good, the caller halves it until the bad records stand
 *       alone. They go to the dead letters with the reason; all others are stored.
 *   <li><b>S8</b> An interrupt of the writer thread asks the sink to stop promptly. The sink keeps
 *       the interrupt flag set, or throws {@link InterruptedException}.
 *   <li><b>S9</b> {@link #close} is called once, after the last {@code write}, also after one that
 *       threw.
 *   <li><b>S10</b> A sink may remember the {@linkplain RecordBatch#position positions} of the
 *       records that it stores, in the same transaction. What {@link #stored} returns for a segment
 *       is then exactly what is stored of it, also after a crash, until {@link #forget} is called.
 *       So every record that had been in the journal is stored exactly once.
 *   <li><b>S11</b> In a sink that remembers positions, no failure leads to a record that is stored
 *       twice. The outcome of a write may be unknown to the sink: the connection broke during the
 *       commit, or the sink gave the call up while the store goes on with it, and may commit it
 *       later. Before it writes again, such a sink finds out what is stored, and makes sure that
 *       nothing of an earlier write is committed after that. The batch that comes next need not be
 *       the one that failed: it may begin on the same line and be longer, be a part of it, or come
 *       to another sink on the same store after a crash. The sink leaves out, line by line, what is
 *       stored, and stores the rest.
 * </ul>
 *
 * <p>A lambda is enough for a sink that has nothing to open or close.
 */
@FunctionalInterface
public interface Sink {
  /**
   * Makes a sink that hands each batch over as Java records.
   *
   * <pre>{@code
   * record Reading(long sensor, double temperature) {}
   *
   * IngestServer.builder()
   *     .schema(Schema.of(Reading.class))
   *     .sink(Sink.ofRecords(Reading.class, (List<Reading> readings) -> store(readings)))
   * }</pre>
   *
   * <p>The server's schema is that of {@link Schema#of(Class)}, or any that has a field of the same
   * name, type and origin for each component, and is optional only where the component is. If it is
   * not, {@link #open} fails for good.
   *
   * <p>If a record of a batch cannot be made, nothing of the batch is handed over, and the sink
   * refuses the batch for good, so that the others are stored without it (S7). That is so for a
   * number that does not fit an {@code int}, {@code short}, {@code byte} or {@code float}, which
   * otherwise is rounded to the nearest one; for a text that is no constant of an enum; for a
   * sender without an {@link java.net.InetSocketAddress}; and for what the record's constructor
   * throws an exception for.
   *
   * <p>The sink does not remember positions (S10): after a crash, the records of the last batch may
   * be handed over again.
   *
   * @param <R> the record
   * @param type the record, of at most 250 components, where a {@code long} and a {@code double}
   *     count twice
   * @param consumer what stores the records
   * @return the sink
   * @throws IllegalArgumentException if {@link Schema#of(Class)} refuses the record, if it has too
   *     many components, or if its module neither exports it as a public one nor opens its package
   *     to {@code dev.ingest.core}
   */
  static <R extends Record> Sink ofRecords(Class<R> type, RecordConsumer<R> consumer) {
    return new RecordSink<>(type, consumer);
  }

  /**
   * Prepares for writing. May block; the server's {@code start()} waits for it.
   *
   * @param schema what every batch will look like
   * @throws Exception if the sink cannot take records: {@code start()} fails with a {@link
   *     SinkException}, this one or one that has this one as its cause
   */
  default void open(Schema schema) throws Exception {}

  /**
   * Stores every row of the batch. May block: receiving goes on meanwhile.
   *
   * @param batch the records; not to be kept after the return
   * @throws SinkException if no row was stored; it tells whether a retry may help
   * @throws Exception if no row was stored and a retry may help
   */
  void write(RecordBatch batch) throws Exception;

  /**
   * Tells which records of a segment of the spool are stored already. Called after {@link #open},
   * for each segment that an earlier run of the server left, so that no record is stored twice. May
   * block. A write of that run whose transaction is still open must not make the answer wrong
   * later: the sink waits for its end, ends it, or sees to it that it can no longer be committed
   * (S11).
   *
   * @param segment the name of the segment, as in {@link dev.ingest.record.JournalPosition}
   * @return the lines of the records that are stored; none, if the sink does not remember positions
   * @throws Exception if the sink cannot tell; this counts like an {@code open} that throws, after
   *     a call of {@link #close}
   */
  default BitSet stored(String segment) throws Exception {
    return new BitSet();
  }

  /**
   * Forgets a segment: all of it is stored and the segment is removed, so {@link #stored} is not
   * asked for it any more. Called between two writes, or before {@link #close}.
   *
   * @param segment the name of the segment
   * @throws Exception if that failed, which is logged and has no other consequence
   */
  default void forget(String segment) throws Exception {}

  /**
   * Releases what {@link #open} took. May block, within the server's drain timeout.
   *
   * @throws Exception if that failed, which is logged; every record that was written still counts
   *     as stored
   */
  default void close() throws Exception {}
}
