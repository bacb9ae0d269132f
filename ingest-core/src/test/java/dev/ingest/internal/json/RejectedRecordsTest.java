package dev.ingest.internal.json;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_16;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ingest.internal.decode.Decoder;
import dev.ingest.internal.decode.RejectedException;
import dev.ingest.record.Schema;
import dev.ingest.stats.RejectReason;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A message of which each record is rejected by itself. */
class RejectedRecordsTest {
  private static final Schema SCHEMA =
      Schema.builder("t").integer("a").text("b").optional().build();

  private final Decoding decoding = new Decoding(SCHEMA);

  /** A message, the values of a that are stored, and what is rejected. */
  private static Arguments comes(String message, List<Long> stored, String... rejected) {
    return Arguments.of(message, stored, List.of(rejected));
  }

  static Stream<Arguments> messages() {
    return Stream.of(
        // Elements of arrays.
        comes("[{\"a\":1},{\"a\":nan},{\"a\":3}]", List.of(1L, 3L), "MALFORMED_JSON {\"a\":nan}"),
        comes("[{\"a\":nan},{\"a\":2},{\"a\":3}]", List.of(2L, 3L), "MALFORMED_JSON {\"a\":nan}"),
        comes("[{\"a\":1},{\"a\":2},{\"a\":nan}]", List.of(1L, 2L), "MALFORMED_JSON {\"a\":nan}"),
        comes(
            " [ {\"a\":\"x\"} ,\n{\"a\":2},{} ]\n",
            List.of(2L),
            "WRONG_TYPE {\"a\":\"x\"}",
            "MISSING_FIELD {}"),
        comes(
            "[1,{\"a\":2},null,[{\"a\":3}],\"},{\",{\"a\":4}]",
            List.of(2L, 4L),
            "WRONG_TYPE 1",
            "WRONG_TYPE null",
            "WRONG_TYPE [{\"a\":3}]",
            "WRONG_TYPE \"},{\""),
        comes("[{\"a\":1},]", List.of(1L), "MALFORMED_JSON ,]"),
        comes("[,{\"a\":1}]", List.of(1L), "MALFORMED_JSON [,"),
        comes("[{\"a\":1}, ,{\"a\":2}]", List.of(1L, 2L), "MALFORMED_JSON , ,"),
        comes(
            "[{\"a\":1} {\"a\":2},{\"a\":3}]", List.of(3L), "TRAILING_GARBAGE {\"a\":1} {\"a\":2}"),
        comes("[{\"a\":1],{\"a\":2}]", List.of(2L), "MALFORMED_JSON {\"a\":1]"),
        comes("[{\"a\":1}},{\"a\":2}]", List.of(2L), "TRAILING_GARBAGE {\"a\":1}}"),
        comes("[{\"a\":1},{\"a\":2},{\"a\":", List.of(1L, 2L), "MALFORMED_JSON {\"a\":"),
        comes("[{\"a\":1},{\"a\":2}", List.of(1L), "MALFORMED_JSON {\"a\":2}"),
        comes("[{\"a\":1},", List.of(1L), "MALFORMED_JSON ,"),
        comes(
            "[{\"a\":1},{\"a\":2,\"b\":\"x},{\"a\":3}]",
            List.of(1L),
            "MALFORMED_JSON {\"a\":2,\"b\":\"x},{\"a\":3}]"),
        comes(
            "[{\"a\":1,\"b\":\"]},{[\\\"\\\\\"},{\"a\":\"],\"},{\"a\":3,\"x\":[[],{}]}]",
            List.of(1L, 3L),
            "WRONG_TYPE {\"a\":\"],\"}"),
        comes("[{\"a\":1},{\"a\":2}] oops", List.of(1L, 2L), "TRAILING_GARBAGE oops"),
        comes("[{\"a\":1}] {\"a\":2}", List.of(1L), "TRAILING_GARBAGE {\"a\":2}"),
        comes("[{\"a\":1}]\n{\"a\":2}", List.of(1L, 2L)),
        comes(
            "[2025-07-05] started\n{\"a\":2}",
            List.of(2L),
            "MALFORMED_JSON 2025-07-05",
            "TRAILING_GARBAGE started"),
        // Lines.
        comes("{\"a\":1}\ngarbage\n{\"a\":3}\n", List.of(1L, 3L), "MALFORMED_JSON garbage"),
        comes("garbage\r\n\r\n{\"a\":2}\r\n", List.of(2L), "MALFORMED_JSON garbage"),
        comes("{\"a\":1}\n{\"a\":2}\n{\"a\":", List.of(1L, 2L), "MALFORMED_JSON {\"a\":"),
        comes("{\"a\":\n{\"a\":2}\n{\"a\":3}", List.of(2L, 3L), "MALFORMED_JSON {\"a\":"),
        comes(
            "{\"a\":1} {\"a\":2}\n{\"a\":3}", List.of(3L), "TRAILING_GARBAGE {\"a\":1} {\"a\":2}"),
        comes("{\"a\":1}\n[{\"a\":2}]\n{\"a\":3}", List.of(1L, 3L), "WRONG_TYPE [{\"a\":2}]"),
        comes(
            "{\n  \"a\": 1\n}\n{\n  \"a\": nan\n}\n{\n  \"a\": 3\n}\n",
            List.of(1L, 3L),
            "MALFORMED_JSON {\n  \"a\": nan\n}"),
        comes("{\n\"a\":1\n} x\n{\"a\":2}\n", List.of(2L), "TRAILING_GARBAGE {\n\"a\":1\n} x"),
        comes("{\"b\":\"x\n{\"a\":2,\"b\":\"}\"}\n", List.of(2L), "MALFORMED_JSON {\"b\":\"x"),
        comes(
            "{\"a\":1,\"b\":\"{\\\"\\n\"}\nx\n{\n\"a\":3,\"b\":\"}\\\\\"}\n",
            List.of(1L, 3L),
            "MALFORMED_JSON x"),
        comes("{\"a\":1}}\n{\"a\":2}", List.of(2L), "TRAILING_GARBAGE {\"a\":1}}"),
        comes("x\n{\"a\":2}\u0000\u0000", List.of(2L), "MALFORMED_JSON x"),
        comes("{\"a\":1}\nx \u0000 \u0000", List.of(1L), "MALFORMED_JSON x"),
        comes("\uFEFFx\n{\"a\":2}", List.of(2L), "MALFORMED_JSON x"),
        comes("\uFEFF{\"a\":1}\n\uFEFF{\"a\":2}", List.of(1L), "MALFORMED_JSON \uFEFF{\"a\":2}"),
        // One record, or nothing that can be taken apart.
        comes("{\"a\":nan}", List.of(), "MALFORMED_JSON {\"a\":nan}"),
        comes("\uFEFF{\"a\":nan}\n\u0000", List.of(), "MALFORMED_JSON {\"a\":nan}"),
        comes("[{\"a\":nan}]", List.of(), "MALFORMED_JSON [{\"a\":nan}]"),
        comes("[", List.of(), "MALFORMED_JSON ["),
        comes("[] x", List.of(), "TRAILING_GARBAGE [] x"),
        comes("x", List.of(), "MALFORMED_JSON x"),
        comes("bad\nworse", List.of(), "MALFORMED_JSON bad", "MALFORMED_JSON worse"));
  }

