package dev.ingest.bench;

import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * The result of one load. All counts are of records.
 *
 * @param turn the turn, from 1
 * @param system what received and stored
 * @param shape the shape of the records
 * @param offered records a second that the sender was to send; 0 is as many as it can
 * @param sent what the sender reported
 * @param stored rows in the table, at the end
 * @param storedPerSecond from the first record sent to the last one stored
 * @param lost sent and not stored
 * @param kernelDrops those of the lost that the kernel dropped at the socket; empty if it does not
 *     count
 * @param processorMicros processor time of the receiving process for each record stored
 * @param latency null if it was not recorded
 * @param peakMemory the most resident memory of the receiving process, in kB
 * @param sumsAgree whether the sums of the rows are those of the records sent; also true if records
 *     are lost
 */
record LoadResult(
    int turn,
    String system,
    RecordShape shape,
    double offered,
    SendReport sent,
    long stored,
    double storedPerSecond,
    long lost,
    OptionalLong kernelDrops,
    double processorMicros,
    @Nullable Latency latency,
    OptionalLong peakMemory,
    boolean sumsAgree) {

  double lostPercent() {
    return 100.0 * lost / sent.sent();
  }

  /** Returns whether only what the kernel dropped is missing, and no value is wrong. */
  boolean isAccountedFor() {
    return sumsAgree && lost == kernelDrops.orElse(lost);
  }
}
