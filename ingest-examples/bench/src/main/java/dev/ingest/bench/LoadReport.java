package dev.ingest.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.OptionalLong;

/** Prints the results for people as they come, and writes them to a file for programs. */
final class LoadReport {
  private static final String CSV_HEADER =
      "turn,system,shape,offered_per_s,sent,sent_per_s,stored,stored_per_s,lost,kernel_drops,"
          + "cpu_us_per_record,p50_us,p99_us,p999_us,max_us,peak_kb,sums_agree";

  private final List<LoadResult> results = new ArrayList<>();

  List<LoadResult> results() {
    return results;
  }

  private static void printHeader() {
    print(
        "%-18s %9s %9s %9s %9s %9s %9s   %s",
        "",
        "offered/s",
        "sent/s",
        "stored/s",
        "lost",
        "kernel",
        "us/record",
        "latency ms: 50%     99%   99.9%      max   MB");
  }

  void add(LoadResult result) {
    if (results.isEmpty()) { // no earlier: before the first result a newer JVM warns of native code
      printHeader();
    }
    results.add(result);
    Latency latency = result.latency();
    print(
        "%-18s %9s %,9.0f %,9.0f %,9d %9s %9.2f   %s %5s%s",
        result.system(),
        result.offered() > 0 ? String.format(Locale.ROOT, "%,.0f", result.offered()) : "max",
        result.sent().perSecond(),
        result.storedPerSecond(),
        result.lost(),
        text(result.kernelDrops()),
        result.processorMicros(),
        latency == null
            ? String.format(Locale.ROOT, "%15s %7s %7s %8s", "", "", "", "")
            : String.format(
                Locale.ROOT,
                "%15.2f %7.2f %7.2f %8.2f",
                latency.p50() / 1e3,
                latency.p99() / 1e3,
                latency.p999() / 1e3,
                latency.max() / 1e3),
        result.peakMemory().isPresent() ? result.peakMemory().getAsLong() / 1_024 : "?",
        result.sumsAgree() ? "" : "  THE SUMS ARE WRONG");
  }

  void writeCsv(Path file) throws IOException {
    List<String> lines = new ArrayList<>(List.of(CSV_HEADER));
    for (LoadResult result : results) {
      lines.add(csv(result));
    }
    Files.write(file, lines);
  }

  private static String csv(LoadResult result) {
    Latency latency = result.latency();
    return String.format(
        Locale.ROOT,
        "%d,%s,%s,%s,%d,%.0f,%d,%.0f,%d,%s,%.3f,%s,%s,%b",
        result.turn(),
        result.system().replace(",", ""),
        result.shape(),
        result.offered() > 0 ? String.format(Locale.ROOT, "%.0f", result.offered()) : "max",
        result.sent().sent(),
        result.sent().perSecond(),
        result.stored(),
        result.storedPerSecond(),
        result.lost(),
        text(result.kernelDrops()),
        result.processorMicros(),
        latency == null
            ? ",,,"
            : String.format(
                Locale.ROOT,
                "%d,%d,%d,%d",
                latency.p50(),
                latency.p99(),
                latency.p999(),
                latency.max()),
        text(result.peakMemory()),
        result.sumsAgree());
  }

  private static String text(OptionalLong number) {
    return number.isPresent() ? Long.toString(number.getAsLong()) : "";
  }

  private static void print(String format, Object... args) {
    System.out.println(String.format(Locale.ROOT, format, args).stripTrailing());
  }
}