  @ParameterizedTest
  @MethodSource("messages")
  void what_is_bad_is_rejected_and_what_is_good_is_stored(
      String message, List<Long> stored, List<String> rejected) throws Exception {
    Decoding.Records records = decoding.decodeRecords(message);
    assertEquals(stored, records.rows().stream().map(row -> row.get(0)).toList());
    assertEquals(rejected, records.rejected().stream().map(Object::toString).toList());
    for (int row = 0; row < stored.size(); row++) {
      assertEquals(List.of(records.rows().get(row)), decoding.decode(records.payloads().get(row)));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"", " \n", "\u0000", "\uFEFF\u0000", "[]", "[ ]\u0000"})
  void a_message_without_a_record_is_rejected_as_a_whole(String message) {
    RejectedException e =
        assertThrows(RejectedException.class, () -> decoding.decodeRecords(message));
    assertEquals(RejectReason.EMPTY, e.reason());
  }

  @Test
  void only_the_record_with_bad_utf8_is_rejected() throws Exception {
    byte[] message = "{\"a\":1}\n{\"a\":2,\"b\":\"\u00e4\"}\n{\"a\":3}".getBytes(ISO_8859_1);
    Decoding.Records records = decoding.decodeRecords(message);
    assertEquals(List.of("{\"a\":1}", "{\"a\":3}"), records.payloads());
    RejectedException why = records.rejected().get(0).why();
    assertEquals(RejectReason.BAD_UTF8, why.reason());
    assertEquals("byte at offset 12 is not UTF-8", why.detail());
  }

