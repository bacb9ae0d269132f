package dev.ingest.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Draws the sweep: what was stored, what was lost, and the latency, over the rate that was sent,
 * for the first shape of records; and for all of them the processor time over that of the limit.
 * The picture is plain SVG, since a server has no fonts.
 */
final class SweepChart {
  private static final String X_TITLE = "sent, records a second";
  private static final String BLUE = "#0969da";

  private final List<LoadResult> all;
  private final List<LoadResult> results;
  private final ChartScale rates;

  private SweepChart(List<LoadResult> all) {
    this.all = all;
    this.results = all.stream().filter(result -> result.shape() == all.get(0).shape()).toList();
    this.rates =
        ChartScale.linear(
            results.stream().mapToDouble(result -> result.sent().perSecond()).max().orElse(1));
  }

  /** Returns the picture, with a line at the bottom that names the origin of the figures. */
  static String svg(List<LoadResult> results, String origin) {
    SweepChart chart = new SweepChart(results);
    List<String> panels = new ArrayList<>(List.of(chart.achieved(), chart.lost(), chart.latency()));
    List<ChartLine> ratios = chart.ratios();
    if (!ratios.isEmpty()) {
      panels.add(chart.overLimit(ratios));
    }
    int height = panels.size() * ChartPanel.HEIGHT + 32;
    StringBuilder svg =
        new StringBuilder(
            String.format(
                Locale.ROOT,
                "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 %d %d' width='%d' height='%d'"
                    + " font-family='Helvetica, Arial, sans-serif' font-size='14' fill='#1f2328'>%n"
                    + "<rect width='100%%' height='100%%' fill='white'/>%n",
                ChartPanel.WIDTH,
                height,
                ChartPanel.WIDTH,
                height));
    for (int i = 0; i < panels.size(); i++) {
      svg.append("<g transform='translate(0 ").append(i * ChartPanel.HEIGHT).append(")'>\n");
      svg.append(panels.get(i)).append("</g>\n");
    }
    return svg.append("<text x='24' y='")
        .append(height - 12)
        .append("' font-size='11' fill='#57606a'>")
        .append(ChartPanel.escape(origin))
        .append("</text>\n</svg>\n")
        .toString();
  }

  private String achieved() {
    List<ChartLine> lines = new ArrayList<>();
    SortedMap<Double, Double> all = new TreeMap<>(Map.of(0.0, 0.0, rates.most(), rates.most()));
    lines.add(new ChartLine("all that is sent", "#afb8c1", false, all));
    lines.addAll(systems(LoadResult::storedPerSecond));
    return new ChartPanel(rates, rates)
        .draw("stored, records a second", X_TITLE, y -> number("%,.0f", y), lines);
  }

  private String lost() {
    List<ChartLine> lines = systems(LoadResult::lostPercent);
    double most = lines.stream().mapToDouble(ChartLine::most).max().orElse(0);
    return new ChartPanel(rates, ChartScale.linear(Math.max(most, 5)))
        .draw("lost, percent of the records sent", X_TITLE, y -> number("%.0f %%", y), lines);
  }

  private String latency() {
    List<ChartLine> lines =
        List.of(
            percentile("median", "#54aeff", Latency::p50),
            percentile("99 %", BLUE, Latency::p99),
            percentile("99.9 %", "#0a3069", Latency::p999));
    double least = lines.stream().mapToDouble(ChartLine::least).min().orElse(0.1);
    double most = lines.stream().mapToDouble(ChartLine::most).max().orElse(1);
    return new ChartPanel(rates, ChartScale.logarithmic(Math.max(least, 0.01), Math.max(most, 1)))
        .draw(
            "ingest: from sending to commit, milliseconds",
            X_TITLE,
            y -> y < 1 ? number(y < 0.1 ? "%.2f" : "%.1f", y) : number("%,.0f", y),
            lines);
  }

  private String overLimit(List<ChartLine> ratios) {
    double most = ratios.stream().mapToDouble(ChartLine::most).max().orElse(1);
    List<ChartLine> lines = new ArrayList<>(ratios);
    lines.add(
        new ChartLine(
            "as much", "#afb8c1", false, new TreeMap<>(Map.of(0.0, 1.0, rates.most(), 1.0))));
    return new ChartPanel(rates, ChartScale.linear(Math.max(most, 2)))
        .draw("processor time, ingest over limit", X_TITLE, y -> number("%.1f", y), lines);
  }

  /** Full speed is drawn at the highest rate that was sent. */
  private List<ChartLine> ratios() {
    Map<RecordShape, String> colours =
        Map.of(
            RecordShape.WIDE,
            "#8250df",
            RecordShape.TEXT,
            "#1a7f37",
            RecordShape.OPTIONAL,
            "#bf8700");
    return LoadRatios.of(all).stream()
        .filter(ratios -> ratios.yardstick().equals(Peers.LIMIT))
        .map(
            ratios -> {
              SortedMap<Double, Double> points = new TreeMap<>();
              ratios
                  .byRate()
                  .forEach(
                      (rate, turns) ->
                          points.put(Math.min(rate, rates.most()), LoadRatios.median(turns)));
              String colour = colours.getOrDefault(ratios.shape(), BLUE);
              return new ChartLine(ratios.shape().toString(), colour, true, points);
            })
        .toList();
  }

  private List<ChartLine> systems(ToDoubleFunction<LoadResult> value) {
    return Stream.of(
            line("unix", "#8250df", of(IngestReceiver.name(SourceKind.UNIX)), value),
            line("tcp", "#1a7f37", of(IngestReceiver.name(SourceKind.TCP)), value),
            line(QuestDbReceiver.NAME, "#cf222e", of(QuestDbReceiver.NAME), value),
            line(Peers.RSYSLOG, "#bf3989", of(Peers.RSYSLOG), value),
            line(Peers.SYSLOG_NG, "#bf8700", of(Peers.SYSLOG_NG), value),
            line(Peers.LIMIT, "#6e7781", of(Peers.LIMIT), value),
            line(IngestReceiver.NAME, BLUE, of(IngestReceiver.NAME), value))
        .filter(line -> !line.points().isEmpty())
        .toList();
  }

  private ChartLine percentile(String name, String colour, ToDoubleFunction<Latency> micros) {
    List<LoadResult> timed = results.stream().filter(result -> result.latency() != null).toList();
    return line(
        name,
        colour,
        timed.stream().filter(result -> result.system().equals(timed.get(0).system())).toList(),
        result -> {
          Latency latency = result.latency();
          return latency == null ? 0 : micros.applyAsDouble(latency) / 1e3;
        });
  }

  private List<LoadResult> of(String system) {
    return results.stream().filter(result -> result.system().equals(system)).toList();
  }

  /** Draws the median of several turns. */
  private static ChartLine line(
      String name, String colour, List<LoadResult> results, ToDoubleFunction<LoadResult> value) {
    SortedMap<Double, Double> points = new TreeMap<>();
    results.stream()
        .collect(Collectors.groupingBy(LoadResult::offered))
        .values()
        .forEach(
            turns ->
                points.put(
                    median(turns, result -> result.sent().perSecond()), median(turns, value)));
    return new ChartLine(name, colour, true, points);
  }

  private static double median(List<LoadResult> turns, ToDoubleFunction<LoadResult> value) {
    double[] sorted = turns.stream().mapToDouble(value).sorted().toArray();
    return sorted[sorted.length / 2];
  }

  private static String number(String format, double value) {
    return String.format(Locale.ROOT, format, value);
  }
}
