package dev.ingest.record;

/**
 * Where a record stands in the spool of a server: on a line of a segment. No two records of any
 * server ever have the same position, since every segment has a name of its own.
 *
 * @param segment the segment's name, which is that of its file without {@code .ndjson}: a number in
 *     the order of creation and 16 random hexadecimal digits
 * @param line the line, counted from 0
 */
public record JournalPosition(String segment, long line) {
  /**
   * Returns the position for people.
   *
   * @return segment and line
   */
  @Override
  public String toString() {
    return "spool " + segment + ":" + line;
  }
}
