package dev.ingest.examples;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.Charset;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class LetterTest {
  private static final String HEAD =
      "{\"time\":\"2026-01-31T12:00:00.5Z\",\"source\":\"192.0.2.7:40000\",\"reason\":\"REFUSED\",";

  private static Letter letter(String rest) {
    return Letter.parse((HEAD + rest).getBytes(UTF_8)).orElseThrow();
  }

  private static List<String> lines(String payload) {
    return lines(payload, UTF_8);
  }

  private static List<String> lines(String payload, Charset charset) {
    byte[] bytes = payload.getBytes(charset);
    Letter letter = new Letter(Instant.EPOCH, "s", "r", null, "d", bytes, bytes.length);
    return letter.spoolLines().map(line -> new String(line, charset)).toList();
  }

  @ParameterizedTest
  @ValueSource(strings = {"UTF-16BE", "UTF-16LE", "UTF-16", "UTF-32BE", "UTF-32LE", "ISO-8859-1"})
  void what_is_not_utf_8_stays_as_it_is(String charset) {
    for (String payload : List.of("{\"\u00e9\":1}", "[{\"\u00e9\":1},{\"n\":2}]", "{}\u00ff{}")) {
      assertEquals(List.of(payload), lines(payload, Charset.forName(charset)));
    }
  }

  @Test
  void a_byte_order_mark_before_a_message_is_passed_over() {
    assertEquals(List.of("{\"\u00e9\":1}", "{}"), lines("\ufeff{\"\u00e9\":1}\n{}"));
  }

  @Test
  void a_record_is_a_line_as_it_came() {
    assertEquals(
        List.of("{\"n\":1}"), lines("{\"n\":1}"), "and what is around it is not of the record");
    assertEquals(List.of("{ \"n\": 1,  \"m\": 2 }"), lines("{ \"n\": 1,\n \"m\": 2 }\r\n"));
    assertEquals(
        List.of("{\"t\":\"\u00e9\ud83d\ude00\"}"), lines("{\"t\":\"\u00e9\ud83d\ude00\"}"));
  }

  @Test
  void a_message_of_several_records_has_a_line_for_each() {
    List<String> both = List.of("{\"n\":1}", "{\"n\":[2]}");
    assertEquals(both, lines("{\"n\":1}\n{\"n\":[2]}\n"));
    assertEquals(both, lines("[{\"n\":1}, {\"n\":[2]}]"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"n\":1}{\"n\":2}",
        "{\"n\":1} {\"n\":2}",
        "[[{\"n\":1}]]",
        "[{\"n\":1}] x",
        "[{\"n\":1}]{\"n\":2}",
        "[{\"n\":1},2]",
        "[{\"n\":1}",
        "{\"n\":1",
        "{\"n\":nan}",
        "no JSON"
      })
  void what_is_no_such_message_stays_as_it_is(String payload) {
    assertEquals(List.of(payload), lines(payload));
  }

  @Test
  void no_sender_makes_up_the_arrival_of_a_line() {
    assertEquals(List.of(" [1,\"s\",{\"n\":1}]"), lines("[1,\"s\",{\"n\":1}]"));
    assertEquals(List.of(" [-1,\"s\",{\"n\":1}]"), lines("[-1,\"s\",{\"n\":1}]"));
  }

  @Test
  void the_arrival_stands_before_the_record_as_in_a_spool() {
    Letter letter =
        letter(
            "\"receivedAt\":\"2025-07-05T08:31:01.123456789Z\",\"detail\":\"\","
                + "\"payload\":\"{\\\"n\\\":1}\"}");
    assertEquals(
        List.of("[1751704261123456789,\"192.0.2.7:40000\",{\"n\":1}]"),
        letter.spoolLines().map(line -> new String(line, UTF_8)).toList());
  }

  @Test
  void bytes_that_are_no_text_are_read() {
    Letter letter = letter("\"detail\":\"\",\"payloadBase64\":\"/wA=\"}");
    assertEquals("\u00ff\0", new String(letter.payload(), ISO_8859_1));
    assertFalse(letter.isCut());
    assertTrue(letter("\"detail\":\"\",\"payload\":\"x\",\"bytes\":2000}").isCut());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "''",
        "[]",
        "null",
        "{\"n\":1}",
        "{\"time\":\"now\",\"source\":\"s\",\"reason\":\"R\",\"detail\":\"\",\"payload\":\"\"}",
        "{\"time\":\"2026-01-31T12:00:00Z\",\"source\":\"s\",\"reason\":\"R\",\"detail\":\"\",\"payl",
        "{\"time\":\"2026-01-31T12:00:00Z\",\"source\":\"s\",\"reason\":\"R\",\"detail\":\"\",\"payloadBase64\":\"%\"}",
        "{\"time\":\"2026-01-31T12:00:00Z\",\"source\":\"s\",\"reason\":\"R\",\"receivedAt\":\"+9999999-01-31T12:00:00Z\",\"detail\":\"\",\"payload\":\"\"}",
        "{\"time\":\"2026-01-31T12:00:00Z\",\"source\":\"a\\\"b\",\"reason\":\"R\",\"receivedAt\":\"2026-01-31T12:00:00Z\",\"detail\":\"\",\"payload\":\"\"}"
      })
  void what_is_no_letter_is_none(String line) {
    assertTrue(Letter.parse(line.getBytes(UTF_8)).isEmpty());
  }
}
