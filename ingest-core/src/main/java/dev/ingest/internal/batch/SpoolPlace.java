package dev.ingest.internal.batch;

import dev.ingest.record.JournalPosition;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Where rows of a batch stand in the spool, from the first row on. */
final class SpoolPlace {
  private @Nullable String segment;
  private long firstLine;
  private long firstByte;
  private int rows;

  void set(String name, long line, long offset, int count) {
    segment = name;
    firstLine = line;
    firstByte = offset;
    rows = count;
  }

  void clear() {
    segment = null;
    rows = 0;
  }

  int rows() {
    return rows;
  }

  long firstByte() {
    return firstByte;
  }

  Optional<JournalPosition> position(int row) {
    return segment == null || row >= rows
        ? Optional.empty()
        : Optional.of(new JournalPosition(segment, firstLine + row));
  }
}
