package dev.ingest.internal.ledger;

import java.util.EnumMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Counts by reason. Guarded by the ledger's lock. */
final class Counts<E extends Enum<E>> {
  private final EnumMap<E, Long> counts;

  /** Made when it is asked for, and given to all who ask until a count changes. */
  private @Nullable Map<E, Long> copy;

  Counts(Class<E> reasons) {
    this.counts = new EnumMap<>(reasons);
  }

  void add(E reason, long more) {
    counts.merge(reason, more, Long::sum);
    copy = null;
  }

  /** Returns an immutable map without the reasons that did not occur. */
  Map<E, Long> copy() {
    Map<E, Long> last = copy;
    if (last == null) {
      last = Map.copyOf(counts);
      copy = last;
    }
    return last;
  }
}
