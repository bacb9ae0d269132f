package dev.ingest.internal.json;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import dev.ingest.record.Schema;
import java.time.temporal.ChronoUnit;
import java.util.List;
import org.junit.jupiter.api.Test;

class MadeUpRecordTest {
  @Test
  void a_record_is_made_up_with_all_fields_wherever_they_are() throws Exception {
    Schema schema =
        Schema.builder("t")
            .integer("i")
            .receivedAt("r")
            .sender("s")
            .real("a")
            .from("/a/2/b")
            .text("x")
            .from("/a/0")
            .timestamp("t")
            .from("/c/d~1e")
            .epoch(ChronoUnit.NANOS)
            .timestamp("far")
            .from("/f/1000000000000/1000000")
            .epoch(ChronoUnit.MILLIS)
            .json("j")
            .from("/c/j")
            .json("in")
            .from("/a/2")
            .json("raw")
            .from("")
            .timestamp("mixed")
            .from("/m/0")
            .bool("mixed2")
            .from("/m/x")
            .build();
    List<Object> row = new Decoding(schema).decode(MadeUpRecord.of(schema)).get(0);
    for (int column = 0; column < row.size(); column++) {
      boolean ofTheServer = column == 1 || column == 2;
      assertFalse(!ofTheServer && row.get(column) == null, "column " + column + " of " + row);
    }
    assertEquals("{\"b\": 21.400000000000002}", row.get(8));
  }

  @Test
  void the_record_of_a_flat_schema_has_its_members_in_order() {
    Schema schema = Schema.builder("t").integer("b").sender("s").real("a").build();
    assertEquals("{\"b\": 17, \"a\": 21.400000000000002}", MadeUpRecord.of(schema));
  }
}
