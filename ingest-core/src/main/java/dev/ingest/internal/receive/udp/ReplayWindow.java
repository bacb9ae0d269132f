package dev.ingest.internal.receive.udp;

import dev.ingest.source.Keys;
import java.util.Arrays;
import java.util.Collections;
import java.util.Map;
import java.util.WeakHashMap;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * Remembers which counters of a key were accepted: of the {@value #SIZE} up to the highest one,
 * each (RFC 4303, section 3.4.3); what is below them counts as accepted. The bits are a ring, so
 * that the window moves without a shift (RFC 6479). Counters are unsigned. Any thread.
 */
final class ReplayWindow {
  static final int SIZE = 2_048;

  /** Compared by identity: {@link Keys} has no equals. */
  private static final Map<Keys, Map<Long, ReplayWindow>> WINDOWS =
      Collections.synchronizedMap(new WeakHashMap<>());

  private final long[] accepted = new long[SIZE / Long.SIZE];
  private long highest;

  /** Returns the window of each key, by its id: the same for all who use the same object. */
  static Map<Long, ReplayWindow> of(Keys keys) {
    return WINDOWS.computeIfAbsent(
        keys,
        all ->
            all.ids().stream()
                .collect(Collectors.toMap(Function.identity(), id -> new ReplayWindow())));
  }

  /** Accepts a counter once, and moves the window up to it; returns false if it was accepted. */
  synchronized boolean accept(long counter) {
    if (Long.compareUnsigned(counter, highest) > 0) {
      advance(counter);
    } else if (Long.compareUnsigned(highest - counter, SIZE) >= 0) {
      return false;
    }
    long bit = 1L << counter; // of the six lowest bits
    boolean isNew = (accepted[word(counter)] & bit) == 0;
    accepted[word(counter)] |= bit;
    return isNew;
  }

  private void advance(long counter) {
    if (Long.compareUnsigned(counter - highest, SIZE) >= 0) {
      Arrays.fill(accepted, 0);
    } else {
      for (long each = highest + 1; each != counter + 1; each++) {
        accepted[word(each)] &= ~(1L << each);
      }
    }
    highest = counter;
  }

  private static int word(long counter) {
    return (int) ((counter >>> 6) & (SIZE / Long.SIZE - 1));
  }
}
