package dev.ingest.bench;

import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * What came of one load. All counts are of records.
 *
 * @param turn the turn, from 1
 * @param system what received and stored
 * @param shape the shape of the records
 * @param offered records a second asked for; 0 is as fast as the sender can
 * @param sent what the sender said
 * @param stored rows in the table, at the end
 * @param storedPerSecond from the first record sent to the last one stored
 * @param lost sent and not stored
 * @param kernelDrops of them, dropped by the kernel at the socket; empty if it does not tell
 * @param processorMicros processor time of the receiving process, for a record stored
 * @param latency empty for what does not tell
 * @param peakMemory of the receiving process, resident, in kB
 * @param sumsAgree whether the rows' sums are those sent; also true if some are lost
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

  /** Whether nothing is missing but what the kernel dropped, and no value is wrong. */
  boolean isAccountedFor() {
    return sumsAgree && lost == kernelDrops.orElse(lost);
  }
}
