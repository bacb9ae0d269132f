package dev.ingest.internal.batch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ingest.record.Schema;
import org.junit.jupiter.api.Test;

class BatchMemoryTest {
  private static final int FULL = BatchMemory.FULL_BYTES;

  private static BatchMemory memory(int fields, int batchSize) {
    Schema.Builder schema = Schema.builder("t");
    for (int i = 0; i < fields; i++) {
      schema.integer("f" + i);
    }
    return new BatchMemory(schema.build(), batchSize);
  }

  @Test
  void a_batch_of_few_fields_is_full_by_its_rows() {
    BatchMemory memory = memory(3, 100);
    assertEquals(100, memory.maxRows());
    assertEquals(100, memory.room(0, 0, 0));
    assertEquals(1, memory.room(99, 0, 0));
    assertEquals(0, memory.room(100, 0, 0));
    assertEquals(0, memory.room(300, 0, 0), "a message may have exceeded it");
  }

  @Test
  void a_batch_of_many_fields_is_full_by_its_cells() {
    BatchMemory memory = memory(1_000, 4_096);
    assertEquals(FULL / 8_016, memory.maxRows());
    assertTrue(memory(1_024, 4_096).maxRows() > 50);
  }

  @Test
  void a_batch_is_full_by_its_bytes() {
    BatchMemory memory = memory(1, 4_096);
    assertEquals(0, memory.room(1, FULL, 0));
    assertEquals(1, memory.room(0, FULL - 1, 0));
    assertEquals(0, memory.room(0, 0, FULL / 2 + 1), "what comes may become text");
    assertEquals(4_096, memory.room(0, 0, 100_000));
  }

  @Test
  void a_batch_is_overfull_by_rows_or_by_bytes() {
    BatchMemory memory = memory(3, 100);
    assertFalse(memory.isOverfull(100, FULL - 100 * 40));
    assertTrue(memory.isOverfull(101, 0));
    assertTrue(memory.isOverfull(1, FULL));
  }

  @Test
  void rows_grow_twofold_to_a_full_batch_and_beyond_it_only_for_a_message() {
    BatchMemory memory = memory(3, 100);
    assertEquals(64, memory.grownRows(32));
    assertEquals(100, memory.grownRows(64));
    assertEquals(200, memory.grownRows(100));
  }

  @Test
  void an_array_grows_twofold_but_not_far_beyond_a_full_batch() {
    assertEquals(200, BatchMemory.grown(100, 1, 101));
    assertEquals(FULL + FULL / 4, BatchMemory.grown(FULL, 1, FULL + 1));
    assertEquals((FULL + FULL / 4) / 2, BatchMemory.grown(FULL / 2, 2, 1));
    assertEquals(3 * FULL, BatchMemory.grown(FULL, 1, 3 * FULL));
  }
}
