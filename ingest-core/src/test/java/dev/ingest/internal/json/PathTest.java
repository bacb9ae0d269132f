package dev.ingest.internal.json;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ingest.internal.decode.RejectedException;
import dev.ingest.record.Schema;
import dev.ingest.stats.RejectReason;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Where the values of fields are in a record. */
class PathTest {
  private static Schema.Builder schema() {
    return Schema.builder("t");
  }

  private static Arguments leads(String pointer, String record, Object value) {
    return Arguments.of(pointer, record, value);
  }

  static Stream<Arguments> paths() {
    return Stream.of(
        leads("/a", "{\"b\":1,\"a\":2}", 2L),
        leads("/a/b", "{\"a\":{\"c\":1,\"b\":2},\"b\":3}", 2L),
        leads("/params/switch:0/apower", "{\"params\":{\"switch:0\":{\"apower\":17}}}", 17L),
        leads("/obs/0/7", "{\"obs\":[[0,1,2,3,4,5,6,7,8],[9]]}", 7L),
        leads("/obs/1", "{\"obs\":[{\"1\":2},3]}", 3L),
        leads("/obs/1", "{\"obs\":{\"0\":2,\"1\":3}}", 3L),
        leads("/obs/01", "{\"obs\":{\"1\":2,\"01\":3}}", 3L),
        leads("/obs/-", "{\"obs\":{\"-\":3}}", 3L),
        leads("/a~1b/c~0d", "{\"a/b\":{\"c~d\":4}}", 4L),
        leads("/~01", "{\"~1\":4}", 4L),
        leads("/", "{\"\":5}", 5L),
        leads("//", "{\"\":{\"\":6}}", 6L),
        leads("/ä😀/\"", "{\"\\u00e4\\ud83d\\ude00\":{\"\\\"\":7}}", 7L),
        leads("/0", "{\"0\":8}", 8L),
        leads("/a/99999999999999999999", "{\"a\":{\"99999999999999999999\":9}}", 9L),
        // It is not there.
        leads("/a/b", "{}", null),
        leads("/a/b", "{\"a\":{}}", null),
        leads("/a/b", "{\"a\":{\"c\":{\"b\":1}}}", null),
        leads("/a/b", "{\"a\":null}", null),
        leads("/a/b", "{\"a\":1}", null),
        leads("/a/b", "{\"a\":\"b\"}", null),
        leads("/a/b", "{\"a\":true}", null),
        leads("/a/b", "{\"a\":[1]}", null),
        leads("/a/b", "{\"a\":{\"b\":null}}", null),
        leads("/a/3", "{\"a\":[0,1,2]}", null),
        leads("/a/0", "{\"a\":[]}", null),
        leads("/a/0/b", "{\"a\":[[1]]}", null),
        leads("/a/01", "{\"a\":[0,1,2]}", null),
        leads("/a/-", "{\"a\":[0,1,2]}", null),
        leads("/a/-1", "{\"a\":[0,1,2]}", null),
        leads("/a/+1", "{\"a\":[0,1,2]}", null),
        leads("/a/1e0", "{\"a\":[0,1,2]}", null),
        leads("/a/", "{\"a\":[0,1,2]}", null),
        leads("/a/4294967296", "{\"a\":[0,1,2]}", null),
        leads("/a/99999999999999999999", "{\"a\":[0,1,2]}", null));
  }

