package dev.ingest.internal.json;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.ingest.internal.decode.RejectedException;
import dev.ingest.record.Schema;
import dev.ingest.stats.RejectReason;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A field of JSON is the text of its value, exactly. */
class JsonTextTest {
  private static final List<String> SPACES = List.of("", " ", "\n", "\t \r\n ");

  @ParameterizedTest
  @ValueSource(
      strings = {
        "0",
        "-0",
        "-0.0e-0",
        "1E3",
        "17.50",
        "12345678901234567890123456789",
        "true",
        "false",
        "\"\"",
        "\"x\"",
        "\"\\\"\\\\\\/\\u00e4\\ud83d\\ude00\\ud800 ä😀,]}\"",
        "{}",
        "[]",
        "{ }",
        "[ \t]",
        "[1 , 2]",
        "{\"a\" : [ {} , \"}\" ] , \"v\":{\"v\":1}, \"v\":2 }",
        "[[[[\"]\"]]],{\"\\\"\":\"\\\\\"}]",
      })
  void whatever_is_around_it(String value) throws Exception {
    Decoding decoding =
        new Decoding(
            Schema.builder("t")
                .json("v")
                .json("again")
                .from("/v")
                .json("inner")
                .from("/o/v")
                .json("element")
                .from("/a/1")
                .json("whole")
                .from("")
                .build());
    for (String before : SPACES) {
      for (String after : SPACES) {
        String spaced = before + value + after;
        String record =
            "{\"v\":" + spaced + ",\"o\":{\"v\":" + spaced + "},\"a\":[0," + spaced + "]}";
        List<Object> row = Arrays.asList(value, value, value, value, record);
        assertEquals(List.of(row), decoding.decode(before + record + after));
        assertEquals(List.of(row, row), decoding.decode("[" + record + "," + record + "]"));
        assertEquals(
            List.of(row, row), decoding.decode("\uFEFF" + record + "\n" + record + "\u0000"));
      }
    }
  }

  @Test
  void a_long_string_is_kept_whole() throws Exception {
    String value = "\"" + "ä\\n\\\"}😀".repeat(3_000) + "\"";
    Decoding decoding = new Decoding(Schema.builder("t").json("v").build());
    assertEquals(List.of(List.of(value)), decoding.decode("{\"v\":" + value + "}"));
  }

  @Test
  void a_null_is_null_and_not_its_text() throws Exception {
    Decoding optional = new Decoding(Schema.builder("t").json("v").optional().build());
    assertEquals(List.of(Arrays.asList((Object) null)), optional.decode("{\"v\":null}"));
    Decoding required = new Decoding(Schema.builder("t").json("v").build());
    assertEquals(RejectReason.MISSING_FIELD, required.reject("{\"v\":null}").reason());
    assertEquals(List.of(List.of("[null]")), required.decode("{\"v\":[null]}"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "nan",
        "[nan]",
        "{\"a\":NaN}",
        "{a:1}",
        "[1,]",
        "'x'",
        "\"\\q\"",
        "\"\n\"",
        "01",
        "[1}"
      })
  void what_is_no_json_rejects_the_record(String value) {
    RejectedException e =
        new Decoding(Schema.builder("t").json("v").build()).reject("{\"v\":" + value + "}");
    assertEquals(RejectReason.MALFORMED_JSON, e.reason());
  }

  @Test
  void a_nan_in_it_rejects_the_record_also_if_another_field_takes_it() throws Exception {
    Decoding decoding =
        new Decoding(
            Schema.builder("t")
                .real("r")
                .from("/o/r")
                .lenient()
                .optional()
                .json("o")
                .optional()
                .build());
    assertEquals(
        List.of(Arrays.asList(1.5, "{\"r\":1.5}")), decoding.decode("{\"o\":{\"r\":1.5}}"));
    assertEquals(
        List.of(Arrays.asList(null, "1")), decoding.decode("{\"x\":nan,\"o\":1,\"y\":inf}"));
    for (String value : List.of("nan", "-inf", "[nan]", "{\"r\":nan}", "{\"x\":[{},NaN]}")) {
      RejectedException e = decoding.reject("{\"o\":" + value + "}");
      assertEquals(RejectReason.MALFORMED_JSON, e.reason(), value);
    }
  }
}
