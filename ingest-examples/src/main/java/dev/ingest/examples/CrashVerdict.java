package dev.ingest.examples;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.BitSet;
import java.util.List;
import java.util.Locale;

/**
 * What {@link CrashTest} finds in the table.
 *
 * @param sent readings sent
 * @param decoded those of them that a server reported as decoded
 * @param stored different readings in the table
 * @param missing readings that were decoded and are not in the table, though they were journaled
 * @param notJournaled readings that are not in the table either, of which the server had reported
 *     that they were not journaled
 * @param duplicate rows beyond the first of a reading
 * @param wrong rows that hold no reading as it was sent
 */
record CrashVerdict(
    int sent, int decoded, int stored, int missing, int notJournaled, int duplicate, int wrong) {
  private static final double FIRST_TIME = 1_751_715_061;

  /**
   * What a server reported before it was killed, in one snapshot.
   *
   * @param first the number of the first reading that was sent to it
   * @param decoded how many readings it had decoded, from the first
   * @param notJournaled how many of them were not journaled, whichever these were
   */
  record Life(int first, int decoded, int notJournaled) {
    /** Returns how many of the readings that were decoded are not among those that are stored. */
    private int missing(BitSet stored) {
      return decoded - stored.get(first, first + decoded).cardinality();
    }
  }

  /** Returns a reading whose values all follow from its number, so that a wrong value is seen. */
  static ByteBuffer reading(int number) {
    return StandardCharsets.US_ASCII.encode(
        String.format(
            Locale.ROOT,
            "{\"sensor_id\": %d, \"temperature\": %d.5, \"humidity\": %d.25, \"ingested_at\":"
                + " %.0f}",
            number,
            number,
            number % 100,
            FIRST_TIME + number));
  }

  private static boolean isAsSent(StoredReadings.Reading row, int sent) {
    return row.sensorId() >= 0
        && row.sensorId() < sent
        && row.temperature() == row.sensorId() + 0.5
        && row.humidity() == row.sensorId() % 100 + 0.25
        && row.ingestedAt() == FIRST_TIME + row.sensorId();
  }

  static CrashVerdict of(Iterable<StoredReadings.Reading> rows, List<Life> lives, int sent) {
    BitSet stored = new BitSet();
    int duplicate = 0;
    int wrong = 0;
    for (StoredReadings.Reading row : rows) {
      int number = (int) row.sensorId();
      if (!isAsSent(row, sent)) {
        wrong++;
      } else if (stored.get(number)) {
        duplicate++;
      } else {
        stored.set(number);
      }
    }
    int decoded = 0;
    int missing = 0;
    int notJournaled = 0;
    for (Life life : lives) {
      int allowed = Math.min(life.missing(stored), life.notJournaled());
      decoded += life.decoded();
      missing += life.missing(stored) - allowed;
      notJournaled += allowed;
    }
    return new CrashVerdict(
        sent, decoded, stored.cardinality(), missing, notJournaled, duplicate, wrong);
  }

  boolean isGood() {
    return missing == 0 && duplicate == 0 && wrong == 0;
  }

  @Override
  public String toString() {
    return "%s: %,d sent, %,d of them known to be decoded, %,d stored, %,d missing, %,d duplicated, %,d wrong%s"
        .formatted(
            isGood() ? "each exactly once" : "NOT each exactly once",
            sent,
            decoded,
            stored,
            missing,
            duplicate,
            wrong,
            notJournaled == 0
                ? ""
                : "; %,d more lost, which were reported as not journaled".formatted(notJournaled));
  }
}
