package dev.ingest.internal.spool;

import dev.ingest.record.JournalPosition;
import java.nio.file.Path;

/**
 * Lines of a segment that are to be replayed next.
 *
 * @param segment the segment's name
 * @param file the segment's file
 * @param line the first line
 * @param offset where it begins, in bytes
 * @param skip how many lines are settled and only to be passed over
 * @param take how many lines after those are to be read
 */
public record PendingLines(String segment, Path file, int line, long offset, int skip, int take) {
  /** Returns where the first line is. */
  public JournalPosition position() {
    return new JournalPosition(segment, line);
  }
}