  @ParameterizedTest
  @MethodSource("paths")
  void a_pointer_leads_to_a_value_or_to_none(String pointer, String record, Object value)
      throws Exception {
    Decoding optional = new Decoding(schema().integer("v").from(pointer).optional().build());
    assertEquals(List.of(Arrays.asList(value)), optional.decode(record));
    // With a value beside it that is there whatever becomes of the other one.
    Decoding second =
        new Decoding(
            schema().integer("v").from(pointer).optional().integer("z").from("/z/0").build());
    String longer = record.substring(0, record.length() - 1) + (record.equals("{}") ? "" : ",");
    assertEquals(List.of(Arrays.asList(value, 26L)), second.decode(longer + "\"z\":[26]}"));
    Decoding required = new Decoding(schema().integer("v").from(pointer).build());
    if (value != null) {
      assertEquals(List.of(List.of(value)), required.decode(record));
    } else {
      assertEquals(RejectReason.MISSING_FIELD, required.reject(record).reason());
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '\0',
      value = {
        "/a     | {}              | field 'v' is not there: expected REAL at /a, but the record has no such member",
        "/a/b/c | {}              | field 'v' is not there: expected REAL at /a/b/c, but the record has no such member",
        "/a/b/c | {\"a\":{\"x\":1}} | field 'v' is not there: expected REAL at /a/b/c, but /a has no such member",
        "/a/b/c | {\"a\":{\"b\":1}} | field 'v' is not there: expected REAL at /a/b/c, but /a/b is an integer",
        "/a/b   | {\"a\":null}      | field 'v' is not there: expected REAL at /a/b, but /a is null",
        "/a/b   | {\"a\":\"b\"}       | field 'v' is not there: expected REAL at /a/b, but /a is a string",
        "/a/b   | {\"a\":[1,2]}     | field 'v' is not there: expected REAL at /a/b, but /a is an array of 2",
        "/a/2/b | {\"a\":[1,2]}     | field 'v' is not there: expected REAL at /a/2/b, but /a is an array of 2",
        "/a~1/b | {\"a/\":true}      | field 'v' is not there: expected REAL at /a~1/b, but /a~1 is a truth value",
      })
  void a_rejection_says_where_the_path_ended(String pointer, String record, String detail) {
    RejectedException e = new Decoding(schema().real("v").from(pointer).build()).reject(record);
    assertEquals(RejectReason.MISSING_FIELD, e.reason());
    assertEquals(detail, e.detail());
  }

  @Test
  void of_many_fields_the_one_that_is_missing_is_named() {
    Schema.Builder many = schema();
    for (int i = 0; i < 200; i++) {
      many.integer("f" + i).from("/a/" + i + "/b");
    }
    Decoding decoding = new Decoding(many.build());
    String record =
        IntStream.range(0, 200)
            .mapToObj(i -> "\"" + i + "\":{\"" + (i == 130 ? "c" : "b") + "\":1}")
            .collect(Collectors.joining(",", "{\"a\":{", "}}"));
    assertTrue(decoding.reject(record).detail().contains("'f130'"));
    assertTrue(decoding.reject(record.replace("\"130\"", "\"x\"")).detail().contains("'f130'"));
  }

  @Test
  void several_fields_may_have_the_same_pointer() throws Exception {
    Decoding decoding =
        new Decoding(
            schema()
                .real("r")
                .from("/a/b")
                .integer("i")
                .from("/a/b")
                .json("j")
                .from("/a/b")
                .timestamp("t")
                .from("/a/b")
                .build());
    assertEquals(
        List.of(List.of(17.0, 17L, "17", 17_000_000_000L)), decoding.decode("{\"a\":{\"b\":17}}"));
    assertEquals(RejectReason.WRONG_TYPE, decoding.reject("{\"a\":{\"b\":\"17\"}}").reason());
  }

  @Test
  void a_pointer_may_lead_into_what_another_one_holds() throws Exception {
    Decoding decoding =
        new Decoding(
            schema()
                .json("raw")
                .from("")
                .json("obs")
                .optional()
                .real("t")
                .from("/obs/0/1")
                .optional()
                .json("first")
                .from("/obs/0")
                .optional()
                .text("n")
                .from("/n")
                .optional()
                .build());
    String record = "{ \"obs\" : [ [1, 2.5 ,\"]\"] , {} ],\"n\":\"x\"}";
    assertEquals(
        List.of(Arrays.asList(record, "[ [1, 2.5 ,\"]\"] , {} ]", 2.5, "[1, 2.5 ,\"]\"]", "x")),
        decoding.decode(" " + record + "\n"));
    assertEquals(
        List.of(Arrays.asList("{\"obs\":7}", "7", null, null, null)),
        decoding.decode("{\"obs\":7}"));
    assertEquals(
        List.of(Arrays.asList("{\"obs\":null}", null, null, null, null)),
        decoding.decode("{\"obs\":null}"));
    assertEquals(
        List.of(
            Arrays.asList("{\"n\":\"1\"}", null, null, null, "1"),
            Arrays.asList("{\"n\":\"2\"}", null, null, null, "2")),
        decoding.decode("[{\"n\":\"1\"}, {\"n\":\"2\"}]"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"a\":{\"b\":{\"c\":1}},\"a\":1}",
        "{\"a\":1,\"a\":{\"b\":{\"c\":1}}}",
        "{\"a\":{\"b\":{\"c\":1},\"b\":null}}",
        "{\"a\":{\"b\":{\"c\":1,\"\\u0063\":1}}}",
        "{\"a\":{\"b\":{\"c\":null,\"c\":1}}}",
      })
  void a_member_on_the_path_of_a_field_must_not_be_there_twice(String record) throws Exception {
    Decoding decoding = new Decoding(schema().integer("v").from("/a/b/c").optional().build());
    RejectedException e = decoding.reject(record);
    assertEquals(RejectReason.DUPLICATE_FIELD, e.reason());
    assertTrue(e.detail().matches("(/a|/a/b|field 'v') is there twice: .*"), e.detail());
    // It was seen in that record, and not in the next one.
    assertEquals(List.of(List.of(2L)), decoding.decode("{\"a\":{\"b\":{\"c\":2}}}"));
  }

  @Test
  void a_member_that_no_path_leads_to_may_be_there_twice() throws Exception {
    Decoding decoding = new Decoding(schema().integer("v").from("/a/b").build());
    assertEquals(
        List.of(List.of(1L)),
        decoding.decode("{\"b\":1,\"b\":2,\"a\":{\"c\":1,\"c\":2,\"a\":3,\"b\":1,\"a\":4}}"));
  }

  @Test
  void names_are_found_at_every_level_however_many_there_are() throws Exception {
    Schema.Builder builder = schema();
    StringBuilder record = new StringBuilder("{");
    for (int field = 0; field < 1_000; field++) {
      String last = field % 2 == 0 ? "v\0" : "v";
      String path =
          IntStream.range(0, 7).mapToObj(i -> "n" + i).collect(Collectors.joining("/", "/", ""));
      builder
          .integer("f" + field)
          .from(path.replace("n", "n" + field + "_") + "/" + last)
          .optional();
    }
    Decoding decoding = new Decoding(builder.build());
    for (int field = 0; field < 1_000; field += 37) {
      record.setLength(0);
      for (int i = 0; i < 7; i++) {
        record.append("{\"n").append(field).append('_').append(i).append("\":");
      }
      record
          .append(field % 2 == 0 ? "{\"v\\u0000\":" : "{\"v\":")
          .append("4711}")
          .append("}".repeat(7));
      List<Object> row = decoding.decode(record.toString()).get(0);
      assertEquals(4711L, row.get(field));
      assertEquals(999, row.stream().filter(cell -> cell == null).count());
    }
  }

  @Test
  void a_path_may_be_as_deep_as_a_record() throws Exception {
    String pointer = "/a".repeat(64);
    Decoding decoding = new Decoding(schema().integer("v").from(pointer).build());
    assertEquals(
        List.of(List.of(1L)), decoding.decode("{\"a\":".repeat(64) + "1" + "}".repeat(64)));
    Decoding array = new Decoding(schema().json("v").from("/a" + "/0".repeat(62)).build());
    assertEquals(
        List.of(List.of("[1]")),
        array.decode("{\"a\":" + "[".repeat(63) + "1" + "]".repeat(63) + "}"));
    assertEquals(
        RejectReason.NESTING_TOO_DEEP,
        array.reject("{\"a\":" + "[".repeat(64) + "1" + "]".repeat(64) + "}").reason());
  }

  @Test
  void what_the_server_sets_is_no_member_of_the_record() throws Exception {
    Decoding decoding =
        new Decoding(
            schema().receivedAt("at").optional().integer("a").sender("b").optional().build());
    assertEquals(
        List.of(Arrays.asList(null, 1L, null)),
        decoding.decode("{\"at\":\"x\",\"b\":1,\"a\":1,\"b\":2}"));
  }

  @Test
  void a_scalar_on_the_path_of_another_field_is_a_value_of_its_own() throws Exception {
    Decoding decoding =
        new Decoding(schema().integer("a").optional().integer("b").from("/a/b").optional().build());
    assertEquals(List.of(Arrays.asList(1L, null)), decoding.decode("{\"a\":1}"));
    assertEquals(RejectReason.WRONG_TYPE, decoding.reject("{\"a\":{\"b\":1}}").reason());
    assertThrows(AssertionError.class, () -> decoding.reject("{}"));
  }
}
