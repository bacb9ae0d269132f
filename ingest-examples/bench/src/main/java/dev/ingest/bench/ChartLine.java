package dev.ingest.bench;

import java.util.SortedMap;

/**
 * A line of a picture.
 *
 * @param name what the legend calls it
 * @param colour in SVG's notation
 * @param measured whether the line is solid, with a mark at each point; otherwise dashed
 * @param points maps each x to its y
 */
record ChartLine(String name, String colour, boolean measured, SortedMap<Double, Double> points) {
  /** Returns how the line is drawn, as attributes of an SVG path. */
  String stroke() {
    return "fill='none' stroke='"
        + colour
        + (measured ? "' stroke-width='2.5'" : "' stroke-width='1.5' stroke-dasharray='5 4'");
  }

  double most() {
    return points.values().stream().mapToDouble(Double::doubleValue).max().orElse(0);
  }

  double least() {
    return points.values().stream().mapToDouble(Double::doubleValue).min().orElse(0);
  }
}
