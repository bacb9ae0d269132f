package dev.ingest.kafka;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.ingest.record.JournalPosition;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.jspecify.annotations.Nullable;

/**
 * Which lines of the server's spool are stored, as the journal topic has it: a message for each
 * range of lines of a segment. Its key is {@code SEGMENT FIRST}, its value the number of lines; one
 * with the same key takes its place, one without a value deletes it.
 *
 * <p>Batches mostly follow one another in the spool, so a range is mostly prolonged. What is here
 * is only right while nothing has failed: after that, the topic is read again.
 */
final class Positions {
  private final String topic;

  /** The first line of each range, and the line after its last, by segment. */
  private final Map<String, NavigableMap<Long, Long>> segments = new HashMap<>();

  Positions(String topic) {
    this.topic = topic;
  }

  /** Takes over a message of the topic. */
  void read(String key, byte @Nullable [] value) {
    int space = key.lastIndexOf(' ');
    String segment = key.substring(0, space);
    long first = Long.parseLong(key.substring(space + 1));
    if (value != null) {
      ranges(segment).put(first, first + Long.parseLong(new String(value, UTF_8)));
    } else if (segments.containsKey(segment)) {
      ranges(segment).remove(first);
    }
  }

  /** Returns the lines of a segment that are stored. */
  BitSet stored(String segment) {
    BitSet lines = new BitSet();
    segments
        .getOrDefault(segment, new TreeMap<>())
        .forEach((first, end) -> lines.set(Math.toIntExact(first), Math.toIntExact(end)));
    return lines;
  }

  /** Returns which lines, counted from a position, are stored. */
  BitSet stored(JournalPosition from, int count) {
    BitSet known = new BitSet();
    NavigableMap<Long, Long> ranges = segments.get(from.segment());
    if (ranges == null) {
      return known;
    }
    long end = from.line() + count;
    Long before = ranges.floorKey(from.line());
    ranges
        .subMap(before == null ? from.line() : before, true, end, false)
        .forEach(
            (first, last) -> {
              long begin = Math.max(first, from.line());
              if (last > begin) {
                known.set((int) (begin - from.line()), (int) (Math.min(last, end) - from.line()));
              }
            });
    return known;
  }

  /**
   * Takes note that lines are stored, but for those that were already.
   *
   * @return the messages that say so
   */
  List<ProducerRecord<byte[], byte[]>> add(JournalPosition position, int count, BitSet known) {
    List<ProducerRecord<byte[], byte[]>> messages = new ArrayList<>();
    NavigableMap<Long, Long> ranges = ranges(position.segment());
    for (int from = known.nextClearBit(0); from < count; ) {
      int next = known.nextSetBit(from);
      int to = next < 0 ? count : Math.min(next, count);
      long first = position.line() + from;
      Map.Entry<Long, Long> before = ranges.floorEntry(first);
      if (before != null && before.getValue() == first) {
        first = before.getKey();
      }
      long end = position.line() + to;
      ranges.put(first, end);
      messages.add(message(position.segment(), first, Long.toString(end - first).getBytes(UTF_8)));
      from = known.nextClearBit(to);
    }
    return messages;
  }

  /**
   * Forgets a segment.
   *
   * @return the messages that say so
   */
  List<ProducerRecord<byte[], byte[]>> forget(String segment) {
    NavigableMap<Long, Long> ranges = segments.remove(segment);
    return ranges == null
        ? List.of()
        : ranges.keySet().stream().map(first -> message(segment, first, null)).toList();
  }

  private NavigableMap<Long, Long> ranges(String segment) {
    return segments.computeIfAbsent(segment, name -> new TreeMap<>());
  }

  private ProducerRecord<byte[], byte[]> message(
      String segment, long first, byte @Nullable [] count) {
    return new ProducerRecord<>(topic, (segment + " " + first).getBytes(UTF_8), count);
  }
}
