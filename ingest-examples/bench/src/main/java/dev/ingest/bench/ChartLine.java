package dev.ingest.bench;

import java.util.SortedMap;

/**
 * A line of a picture.
 *
 * @param name what the legend calls it
 * @param colour as SVG has it
 * @param measured whether it is drawn in full, with a mark at each point
 * @param points from x to y
 */
record ChartLine(String name, String colour, boolean measured, SortedMap<Double, Double> points) {
  /** How it is drawn, as attributes of an SVG path. */
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
