package dev.ingest.internal.spool;

import dev.ingest.internal.batch.Batch;
import dev.ingest.internal.spool.LineRun.State;
import java.util.BitSet;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedDeque;
import org.jspecify.annotations.Nullable;

/**
 * What is to be replayed, the oldest first: runs of lines, of which some may be settled already.
 * Guarded by the spool's lock; only the writer thread takes from it.
 */
final class Backlog {
  private final Deque<Range> ranges = new ConcurrentLinkedDeque<>();

  /** Lines of a segment that follow one another. */
  record Range(Segment segment, LineRun lines) {
    boolean isFollowedBy(Range next) {
      return segment == next.segment
          && lines.end() == next.lines.line()
          && lines.offset() + lines.length() == next.lines.offset()
          && lines.state() == State.GOOD
          && next.lines.state() == State.GOOD;
    }

    Range with(Range next) {
      LineRun more = next.lines;
      return of(
          segment,
          lines.line(),
          lines.count() + more.count(),
          lines.offset(),
          lines.length() + more.length());
    }

    /** Returns the range of rows that are on disk. */
    static Range of(Segment segment, Batch batch, int from, int to) {
      return of(
          segment,
          (int) batch.position(from).orElseThrow().line(),
          to - from,
          RecordLines.offset(batch, from),
          RecordLines.length(batch, from, to));
    }

    /** Returns a range of good lines. */
    static Range of(Segment segment, int line, int count, long offset, long length) {
      return new Range(segment, new LineRun(line, count, offset, length, State.GOOD));
    }
  }

  /** Tells whether nothing is pending. The lock is not needed. */
  boolean isEmpty() {
    return ranges.isEmpty();
  }

  void add(Range next) {
    Range last = ranges.peekLast();
    if (last != null && last.isFollowedBy(next)) {
      ranges.removeLast();
      ranges.add(last.with(next));
    } else {
      ranges.add(next);
    }
  }

  /** Returns what is to be replayed next; null if nothing is. */
  @Nullable PendingLines next() {
    Range head = ranges.peekFirst();
    if (head == null) {
      return null;
    }
    Segment segment = head.segment;
    LineRun lines = head.lines;
    if (lines.state() != State.GOOD) {
      return new PendingLines(segment, lines, 0, segment.unsettled(lines.line(), lines.end()));
    }
    int from = Math.min(segment.nextUnsettled(lines.line()), lines.end());
    int to = Math.min(segment.nextSettled(from), lines.end());
    return new PendingLines(segment, lines, from - lines.line(), to - from);
  }

  /** Moves on past the first lines of what {@link #next} returned. */
  void advance(PendingLines pending, int count, long bytes) {
    Range head = ranges.peekFirst();
    if (head != null && isAt(head, pending)) {
      ranges.removeFirst();
      LineRun lines = head.lines;
      if (lines.count() > count) {
        ranges.addFirst(
            Range.of(
                head.segment,
                lines.line() + count,
                lines.count() - count,
                lines.offset() + bytes,
                lines.length() - bytes));
      }
    }
  }

  /** Removes the range that {@link #next} returned a part of; returns its lines. */
  BitSet remove(PendingLines pending) {
    BitSet lines = new BitSet();
    Range head = ranges.peekFirst();
    if (head != null && isAt(head, pending)) {
      lines.set(head.lines.line(), head.lines.end());
      ranges.removeFirst();
    }
    return lines;
  }

  /**
   * Puts what was found when the file was read again in place of the range that {@link #next}
   * returned a part of.
   */
  void replace(PendingLines pending, List<LineRun> found) {
    Range head = ranges.peekFirst();
    if (head != null && isAt(head, pending)) {
      ranges.removeFirst();
      for (int i = found.size() - 1; i >= 0; i--) {
        ranges.addFirst(new Range(head.segment, found.get(i)));
      }
    }
  }

  /** Forgets a segment that is removed. */
  void remove(Segment segment) {
    ranges.removeIf(range -> range.segment == segment);
  }

  /** Returns false if the segment has since been removed. */
  private static boolean isAt(Range head, PendingLines pending) {
    return head.segment == pending.of() && head.lines.line() == pending.line();
  }
}
