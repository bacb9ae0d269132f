package dev.ingest.record;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

class SchemaTest {
  @Test
  void the_fields_keep_their_order_and_optional_means_the_one_before() {
    Schema schema =
        Schema.builder("t")
            .integer("a")
            .real("b")
            .optional()
            .text("c")
            .bool("d")
            .timestamp("e")
            .optional()
            .build();
    assertEquals("t", schema.name());
    assertEquals(
        "[a INTEGER, b REAL optional, c TEXT, d BOOLEAN, e TIMESTAMP optional]",
        schema.fields().toString());
    assertEquals(List.of("b"), schema.fields().get(1).path());
  }

  @Test
  void what_makes_no_schema_is_refused_by_name() {
    Schema.Builder wide = Schema.builder("wide");
    for (int i = 0; i <= Schema.MAX_FIELDS; i++) {
      wide.integer("f" + i);
    }
    assertRefused("'wide' has 1025 fields: expected 1 to 1024", wide::build);
    assertRefused("'t' has 0 fields", () -> Schema.builder("t").build());
    assertRefused("two fields named 'a'", () -> Schema.builder("t").real("a").text("a").build());
    assertRefused("schema name is ' '", () -> Schema.builder(" "));
    assertRefused("field name is ''", () -> Schema.builder("t").text(""));
    assertThrows(IllegalStateException.class, () -> Schema.builder("t").optional());
  }

  private static void assertRefused(String message, Executable executable) {
    String actual = assertThrows(IllegalArgumentException.class, executable).getMessage();
    assertTrue(actual.contains(message), actual);
  }

  @Test
  void a_column_is_found_by_its_name() {
    Schema schema = Schema.builder("t").integer("a").text("b").build();
    assertEquals(0, schema.indexOf("a"));
    assertEquals(1, schema.indexOf("b"));
    String message =
        assertThrows(IllegalArgumentException.class, () -> schema.indexOf("c")).getMessage();
    assertEquals("schema 't' has no field 'c': expected one of [a, b]", message);
  }
}
