package dev.ingest.internal.spool;

import dev.ingest.record.JournalPosition;
import java.nio.file.Path;

/** Lines of a segment that are to be replayed next. Only the writer thread uses it. */
public final class PendingLines {
  private final Segment segment;
  private final LineRun lines;
  private final int skip;
  private final int take;

  PendingLines(Segment segment, LineRun lines, int skip, int take) {
    this.segment = segment;
    this.lines = lines;
    this.skip = skip;
    this.take = take;
  }

  Segment of() {
    return segment;
  }

  LineRun lines() {
    return lines;
  }

  /** Returns the name of the segment. */
  public String segment() {
    return segment.name();
  }

  /** Returns where the segment's file is, for messages. */
  public Path file() {
    return segment.file();
  }

  /** Returns the number of the first line. */
  public int line() {
    return lines.line();
  }

  /** Returns where the first line begins, in bytes. */
  public long offset() {
    return lines.offset();
  }

  /** Returns where the first line is. */
  public JournalPosition position() {
    return new JournalPosition(segment(), line());
  }

  /** Returns how many lines are settled and only to be passed over. */
  public int skip() {
    return skip;
  }

  /**
   * Returns how many lines after those are to be read. Of lines that cannot be read, how many are
   * not settled.
   */
  public int take() {
    return take;
  }

  /** Tells whether the bytes of the lines were damaged. */
  public boolean areDamaged() {
    return lines.state() == LineRun.State.DAMAGED;
  }

  /** Tells whether nothing is left of the lines. */
  public boolean areMissing() {
    return lines.state() == LineRun.State.MISSING;
  }
}
