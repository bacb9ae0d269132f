package dev.ingest.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.ingest.record.Schema;
import org.junit.jupiter.api.Test;

class SampleRecordTest {
  @Test
  void a_field_of_the_whole_record_takes_an_object() {
    assertEquals("{}", SampleRecord.of(Schema.builder("s").json("all").from("").build()));
    assertEquals(
        "{\"n\":1}",
        SampleRecord.of(Schema.builder("s").json("all").from("").integer("n").build()));
  }

  @Test
  void a_record_of_which_the_server_sets_all_is_an_object() {
    assertEquals("{}", SampleRecord.of(Schema.builder("s").sender("sender").build()));
  }

  @Test
  void each_field_stands_at_its_path() {
    assertEquals(
        "{\"a\":{\"b\":21.5,\"c\":1}}",
        SampleRecord.of(Schema.builder("s").real("x").from("/a/b").json("y").from("/a/c").build()));
  }
}