  @Test
  void good_and_bad_records_together_are_not_more_than_a_batch_holds_or_than_the_bytes_allow() {
    for (String message :
        List.of("x\n".repeat(100), "[" + ",".repeat(100) + "]", "{}\n".repeat(9))) {
      RejectedException e =
          assertThrows(RejectedException.class, () -> decoding.decodeRecords(message));
      assertEquals(RejectReason.TOO_MANY_RECORDS, e.reason(), message);
    }
    String tooMany = "{\"a\":1000}\n".repeat(4_096) + "{\"a\":1.5}\n";
    RejectedException e =
        assertThrows(RejectedException.class, () -> decoding.decodeRecords(tooMany));
    assertEquals(RejectReason.TOO_MANY_RECORDS, e.reason());
  }

  @Test
  void a_message_may_have_64_bad_records_and_one_more_for_each_16_bytes() throws Exception {
    String message = "nothing\n".repeat(128) + "{\"a\":1}"; // 64 + 1,031 / 16 may be bad
    Decoding.Records records = decoding.decodeRecords(message);
    assertEquals(128, records.rejected().size());
    assertEquals(1, records.rows().size());
    RejectedException e =
        assertThrows(
            RejectedException.class,
            () -> decoding.decodeRecords("nothing\n".repeat(130) + "{\"a\":1}"));
    assertEquals(RejectReason.TOO_MANY_RECORDS, e.reason());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"a\":\n",
        "{\"a\n",
        "{[\"]\n\",",
        "[{\"a\":",
        "\"\\",
        "{}\n{",
        "[,",
        "{\n",
        "[{\"a\"},"
      })
  void taking_a_message_apart_costs_no_more_than_its_length(String part) {
    long few = splitNanos(part.repeat(64_000 / part.length()));
    long many = splitNanos(part.repeat(64_000 / part.length() * 16));
    assertTrue(many < 8 * 16 * few, few + " ns, and " + many + " for 16 times as much");
  }

  /** The least processor time of several runs. */
  private static long splitNanos(String message) {
    byte[] bytes = message.getBytes(ISO_8859_1);
    ThreadMXBean threads = ManagementFactory.getThreadMXBean();
    long least = Long.MAX_VALUE;
    for (int i = 0; i < 5; i++) {
      long start = threads.getCurrentThreadCpuTime();
      RecordSplitter.split(bytes, 0, bytes.length, Integer.MAX_VALUE);
      least = Math.min(least, threads.getCurrentThreadCpuTime() - start);
    }
    return least;
  }

  @Test
  void a_record_that_is_too_long_is_rejected() throws Exception {
    String longest = "{\"a\":1" + " ".repeat(Decoder.MAX_RECORD_BYTES - 7) + "}";
    assertEquals(List.of(longest), decoding.decodeRecords("\n" + longest + "\n").payloads());
    String tooLong = longest.replace("1", "1 ");
    Decoding.Records alone = decoding.decodeRecords(tooLong);
    assertEquals(RejectReason.OVERSIZED, alone.rejected().get(0).why().reason());
    for (String message :
        List.of(
            tooLong + "\n{\"a\":2}",
            "[" + tooLong + ",{\"a\":2}]",
            "{\"a\":2}\n{\"a\":1" + " ".repeat(Decoder.MAX_RECORD_BYTES - 6) + "}")) {
      assertEquals(RejectReason.OVERSIZED, decoding.reject(message).reason());
      Decoding.Records records = decoding.decodeRecords(message);
      assertEquals(List.of("{\"a\":2}"), records.payloads());
      assertEquals(1, records.rejected().size());
      assertEquals(RejectReason.OVERSIZED, records.rejected().get(0).why().reason());
    }
  }

  @Test
  void a_message_of_another_format_is_one_bad_record() throws Exception {
    byte[] gzip = HexFormat.of().parseHex("1f8b0800" + "0a7b220a".repeat(10));
    assertEquals(1, decoding.decodeRecords(gzip).rejected().size());
    assertEquals(1, decoding.decodeRecords("{\"a\":\n1}\n{}".getBytes(UTF_16)).rejected().size());
    Decoding.Records syslog = decoding.decodeRecords("<13>1 {\"a\":1}\n<13>1 {\"a\":2}");
    assertEquals(2, syslog.rejected().size());
    assertTrue(syslog.rejected().get(1).why().detail().contains("syslog"));
  }

  @Test
  void a_text_that_was_set_before_the_fault_of_its_record_leaves_nothing_behind() throws Exception {
    Decoding texts =
        new Decoding(Schema.builder("t").text("b").integer("a").text("c").optional().build());
    Decoding.Records records =
        texts.decodeRecords(
            "{\"b\":\"one\",\"a\":1}\n{\"b\":\"two\",\"c\":\"x\",\"a\":x}\n{\"b\":\"three\",\"a\":3}");
    assertEquals(List.of("one", "three"), records.rows().stream().map(row -> row.get(0)).toList());
    assertEquals(null, records.rows().get(1).get(2));
  }

  @Test
  void whatever_the_bytes_each_is_stored_or_rejected_once_and_in_order() throws Exception {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    String[] parts = {
      "{",
      "}",
      "[",
      "]",
      ",",
      ":",
      "\"",
      "\\",
      "\n",
      "\r\n",
      " ",
      "\u0000",
      "\uFEFF",
      "nan",
      "1",
      "{\"a\":1}",
      "{\"a\":2,\"b\":\"}{\"}",
      "\n{\"a\":3}\n",
      ",{\"a\":4},",
      "\"a\":",
      "\u00e4",
      "{\n\"a\":5\n}"
    };
    for (int i = 0; i < 30_000; i++) {
      StringBuilder text = new StringBuilder(random.nextBoolean() ? "[" : "");
      for (int part = random.nextInt(20); part >= 0; part--) {
        text.append(parts[random.nextInt(parts.length)]);
      }
      String message = text.toString();
      try {
        checkRecords(message, decoding.decodeRecords(message));
      } catch (RejectedException e) {
        assertTrue(
            e.reason() == RejectReason.EMPTY || e.reason() == RejectReason.TOO_MANY_RECORDS,
            message);
      } catch (RuntimeException | AssertionError e) {
        throw new AssertionError("seed " + seed + ", message " + message, e);
      }
    }
  }

  private void checkRecords(String message, Decoding.Records records) throws RejectedException {
    assertTrue(records.rows().size() + records.rejected().size() > 0);
    List<String> all = new ArrayList<>(records.payloads());
    records.rejected().forEach(rejected -> all.add(rejected.payload()));
    int from = 0;
    for (String payload : records.payloads()) {
      from = message.indexOf(payload, from);
      assertTrue(from >= 0, payload);
      from += payload.length();
    }
    assertTrue(all.stream().noneMatch(String::isEmpty));
    assertTrue(all.stream().mapToInt(String::length).sum() <= message.length() + all.size());
    for (int row = 0; row < records.rows().size(); row++) {
      assertEquals(List.of(records.rows().get(row)), decoding.decode(records.payloads().get(row)));
    }
  }
}
