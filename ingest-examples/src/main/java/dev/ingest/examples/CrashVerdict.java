package dev.ingest.examples;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.BitSet;

/**
 * What {@link CrashTest} finds in the table.
 *
 * @param sent readings sent
 * @param decoded those of them that a server reported as decoded
 * @param stored different readings in the table
 * @param missing readings that were decoded and are not in the table
 * @param duplicate rows beyond the first of a reading
 * @param wrong rows that hold no reading as it was sent
 */
record CrashVerdict(int sent, int decoded, int stored, int missing, int duplicate, int wrong) {
  private static final double FIRST_TIME = 1_751_715_061;

  /** Returns a reading whose values all follow from its number, so that a wrong value is seen. */
  static ByteBuffer reading(int number) {
    return StandardCharsets.US_ASCII.encode(
        "{\"sensor_id\": %d, \"temperature\": %d.5, \"humidity\": %d.25, \"ingested_at\": %.0f}"
            .formatted(number, number, number % 100, FIRST_TIME + number));
  }

  private static boolean isAsSent(SensorTable.Row row, int sent) {
    return row.sensorId() >= 0
        && row.sensorId() < sent
        && row.temperature() == row.sensorId() + 0.5
        && row.humidity() == row.sensorId() % 100 + 0.25
        && row.ingestedAt() == FIRST_TIME + row.sensorId();
  }

  static CrashVerdict of(Iterable<SensorTable.Row> rows, BitSet decoded, int sent) {
    BitSet stored = new BitSet();
    int duplicate = 0;
    int wrong = 0;
    for (SensorTable.Row row : rows) {
      int number = (int) row.sensorId();
      if (!isAsSent(row, sent)) {
        wrong++;
      } else if (stored.get(number)) {
        duplicate++;
      } else {
        stored.set(number);
      }
    }
    BitSet missing = (BitSet) decoded.clone();
    missing.andNot(stored);
    return new CrashVerdict(
        sent, decoded.cardinality(), stored.cardinality(), missing.cardinality(), duplicate, wrong);
  }

  boolean isGood() {
    return missing == 0 && duplicate == 0 && wrong == 0;
  }

  @Override
  public String toString() {
    return "%s: %,d sent, %,d of them known to be decoded, %,d stored, %,d missing, %,d duplicated, %,d wrong"
        .formatted(
            isGood() ? "each exactly once" : "NOT each exactly once",
            sent,
            decoded,
            stored,
            missing,
            duplicate,
            wrong);
  }
}
