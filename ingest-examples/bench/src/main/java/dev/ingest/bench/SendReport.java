package dev.ingest.bench;

import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a sender reports at its end, in one line.
 *
 * @param sent records sent
 * @param datagrams datagrams sent
 * @param began when the first datagram was sent, in seconds since 1970
 * @param seconds how long the sending took
 * @param sumSensorId the sum of {@code sensor_id} over all records
 * @param sumTemperature the sum of {@code temperature} over all records
 */
record SendReport(
    long sent,
    long datagrams,
    double began,
    double seconds,
    long sumSensorId,
    double sumTemperature) {
  static final Pattern LINE =
      Pattern.compile(
          "(sent=(\\d+) datagrams=(\\d+) began=([0-9.]+) seconds=([0-9.]+) rate=\\d+"
              + " sum_sensor_id=(\\d+) sum_temperature=([0-9.]+))");

  static SendReport parse(String line) {
    Matcher matcher = LINE.matcher(line);
    if (!matcher.matches()) {
      throw new IllegalArgumentException("the sender printed '" + line + "': expected " + LINE);
    }
    return new SendReport(
        Long.parseLong(matcher.group(2)),
        Long.parseLong(matcher.group(3)),
        Double.parseDouble(matcher.group(4)),
        Double.parseDouble(matcher.group(5)),
        Long.parseLong(matcher.group(6)),
        Double.parseDouble(matcher.group(7)));
  }

  double perSecond() {
    return sent / seconds;
  }

  @Override
  public String toString() {
    return String.format(
        Locale.ROOT,
        "sent=%d datagrams=%d began=%.6f seconds=%.6f rate=%.0f sum_sensor_id=%d"
            + " sum_temperature=%.6f",
        sent,
        datagrams,
        began,
        seconds,
        perSecond(),
        sumSensorId,
        sumTemperature);
  }
}
