package dev.ingest.bench;

import java.nio.ByteBuffer;
import java.util.List;

/**
 * A datagram that is ready to be sent, and what its records add to the sums.
 *
 * @param bytes its text, in a buffer outside the heap
 * @param stamps where the digits of {@code ingested_at} begin, for each record
 * @param sumSensorId the sum of the records' {@code sensor_id}
 * @param sumTemperature the sum of the records' {@code temperature}
 */
record Datagram(ByteBuffer bytes, List<Integer> stamps, long sumSensorId, double sumTemperature) {
  /** Seconds with six digits of fraction: {@code 1751715061.123456}. */
  static final int STAMP_DIGITS = 17;

  /** Overwrites the time of every record. */
  void stamp(byte[] digits) {
    for (int i = 0; i < stamps.size(); i++) {
      bytes.put(stamps.get(i), digits, 0, STAMP_DIGITS);
    }
  }

  /** Writes a time, in microseconds since 1970, as the digits for {@link #stamp}. */
  static void toDigits(long micros, byte[] digits) {
    long rest = micros;
    for (int i = STAMP_DIGITS - 1; i >= 0; i--) {
      if (i == STAMP_DIGITS - 7) {
        digits[i] = '.';
      } else {
        digits[i] = (byte) ('0' + rest % 10);
        rest /= 10;
      }
    }
  }
}
