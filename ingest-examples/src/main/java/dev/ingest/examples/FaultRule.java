package dev.ingest.examples;

import java.util.List;
import java.util.Random;

/**
 * Which calls fail, as {@code faults.c} reads it.
 *
 * @param call {@code write}, {@code fsync} or {@code truncate}
 * @param pattern of the paths of the files
 * @param fault {@code EIO}, {@code ENOSPC}, {@code TORN} or {@code STALL=MILLIS}
 * @param rate of a million such calls, how many
 */
record FaultRule(String call, String pattern, String fault, int rate) {
  private static final String SEGMENTS = "*/spool/*.ndjson";
  private static final String NOTES = "*/spool/*.settled";
  private static final String WRITE_AHEAD_LOG = "*/sensors.db-wal";

  /**
   * What may be chosen. When the database stalls, batches grow and overflow into the spool, so that
   * the journal can fail in the middle of one; a kill before its notes are written is what is to be
   * tried.
   */
  private static final List<List<FaultRule>> CHOICES =
      List.of(
          List.of(
              new FaultRule("write", SEGMENTS, "EIO", 5_000),
              new FaultRule("write", SEGMENTS, "ENOSPC", 20_000),
              new FaultRule("write", SEGMENTS, "TORN", 20_000),
              new FaultRule("write", SEGMENTS, "TORN", 200_000)),
          List.of(
              new FaultRule("write", NOTES, "EIO", 1_000_000),
              new FaultRule("write", NOTES, "EIO", 500_000),
              new FaultRule("write", NOTES, "TORN", 300_000),
              new FaultRule("write", NOTES, "STALL=300", 100_000)),
          List.of(
              new FaultRule("fsync", "*/spool*", "EIO", 100_000),
              new FaultRule("fsync", "*/spool*", "STALL=50", 200_000)),
          List.of(
              new FaultRule("write", WRITE_AHEAD_LOG, "STALL=20", 200_000),
              new FaultRule("write", WRITE_AHEAD_LOG, "STALL=300", 20_000),
              new FaultRule("write", WRITE_AHEAD_LOG, "ENOSPC", 20_000)));

  /** Returns at most one rule of each kind; often none. */
  static List<FaultRule> choose(Random random) {
    return CHOICES.stream()
        .filter(kind -> random.nextInt(4) > 0)
        .map(kind -> kind.get(random.nextInt(kind.size())))
        .toList();
  }

  /** Returns what the rule is called where its rate is of no interest. */
  String name() {
    return call + " of " + pattern.substring(pattern.lastIndexOf('/') + 1) + " " + fault;
  }

  /** Returns the rule as {@code faults.c} reads it. */
  @Override
  public String toString() {
    return call + " " + pattern + " " + fault + " " + rate;
  }
}
