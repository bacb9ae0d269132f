package dev.ingest.bench;

import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.HdrHistogram.Histogram;

/**
 * The time from the sending of a record to the commit of its transaction, in microseconds.
 *
 * @param p50 the median
 * @param p99 the 99th percentile
 * @param p999 the 99.9th percentile
 * @param max the longest
 */
record Latency(long p50, long p99, long p999, long max) {
  static final Pattern LINE = Pattern.compile("(p50=(\\d+) p99=(\\d+) p999=(\\d+) max=(\\d+))");

  static Latency of(Histogram micros) {
    return new Latency(
        micros.getValueAtPercentile(50),
        micros.getValueAtPercentile(99),
        micros.getValueAtPercentile(99.9),
        micros.getMaxValue());
  }

  static Latency parse(String line) {
    Matcher matcher = LINE.matcher(line);
    if (!matcher.matches()) {
      throw new IllegalArgumentException("the server printed '" + line + "': expected " + LINE);
    }
    return new Latency(
        Long.parseLong(matcher.group(2)),
        Long.parseLong(matcher.group(3)),
        Long.parseLong(matcher.group(4)),
        Long.parseLong(matcher.group(5)));
  }

  @Override
  public String toString() {
    return String.format(Locale.ROOT, "p50=%d p99=%d p999=%d max=%d", p50, p99, p999, max);
  }
}
