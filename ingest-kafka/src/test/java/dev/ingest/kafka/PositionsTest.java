package dev.ingest.kafka;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.ingest.record.JournalPosition;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Random;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.Test;

class PositionsTest {
  private final Positions positions = new Positions("journal");
  private final List<ProducerRecord<byte[], byte[]>> topic = new ArrayList<>();

  private List<String> add(String segment, int line, int count) {
    JournalPosition position = new JournalPosition(segment, line);
    List<ProducerRecord<byte[], byte[]>> messages =
        positions.add(position, count, positions.stored(position, count));
    topic.addAll(messages);
    return texts(messages);
  }

  private static List<String> texts(List<ProducerRecord<byte[], byte[]>> messages) {
    return messages.stream()
        .map(m -> text(m.key()) + "=" + (m.value() == null ? null : text(m.value())))
        .toList();
  }

  private static String text(byte[] bytes) {
    return new String(bytes, UTF_8);
  }

  private Positions readAgain() {
    Positions read = new Positions("journal");
    topic.forEach(message -> read.read(text(message.key()), message.value()));
    return read;
  }

  @Test
  void ranges_that_follow_one_another_are_one() {
    assertEquals(List.of("a 0=10"), add("a", 0, 10));
    assertEquals(List.of("a 0=11"), add("a", 10, 1));
    assertEquals(List.of("a 20=5"), add("a", 20, 5));
    assertEquals(List.of("b 0=5"), add("b", 0, 5));
    assertEquals(List.of("a 0=20"), add("a", 11, 9));
  }

  @Test
  void lines_that_are_stored_already_are_left_out() {
    add("a", 5, 10);
    add("a", 20, 5);
    assertEquals("{5, 6, 7}", positions.stored(new JournalPosition("a", 0), 8).toString());
    assertEquals(
        "{0, 1, 2, 3, 4, 5, 6}", positions.stored(new JournalPosition("a", 8), 9).toString());
    assertEquals(List.of("a 0=5", "a 5=15", "a 20=10"), add("a", 0, 30));
    assertEquals(List.of(), add("a", 3, 20));
    assertEquals(30, positions.stored("a").cardinality());
  }

  @Test
  void a_segment_that_is_forgotten_leaves_nothing() {
    add("a", 0, 5);
    add("a", 10, 5);
    add("b", 0, 5);
    List<ProducerRecord<byte[], byte[]>> messages = positions.forget("a");
    topic.addAll(messages);
    assertEquals(List.of("a 0=null", "a 10=null"), texts(messages));
    assertEquals(List.of(), positions.forget("a"));
    assertEquals(new BitSet(), readAgain().stored("a"));
    assertEquals(5, readAgain().stored("b").cardinality());
  }

  @Test
  void what_is_read_again_is_what_was_stored_in_any_order() {
    Random random = new Random(14);
    BitSet expected = new BitSet();
    for (int i = 0; i < 2000; i++) {
      int line = random.nextInt(3000);
      int count = 1 + random.nextInt(40);
      JournalPosition position = new JournalPosition("a", line);
      BitSet known = expected.get(line, line + count);
      assertEquals(known, positions.stored(position, count));
      add("a", line, count);
      expected.set(line, line + count);
      assertEquals(expected, positions.stored("a"));
    }
    assertEquals(expected, readAgain().stored("a"));
  }
}
