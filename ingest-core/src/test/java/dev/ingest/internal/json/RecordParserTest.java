package dev.ingest.internal.json;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ingest.internal.batch.Batch;
import dev.ingest.internal.decode.RejectedException;
import dev.ingest.record.Schema;
import dev.ingest.stats.RejectReason;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;

class RecordParserTest {
  private static final Schema LENIENT =
      Schema.builder("t").integer("id").real("r").optional().lenient().real("s").optional().build();

  private static final OneField RECORDS =
      new OneField(
          Schema.builder("t").real("r").optional().lenient().real("s").optional().integer("id"));

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"r\":nan,\"id\":1}",
        "{\"id\":1,\"r\":nan}",
        "{\"id\":1,\"r\": \t\r\n-nan \n,\"s\":2.5}",
        "{\"id\":1,\"other\":nan}",
        "{\"id\":1,\"other\":[nan]}",
        "{\"id\":1,\"other\":[1,nan , inf\n,-inf\t,+Infinity,NaN]}",
        "{\"id\":1,\"other\":[nan,null,true,false,-1,{\"x\":nan}],\"r\":null,\"s\":2.5}",
        "{\"other\":{\"x\":Infinity},\"id\":1}",
        "{\"\\u0072\":NaN,\"id\":1}",
      })
  void a_bare_nan_may_stand_wherever_a_value_may(String record) throws Exception {
    assertNull(RECORDS.decodeRecord(record));
  }

  @Test
  void the_values_after_a_nan_are_read_as_ever() throws Exception {
    OneField second =
        new OneField(
            Schema.builder("t").integer("b").real("a").optional().lenient().text("c").lenient());
    assertEquals(7L, second.decodeRecord("{\"a\":nan,\"b\":7,\"c\":\"x\"}"));
    assertEquals(7L, second.decodeRecord("{\"c\":null1,\"b\":7}".replace("null1", "\"n\"")));
    RejectedException e =
        assertThrows(
            RejectedException.class, () -> second.decodeRecord("{\"a\":nan,\"b\":7,\"c\":null}"));
    assertEquals(RejectReason.MISSING_FIELD, e.reason());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "nano",
        "nan1",
        "nan_",
        "nan-",
        "nan.",
        "nan\"",
        "nan(1)",
        "na",
        "n",
        "nul",
        "nulL",
        "nann",
        "naan",
        "nna",
        "infx",
        "infinit",
        "infinityx",
        "in",
        "i",
        "I",
        "N",
        "--inf",
        "+-inf",
        "+1",
        "-",
        "+",
        "- inf",
        "-null",
        "+null",
        "-true",
        "nann",
        "nan:",
        "nan\u00e4",
        "\u00e4nan",
        "xnan",
        "tnan",
        "fnan",
        "tru",
        "t",
        "f",
        "nux",
        "nulx",
        "Null",
        "None",
        "undefined",
        ".nan",
        "1nan",
        "1.nan",
        "1enan",
        "nan nan",
        "nan\u0000",
        "nan/**/",
        "inf{}",
        "nan[]",
        "-nan1"
      })
  void nothing_else_is_taken_for_it(String garbage) {
    for (String record :
        new String[] {
          "{\"r\":%s,\"id\":1}", "{\"id\":1,\"r\":%s}", "{\"id\":1,\"x\":[%s]}",
          "{\"id\":1,\"x\":[nan,%s,nan]}", "{\"id\":1,\"x\":{\"y\":%s}}", "{\"id\":1,\"r\":%s",
        }) {
      RejectedException e =
          assertThrows(
              RejectedException.class,
              () -> RECORDS.decodeRecord(record.formatted(garbage)),
              () -> record.formatted(garbage));
      assertEquals(RejectReason.MALFORMED_JSON, e.reason(), e.detail());
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"nan", "-inf", "[nan", "{\"id\":1,\"r\":nan", "{\"id\":1,\"r\":na"})
  void a_bare_nan_is_no_message(String message) {
    RejectedException e =
        assertThrows(RejectedException.class, () -> RECORDS.decodeRecord(message));
    assertTrue(
        e.reason() == RejectReason.MALFORMED_JSON || e.reason() == RejectReason.WRONG_TYPE,
        e.detail());
  }

  @ParameterizedTest
  @ValueSource(strings = {"nan", "-Infinity", "INF"})
  void a_field_that_is_not_lenient_rejects_it_as_no_json(String word) {
    RejectedException e =
        assertThrows(
            RejectedException.class, () -> RECORDS.decodeRecord("{\"id\":1,\"s\":" + word + "}"));
    assertEquals(RejectReason.MALFORMED_JSON, e.reason());
    assertEquals(
        "field 's' is "
            + word
            + ", which JSON does not have: expected REAL, or make the field lenient",
        e.detail());
  }

  @ParameterizedTest
  @ValueSource(strings = {"nan", "NaN", "-nan", "inf", "-inf", "Infinity", "-Infinity", "+inf"})
  void a_schema_without_a_lenient_field_takes_none_anywhere(String word) {
    OneField strict = new OneField(Schema.builder("t").real("r").optional());
    for (String record : new String[] {"{\"r\":%s}", "{\"x\":%s}", "{\"x\":[%s]}"}) {
      RejectedException e =
          assertThrows(RejectedException.class, () -> strict.decodeRecord(record.formatted(word)));
      assertEquals(RejectReason.MALFORMED_JSON, e.reason(), e.detail());
    }
  }

  @Test
  void records_with_a_nan_are_decoded_together() {
    Batch batch = new Batch(LENIENT);
    int[] offsets = new int[3];
    int end = 0;
    String[] records = {
      "{\"id\":1,\"r\":nan}", "{\"r\":-inf,\"id\":2}", "{\"id\":3,\"r\":1.5,\"x\":NaN}"
    };
    for (int i = 0; i < records.length; i++) {
      byte[] bytes = records[i].getBytes(StandardCharsets.UTF_8);
      offsets[i] = batch.append(bytes, 0, bytes.length);
      end = offsets[i] + bytes.length;
    }
    assertEquals(3, new JsonDecoder(LENIENT).decodeEach(batch, offsets, 3, end));
  }

  /** Wherever one stands, the parser gives the tokens that it gives for a null in its place. */
  @Test
  void a_nan_counts_as_a_null_at_every_place() {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    String[] words = {"nan", "NaN", "-nan", "inf", "-Infinity", "+inf", "nAN"};
    for (int i = 0; i < 5_000; i++) {
      StringBuilder json = new StringBuilder();
      int[] nulls = new int[1];
      value(json, random, 0, nulls);
      String nan = json.toString();
      while (nan.contains("#")) {
        nan = nan.replaceFirst("#", words[random.nextInt(words.length)]);
      }
      try (RecordParser with = parser("[" + nan + "]");
          RecordParser without = parser("[" + json.toString().replace("#", "null") + "]")) {
        String text = nan;
        assertEquals(tokens(without), tokens(with), () -> text + ", seed " + seed);
        assertEquals(nulls[0], with.nonNumbers(), () -> text + ", seed " + seed);
        assertEquals(0, without.nonNumbers());
      }
    }
  }

  private static void value(StringBuilder json, Random random, int depth, int[] nulls) {
    switch (random.nextInt(depth < 4 ? 8 : 6)) {
      case 0, 1 -> {
        json.append('#');
        nulls[0]++;
      }
      case 2 -> json.append("null");
      case 3 -> json.append(random.nextInt(100) - 50);
      case 4 -> json.append("\"nan,\"");
      case 5 -> json.append(random.nextBoolean());
      case 6 -> {
        json.append('[');
        for (int i = random.nextInt(4); i >= 0; i--) {
          value(json, random, depth + 1, nulls);
          json.append(i > 0 ? " ," : "]");
        }
      }
      default -> {
        json.append('{');
        for (int i = random.nextInt(4); i >= 0; i--) {
          json.append("\"n\": ");
          value(json, random, depth + 1, nulls);
          json.append(i > 0 ? "," : "}");
        }
      }
    }
  }

  private static RecordParser parser(String json) {
    byte[] bytes = json.getBytes(StandardCharsets.UTF_8);
    return (RecordParser)
        RecordParsers.of(LENIENT).createParser(ObjectReadContext.empty(), bytes, 0, bytes.length);
  }

  private static List<String> tokens(RecordParser parser) {
    List<String> tokens = new ArrayList<>();
    int before = 0;
    for (JsonToken token; (token = parser.nextToken()) != null; ) {
      tokens.add(token + (token == JsonToken.VALUE_STRING ? parser.getString() : ""));
      before = Math.max(before, parser.nonNumbers());
    }
    return tokens;
  }
}
