package dev.ingest.internal.json;

import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.zone.ZoneOffsetTransition;
import java.time.zone.ZoneRules;
import java.util.Arrays;

/**
 * Finds the offset of a time zone at a local time, as {@link java.time.ZonedDateTime#ofLocal} does.
 *
 * <p>When the offset changes, local times up to the later one of the two that the clocks show count
 * by the offset before. For clocks that are set back, this is the earlier one of two instants; for
 * those that are set forward, it moves what is left out forward by as much. So one sorted table
 * holds the zone: where offsets end, in local time, for all instants that a timestamp can have. No
 * sender can make a look-up expensive.
 */
final class ZoneOffsets {
  private static final Instant FIRST = Instant.parse("1677-09-20T00:00:00Z");
  private static final Instant LAST = Instant.parse("2262-04-13T00:00:00Z");

  /** Local times in seconds, where one offset ends and the next one begins; at last no end. */
  private final long[] ends;

  private final int[] offsets;

  /** The index of the offset that was found last. */
  private int last;

  ZoneOffsets(ZoneId zone) {
    ZoneRules rules = zone.getRules();
    long[] found = new long[2_048];
    int[] before = new int[found.length];
    int count = 0;
    Instant from = FIRST;
    ZoneOffsetTransition next;
    while ((next = rules.nextTransition(from)) != null && next.getInstant().isBefore(LAST)) {
      if (count + 1 == found.length) {
        found = Arrays.copyOf(found, count * 2);
        before = Arrays.copyOf(before, count * 2);
      }
      found[count] = Math.max(seconds(next.getDateTimeBefore()), seconds(next.getDateTimeAfter()));
      before[count++] = next.getOffsetBefore().getTotalSeconds();
      from = next.getInstant();
    }
    found[count] = Long.MAX_VALUE;
    before[count++] = rules.getOffset(from).getTotalSeconds();
    ends = Arrays.copyOf(found, count);
    offsets = Arrays.copyOf(before, count);
  }

  private static long seconds(LocalDateTime local) {
    return local.toEpochSecond(ZoneOffset.UTC);
  }

  /** Returns the offset, in seconds, at a local time in seconds since 1970-01-01T00:00:00. */
  int at(long local) {
    if (local >= ends[last] || (last > 0 && local < ends[last - 1])) {
      int found = Arrays.binarySearch(ends, local);
      last = found < 0 ? -found - 1 : found + 1;
    }
    return offsets[last];
  }
}
