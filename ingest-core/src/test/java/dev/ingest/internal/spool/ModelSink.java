package dev.ingest.internal.spool;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ingest.internal.batch.Rows;
import dev.ingest.record.JournalPosition;
import java.util.BitSet;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** A sink that never loses what it has stored, and may remember the positions of that. */
final class ModelSink {
  private final boolean remembers;
  private final BitSet once = new BitSet();
  private final BitSet twice = new BitSet();
  private final Map<String, BitSet> positions = new HashMap<>();

  ModelSink(boolean remembers) {
    this.remembers = remembers;
  }

  ModelSink copy() {
    ModelSink copy = new ModelSink(remembers);
    copy.once.or(once);
    copy.twice.or(twice);
    positions.forEach((segment, lines) -> copy.positions.put(segment, (BitSet) lines.clone()));
    return copy;
  }

  /** Stores rows, and where they stand, in one step. */
  void write(Rows rows) {
    for (int row = 0; row < rows.size(); row++) {
      int id = Events.id(rows, row);
      Events.check(rows, row);
      if (once.get(id)) {
        twice.set(id);
      }
      once.set(id);
    }
    Optional<JournalPosition> first = rows.position();
    if (remembers && first.isPresent()) {
      int line = (int) first.get().line();
      BitSet lines = positions.computeIfAbsent(first.get().segment(), segment -> new BitSet());
      assertTrue(lines.get(line, line + rows.size()).isEmpty(), "a position is stored twice");
      lines.set(line, line + rows.size());
    }
  }

  boolean remembers() {
    return remembers;
  }

  BitSet stored(String segment) {
    return positions.getOrDefault(segment, new BitSet());
  }

  void forget(String segment) {
    positions.remove(segment);
  }

  /** Returns what is stored. */
  BitSet stored() {
    return once;
  }

  /** Returns what is stored more than once. */
  BitSet twice() {
    return twice;
  }
}
