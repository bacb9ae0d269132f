package dev.ingest.bench;

import java.util.List;
import java.util.Locale;
import java.util.function.DoubleFunction;

/**
 * One panel of a picture, as SVG: a title, a legend, two axes, and lines with a mark at each value.
 */
final class ChartPanel {
  static final int WIDTH = 860;
  static final int HEIGHT = 270;

  private static final int LEFT = 84;
  private static final int RIGHT = 40;
  private static final int TOP = 44;
  private static final int BOTTOM = 44;
  private static final int CHARACTER = 8;
  private static final int LEGEND_SAMPLE = 24;
  private static final int LEGEND_GAP = 22;

  private final StringBuilder svg = new StringBuilder();
  private final ChartScale x;
  private final ChartScale y;

  ChartPanel(ChartScale x, ChartScale y) {
    this.x = x;
    this.y = y;
  }

  /** Returns the panel as SVG. */
  String draw(String title, String xTitle, DoubleFunction<String> yLabel, List<ChartLine> lines) {
    text(LEFT, 22, "start", "font-weight='bold'", title);
    legend(lines);
    for (double tick : y.ticks()) {
      line(LEFT, yOf(tick), WIDTH - RIGHT, yOf(tick), "#d8dee4");
      text(LEFT - 8, yOf(tick) + 4.5, "end", "fill='#57606a'", yLabel.apply(tick));
    }
    for (double tick : x.ticks()) {
      line(xOf(tick), yOf(y.least()), xOf(tick), yOf(y.least()) + 5, "#57606a");
      String label = String.format(Locale.ROOT, "%,.0f", tick);
      text(xOf(tick), HEIGHT - BOTTOM + 20, "middle", "fill='#57606a'", label);
    }
    line(LEFT, yOf(y.least()), WIDTH - RIGHT, yOf(y.least()), "#57606a");
    text(WIDTH - RIGHT, HEIGHT - 6, "end", "fill='#57606a'", xTitle);
    lines.forEach(this::curve);
    return svg.toString();
  }

  /** Draws from the right edge to the left. The width of a name can only be guessed. */
  private void legend(List<ChartLine> lines) {
    double left = WIDTH - RIGHT;
    for (int i = lines.size() - 1; i >= 0; i--) {
      ChartLine line = lines.get(i);
      left -= LEGEND_SAMPLE + LEGEND_GAP + line.name().length() * CHARACTER;
      put("<path d='M%.1f 17.5h%d' %s/>", left, LEGEND_SAMPLE, line.stroke());
      if (line.measured()) {
        mark(line, left + LEGEND_SAMPLE / 2.0, 17.5);
      }
      text(left + LEGEND_SAMPLE + 6, 22, "start", "", line.name());
    }
  }

  private void curve(ChartLine line) {
    StringBuilder path = new StringBuilder();
    line.points()
        .forEach(
            (px, py) ->
                path.append(path.isEmpty() ? 'M' : 'L')
                    .append(String.format(Locale.ROOT, "%.1f %.1f", xOf(px), yOf(py))));
    put("<path d='%s' %s/>", path, line.stroke());
    if (line.measured()) {
      line.points().forEach((px, py) -> mark(line, xOf(px), yOf(py)));
    }
  }

  private void mark(ChartLine line, double px, double py) {
    put("<circle cx='%.1f' cy='%.1f' r='4' fill='%s' stroke='white'/>", px, py, line.colour());
  }

  private double xOf(double value) {
    return LEFT + x.position(value) * (WIDTH - LEFT - RIGHT);
  }

  private double yOf(double value) {
    return HEIGHT - BOTTOM - y.position(value) * (HEIGHT - TOP - BOTTOM);
  }

  private void line(double x1, double y1, double x2, double y2, String colour) {
    put("<path d='M%.1f %.1fL%.1f %.1f' stroke='%s'/>", x1, y1, x2, y2, colour);
  }

  private void text(double px, double py, String anchor, String more, String text) {
    put(
        "<text x='%.1f' y='%.1f' text-anchor='%s' %s>%s</text>",
        px, py, anchor, more, escape(text));
  }

  private void put(String format, Object... args) {
    svg.append(String.format(Locale.ROOT, format, args)).append('\n');
  }

  static String escape(String text) {
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
  }
}
