package dev.ingest.examples.page;

import dev.ingest.stats.IngestStats;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The last {@value #POINTS} points of the graphs, one a second: ten minutes. Thread-safe. */
final class History {
  static final int POINTS = 600;

  private final long start = System.nanoTime();
  private final Deque<Point> points = new ArrayDeque<>();
  private @Nullable Counts last;

  /**
   * A point of each line.
   *
   * @param millis since the history began
   * @param decoded records a second, since the point before
   * @param stored records a second
   * @param rejected messages and single records a second
   * @param queued records, at this moment
   * @param spooled records, at this moment
   */
  record Point(
      long millis, double decoded, double stored, double rejected, long queued, long spooled) {}

  private record Counts(long nanos, long decoded, long stored, long rejected) {}

  /** Adds a point. The first one has no rates yet, since they are differences. */
  synchronized Point add(long nanoTime, IngestStats stats) {
    Counts now =
        new Counts(
            nanoTime,
            stats.records().decoded(),
            stats.records().persisted(),
            stats.messages().rejected() + stats.records().rejected());
    Counts before = last == null ? now : last;
    double seconds = Math.max(1, now.nanos - before.nanos) / 1e9;
    Point point =
        new Point(
            (nanoTime - start) / 1_000_000,
            (now.decoded - before.decoded) / seconds,
            (now.stored - before.stored) / seconds,
            (now.rejected - before.rejected) / seconds,
            stats.records().queued(),
            stats.records().spooled());
    last = now;
    if (points.size() == POINTS) {
      points.removeFirst();
    }
    points.addLast(point);
    return point;
  }

  /** Returns the points, the oldest first. */
  synchronized List<Point> points() {
    return List.copyOf(points);
  }
}
