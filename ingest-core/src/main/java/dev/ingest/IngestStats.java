package dev.ingest;

import dev.ingest.record.DropReason;
import dev.ingest.record.RejectReason;
import java.util.Map;
import java.util.OptionalLong;

/**
 * What became of every datagram and every record, counted since {@link IngestServer#start()}: one
 * consistent snapshot, in which these hold at any time:
 *
 * <ul>
 *   <li><b>L1</b> {@code datagramsReceived = datagramsDecoded + datagramsRejected() +
 *       datagramsIgnored}
 *   <li><b>L2</b> {@code recordsDecoded + recovered = persisted + deadLettered + droppedTotal() +
 *       queued + spooled + lost}
 *   <li><b>L3</b> What the kernel dropped before the server could receive it is none of these, and
 *       stands beside them as {@code kernelDrops}.
 * </ul>
 *
 * @param datagramsReceived datagrams read from the socket and settled one way or another
 * @param datagramsDecoded datagrams whose records were queued
 * @param rejected rejected datagrams by reason; reasons that did not occur are not in it
 * @param datagramsIgnored datagrams whose source the source filter did not accept
 * @param recordsDecoded records of the decoded datagrams; if there is a journal they were in it
 *     before they were counted
 * @param recovered records that earlier runs left in the spool, to be replayed by this one
 * @param persisted records for which the sink's {@code write} returned normally
 * @param deadLettered records that the sink refused for good, written to the dead-letter file
 * @param dropped dropped records by reason; reasons that did not occur are not in it
 * @param queued records that wait in memory, or are being written
 * @param spooled records that are in the spool and nowhere else: they wait to be replayed, by this
 *     run or the next
 * @param lost records that could not be written within the drain timeout when the server was
 *     closed, and that are not in the spool
 * @param kernelDrops datagrams that the kernel dropped because the socket's buffer was full, by its
 *     own counter; empty where the kernel does not tell (other systems than Linux, or before the
 *     start)
 * @param notJournaled records that were queued without being in the journal, because that could not
 *     be written; what became of them the accounts above tell
 * @param tornLines lines in the spool that a crash of an earlier run had torn; they are cut off,
 *     and in no account, since that run had not counted them
 */
public record IngestStats(
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
    OptionalLong kernelDrops,
    long notJournaled,
    long tornLines) {

  /**
   * Makes a snapshot; the maps are copied.
   *
   * @param datagramsReceived datagrams read from the socket and settled one way or another
   * @param datagramsDecoded datagrams whose records were queued
   * @param rejected rejected datagrams by reason
   * @param datagramsIgnored datagrams whose source the source filter did not accept
   * @param recordsDecoded records of the decoded datagrams
   * @param recovered records that earlier runs left in the spool
   * @param persisted records for which the sink's {@code write} returned normally
   * @param deadLettered records that the sink refused for good, written to the dead-letter file
   * @param dropped dropped records by reason
   * @param queued records that wait in memory, or are being written
   * @param spooled records that are in the spool
   * @param lost records that could not be written within the drain timeout
   * @param kernelDrops datagrams that the kernel dropped, or empty if unknown
   * @param notJournaled records that were queued without being in the journal
   * @param tornLines lines in the spool that a crash had torn
   */
  public IngestStats {
    rejected = Map.copyOf(rejected);
    dropped = Map.copyOf(dropped);
  }

  /**
   * All rejected datagrams.
   *
   * @return the sum over all reasons
   */
  public long datagramsRejected() {
    return rejected.values().stream().mapToLong(Long::longValue).sum();
  }

  /**
   * All dropped records.
   *
   * @return the sum over all reasons
   */
  public long droppedTotal() {
    return dropped.values().stream().mapToLong(Long::longValue).sum();
  }
}
