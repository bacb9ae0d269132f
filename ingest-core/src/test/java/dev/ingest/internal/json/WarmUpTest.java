package dev.ingest.internal.json;

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
}
