package dev.ingest.internal.server;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;

import dev.ingest.record.Schema;
import org.junit.jupiter.api.Test;

class WarmUpTest {
  @Test
  void any_schema_decodes_the_record_that_is_made_up_for_it() {
    Schema schema =
        Schema.builder("t")
            .integer("i \"quoted\" \\ \n")
            .real("r")
            .optional()
            .text("ä😀")
            .bool("b")
            .timestamp("t")
            .build();
    assertDoesNotThrow(() -> WarmUp.run(schema));
  }

  @Test
  void a_schema_that_no_record_fits_is_no_failure() {
    Schema scalarAndObject = Schema.builder("t").integer("a").integer("b").from("/a/b").build();
    assertDoesNotThrow(() -> WarmUp.run(scalarAndObject));
    Schema twoTypes = Schema.builder("t").integer("a").text("b").from("/a").build();
    assertDoesNotThrow(() -> WarmUp.run(twoTypes));
    Schema onlyServer = Schema.builder("t").sender("s").build();
    assertDoesNotThrow(() -> WarmUp.run(onlyServer));
  }
}
