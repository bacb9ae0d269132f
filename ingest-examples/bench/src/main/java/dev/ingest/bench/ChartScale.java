package dev.ingest.bench;

import java.util.ArrayList;
import java.util.List;

/**
 * An axis of a picture: the position of a value, from 0 to 1, and the values that are marked.
 *
 * @param least the value at 0
 * @param most the value at 1
 * @param logarithmic whether each step is ten times the last one
 */
record ChartScale(double least, double most, boolean logarithmic) {
  private static final int LEAST_TICKS = 4;

  /** Returns a scale from 0 to a round number that is not less. */
  static ChartScale linear(double most) {
    double step = step(most);
    return new ChartScale(0, Math.ceil(most / step - 1e-9) * step, false);
  }

  /** Returns a scale between the powers of ten that hold all values. */
  static ChartScale logarithmic(double least, double most) {
    double from = Math.pow(10, Math.floor(Math.log10(least)));
    double to = Math.pow(10, Math.ceil(Math.log10(most)));
    return new ChartScale(from, to > from ? to : from * 10, true);
  }

  double position(double value) {
    return logarithmic
        ? (Math.log10(Math.max(value, least)) - Math.log10(least))
            / (Math.log10(most) - Math.log10(least))
        : (value - least) / (most - least);
  }

  List<Double> ticks() {
    List<Double> ticks = new ArrayList<>();
    double step = step(most);
    for (double tick = least;
        tick <= most * 1.000001;
        tick = logarithmic ? tick * 10 : tick + step) {
      ticks.add(tick);
    }
    return ticks;
  }

  /** Returns the largest of 1, 2 or 5 times a power of ten that gives enough steps. */
  private static double step(double most) {
    double power = Math.pow(10, Math.floor(Math.log10(most / LEAST_TICKS)));
    double factor = most / LEAST_TICKS / power;
    return power * (factor >= 5 ? 5 : factor >= 2 ? 2 : 1);
  }
}
