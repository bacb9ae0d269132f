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

  /** What is to be replayed next; null if nothing is. */
  @Nullable Stretch next() {
    Range head = ranges.peekFirst();
    if (head == null) {
      return null;
    }
    Segment segment = head.segment;
    int end = head.line + head.count;
    int from = Math.min(segment.nextUnsettled(head.line), end);
    int to = Math.min(segment.nextSettled(from), end);
    return new Stretch(
        segment.name(), segment.file(), head.line, head.offset, from - head.line, to - from);
  }

  /** Says that the first lines of what {@link #next} gave need not be read again. */
  void passed(Stretch stretch, int lines, long bytes) {
    Range head = ranges.peekFirst();
    if (head != null && isAt(head, stretch)) {
      head.line += lines;
      head.offset += bytes;
      head.count -= lines;
      if (head.count == 0) {
        ranges.remove();
      }
    }
  }

  /** Takes away the range that {@link #next} gave a part of; gives its lines. */
  BitSet remove(Stretch stretch) {
    BitSet lines = new BitSet();
    Range head = ranges.peekFirst();
    if (head != null && isAt(head, stretch)) {
      lines.set(head.line, head.line + head.count);
      ranges.remove();
    }
    return lines;
  }

  /** Forgets a segment that is removed. */
  void remove(Segment segment) {
    ranges.removeIf(range -> range.segment == segment);
  }

  /** It is not if the segment was removed meanwhile. */
  private static boolean isAt(Range head, Stretch stretch) {
    return head.segment.name().equals(stretch.segment()) && head.line == stretch.line();
  }
}
