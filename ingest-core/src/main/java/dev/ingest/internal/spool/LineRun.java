package dev.ingest.internal.spool;

/**
 * Lines of a segment that follow one another, as they were found in its file.
 *
 * @param line the number of the first
 * @param count how many lines
 * @param offset where they begin in the file, in bytes
 * @param length how many bytes there are
 * @param state what they are
 */
record LineRun(int line, int count, long offset, long length, State state) {
  /** What lines are. */
  enum State {
    /** As they were written. */
    GOOD,
    /** Their bytes are no good lines any more. */
    DAMAGED,
    /** There are no bytes left of them. */
    MISSING
  }

  int end() {
    return line + count;
  }

  /** Returns the part before a line. */
  LineRun before(int end) {
    return end >= end() ? this : new LineRun(line, end - line, offset, length, state);
  }
}
