package dev.ingest.micrometer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What Prometheus reads: the text of a scrape, as a value for each series. */
record Scrape(Map<String, Double> series) {
  private static final Pattern LINE = Pattern.compile("(\\w+(?:\\{.*\\})?) (\\S+)");

  static Scrape of(PrometheusMeterRegistry registry) {
    Map<String, Double> series = new TreeMap<>();
    registry
        .scrape()
        .lines()
        .filter(line -> !line.startsWith("#"))
        .forEach(
            line -> {
              Matcher parts = LINE.matcher(line);
              assertTrue(parts.matches(), line);
              series.put(parts.group(1), Double.valueOf(parts.group(2)));
            });
    return new Scrape(series);
  }

  double value(String series) {
    Double value = this.series.get(series);
    assertTrue(value != null, () -> series + " is not in " + this);
    return value;
  }

  /** PromQL's {@code sum without (outcome, reason) (name)} for a server without tags. */
  double sum(String name) {
    return series.entrySet().stream()
        .filter(entry -> entry.getKey().startsWith(name + "{"))
        .mapToDouble(Map.Entry::getValue)
        .sum();
  }

  /** The expressions of the README, each of which must be 0. */
  Scrape balanced() {
    assertEquals(
        0,
        value("ingest_messages_received_total") - sum("ingest_messages_total"),
        () -> "L1 does not hold in " + this);
    assertEquals(
        0,
        value("ingest_records_decoded_total")
            + value("ingest_records_recovered")
            - sum("ingest_records_total")
            - value("ingest_records_queued")
            - value("ingest_records_spooled"),
        () -> "L2 does not hold in " + this);
    assertEquals(
        0,
        value("ingest_connections_accepted_total")
            - value("ingest_connections_open")
            - sum("ingest_connections_closed_total"),
        () -> "L5 does not hold in " + this);
    return this;
  }
}
