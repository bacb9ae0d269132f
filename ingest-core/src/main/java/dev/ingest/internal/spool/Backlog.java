package dev.ingest.internal.spool;

import java.util.ArrayDeque;
import java.util.BitSet;
import org.jspecify.annotations.Nullable;

/**
 * What is to be replayed, the oldest first: ranges of lines, of which some may be settled already.
 * Guarded by the spool's lock; only the writer thread takes from it.
 */
final class Backlog {
  private final ArrayDeque<Range> ranges = new ArrayDeque<>();

  /** Lines of a segment that follow one another. */
  static final class Range {
    private final Segment segment;
    private int line;
    private long offset;
    private int count;

    /**
     * Makes a range.
     *
     * @param offset where the first line begins, in bytes
     */
    Range(Segment segment, int line, long offset, int count) {
      this.segment = segment;
      this.line = line;
      this.offset = offset;
      this.count = count;
    }

    Segment segment() {
      return segment;
    }

    int line() {
      return line;
    }

    long offset() {
      return offset;
    }
  }

  boolean isEmpty() {
    return ranges.isEmpty();
  }

  void add(Range next) {
    Range last = ranges.peekLast();
    if (last != null && last.segment == next.segment && last.line + last.count == next.line) {
      last.count += next.count;
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
    int end = head.line + head.count;
    int from = Math.min(segment.nextUnsettled(head.line), end);
    int to = Math.min(segment.nextSettled(from), end);
    return new PendingLines(
        segment.name(), segment.file(), head.line, head.offset, from - head.line, to - from);
  }

  /** Moves on past the first lines of what {@link #next} returned. */
  void advance(PendingLines pending, int lines, long bytes) {
    Range head = ranges.peekFirst();
    if (head != null && isAt(head, pending)) {
      head.line += lines;
      head.offset += bytes;
      head.count -= lines;
      if (head.count == 0) {
        ranges.remove();
      }
    }
  }

  /** Removes the range that {@link #next} returned a part of; returns its lines. */
  BitSet remove(PendingLines pending) {
    BitSet lines = new BitSet();
    Range head = ranges.peekFirst();
    if (head != null && isAt(head, pending)) {
      lines.set(head.line, head.line + head.count);
      ranges.remove();
    }
    return lines;
  }

  /** Forgets a segment that is removed. */
  void remove(Segment segment) {
    ranges.removeIf(range -> range.segment == segment);
  }

  /** Returns false if the segment has since been removed. */
  private static boolean isAt(Range head, PendingLines pending) {
    return head.segment.name().equals(pending.segment()) && head.line == pending.line();
  }
}
