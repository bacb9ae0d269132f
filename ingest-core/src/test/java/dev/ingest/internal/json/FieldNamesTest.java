package dev.ingest.internal.json;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ingest.internal.batch.Batch;
import dev.ingest.internal.decode.RejectedException;
import dev.ingest.record.Schema;
import dev.ingest.stats.RejectReason;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class FieldNamesTest {
  private static final InetSocketAddress SOURCE =
      new InetSocketAddress(InetAddress.getLoopbackAddress(), 4711);

  /** How many members a record has, so that it is not too long. */
  private static final int MOST = 64;

  static Stream<List<String>> schemas() {
    return Stream.of(
        List.of(
            "a",
            "ab",
            "abc",
            "abcd",
            "abcde",
            "ä",
            "a😀",
            "a b",
            "\"",
            "\\",
            "\nx",
            "\u007f",
            "größe in m"),
        numbered("f%d", 1024),
        numbered("a_rather_long_name_%d_of_a_field", 1024),
        numbered("p%016d", 47), // the hash table of Jackson's matcher overflows
        List.of("id", "\0id", "\0abc", "\0\u20ac", "i\0d", "id\0", "\0"));
  }

  @ParameterizedTest
  @MethodSource("schemas")
  void every_field_gets_its_own_value_and_nothing_else_does(List<String> names) throws Exception {
    Schema.Builder builder = Schema.builder("names");
    names.forEach(name -> builder.integer(name).optional());
    Schema schema = builder.build();
    Batch batch = new Batch(schema);
    JsonDecoder decoder = new JsonDecoder(schema);

    for (int first = 0; first < names.size(); first += MOST) {
      List<String> some = names.subList(first, Math.min(first + MOST, names.size()));
      List<String> strangers = strangers(some, names);
      batch.clear();
      decode(decoder, batch, record(some, FieldNamesTest::plain));
      decode(decoder, batch, record(some, FieldNamesTest::escaped));
      decode(decoder, batch, record(strangers, FieldNamesTest::plain));
      decode(decoder, batch, record(strangers, FieldNamesTest::escaped));
      for (int i = 0; i < some.size(); i++) {
        assertEquals(i, batch.all().getLong(0, first + i));
        assertEquals(i, batch.all().getLong(1, first + i));
        assertTrue(batch.all().isNull(2, first + i), some.get(i));
        assertTrue(batch.all().isNull(3, first + i), some.get(i));
      }
    }
    byte[] twice = record(List.of(names.get(0), names.get(0)), FieldNamesTest::plain);
    RejectedException rejected =
        assertThrows(RejectedException.class, () -> decode(decoder, batch, twice));
    assertEquals(RejectReason.DUPLICATE_FIELD, rejected.reason());
  }

  private static List<String> numbered(String format, int count) {
    return IntStream.range(0, count).mapToObj(i -> String.format(format, i)).toList();
  }

  /** Names that are nearly some of those of the schema. */
  private static List<String> strangers(List<String> some, List<String> names) {
    return some.stream()
        .flatMap(name -> Stream.of("\0" + name, name + "\0", name + "_", name.substring(1)))
        .distinct()
        .filter(name -> !names.contains(name))
        .toList();
  }

  /** The first name has the value 0, the second 1, and so on. */
  private static byte[] record(List<String> names, UnaryOperator<String> written) {
    return IntStream.range(0, names.size())
        .mapToObj(i -> '"' + written.apply(names.get(i)) + "\":" + i)
        .collect(Collectors.joining(",", "{", "}"))
        .getBytes(StandardCharsets.UTF_8);
  }

  /** With the escapes that JSON insists on. */
  private static String plain(String name) {
    return name.codePoints()
        .mapToObj(
            c ->
                c < ' ' || c == '"' || c == '\\'
                    ? String.format("\\u%04x", c)
                    : Character.toString(c))
        .collect(Collectors.joining());
  }

  private static String escaped(String name) {
    return name.chars().mapToObj(c -> String.format("\\u%04x", c)).collect(Collectors.joining());
  }

  private static void decode(JsonDecoder decoder, Batch batch, byte[] datagram)
      throws RejectedException {
    int offset = batch.append(ByteBuffer.wrap(datagram));
    decoder.decode(batch, offset, datagram.length);
    batch.commit(SOURCE, 0, offset + datagram.length);
  }
}
