package dev.ingest.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The processor time that the library takes for a record, divided by that of a yardstick in the
 * same turn.
 *
 * @param yardstick the name of the yardstick
 * @param shape the shape of the records
 * @param byRate the ratios of all turns, from the least to the greatest, for each rate that was
 *     offered; full speed is infinite
 */
record LoadRatios(String yardstick, RecordShape shape, SortedMap<Double, List<Double>> byRate) {
  /** Returns the ratios for each yardstick and shape for which there are some. */
  static List<LoadRatios> of(List<LoadResult> results) {
    List<LoadRatios> all = new ArrayList<>();
    for (RecordShape shape : RecordShape.values()) {
      for (String yardstick : List.of(Peers.LIMIT, Yardsticks.AGAINST)) {
        LoadRatios ratios = new LoadRatios(yardstick, shape, new TreeMap<>());
        results.forEach(result -> ratios.add(result, results));
        if (!ratios.byRate.isEmpty()) {
          all.add(ratios);
        }
      }
    }
    return all;
  }

  private void add(LoadResult result, List<LoadResult> results) {
    if (result.shape() == shape && result.system().equals(IngestReceiver.NAME)) {
      results.stream()
          .filter(other -> other.shape() == shape && other.system().equals(yardstick))
          .filter(other -> other.turn() == result.turn() && other.offered() == result.offered())
          .mapToDouble(other -> result.processorMicros() / other.processorMicros())
          .forEach(
              ratio -> {
                double rate = result.offered() > 0 ? result.offered() : Double.POSITIVE_INFINITY;
                List<Double> ratios = byRate.computeIfAbsent(rate, r -> new ArrayList<>());
                ratios.add(ratio);
                ratios.sort(null);
              });
    }
  }

  /** Returns the middle one of the ratios at a rate. */
  static double median(List<Double> sorted) {
    return sorted.get(sorted.size() / 2);
  }

  /**
   * Returns lines for people: for each rate the median of the turns, the least and the greatest.
   */
  List<String> lines() {
    List<String> lines = new ArrayList<>();
    lines.add("processor time a record, " + shape + ", ingest over " + yardstick + ":");
    byRate.forEach(
        (rate, ratios) ->
            lines.add(
                String.format(
                    Locale.ROOT,
                    "  %9s  %.2f  (%.2f to %.2f)",
                    Double.isInfinite(rate) ? "max" : String.format(Locale.ROOT, "%,.0f", rate),
                    median(ratios),
                    ratios.get(0),
                    ratios.get(ratios.size() - 1))));
    return lines;
  }
}
