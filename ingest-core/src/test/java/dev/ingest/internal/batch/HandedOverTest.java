package dev.ingest.internal.batch;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.ingest.record.Schema;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class HandedOverTest {
  private static final Schema SCHEMA = Schema.builder("t").integer("id").build();

  private final HandedOver handedOver = new HandedOver();

  @Test
  void those_up_to_the_oldest_that_is_out_are_recycled() {
    Batch first = new Batch(SCHEMA, 1);
    Batch second = new Batch(SCHEMA, 1);
    handedOver.add(first, 0);
    handedOver.add(second, 0);
    assertEquals(2, handedOver.last());
    handedOver.remove(second); // which was dropped while the writer has the first
    assertEquals(0, handedOver.recycled());
    handedOver.add(second, 0);
    handedOver.remove(first);
    assertEquals(2, handedOver.recycled());
    handedOver.remove(second);
    handedOver.remove(second); // is out no more
    assertEquals(3, handedOver.recycled());
  }

  @Test
  void the_oldest_that_is_out_is_known_whatever_comes_and_goes() {
    Random random = new Random(1);
    List<Long> out = new ArrayList<>();
    ArrayDeque<Batch> free = new ArrayDeque<>();
    List<Batch> batches = new ArrayList<>();
    for (int i = 0; i < 10_000; i++) {
      if (random.nextInt(20) < (i / 1_000 % 2 == 0 ? 12 : 8) || out.isEmpty()) {
        Batch batch = free.isEmpty() ? new Batch(SCHEMA, 1) : free.pop();
        handedOver.add(batch, 0);
        batches.add(batch);
        out.add(handedOver.last());
      } else {
        int some = random.nextInt(Math.min(3, out.size()));
        Batch batch = batches.remove(some);
        out.remove(some);
        handedOver.remove(batch);
        free.push(batch);
      }
      assertEquals(out.isEmpty() ? handedOver.last() : out.get(0) - 1, handedOver.recycled());
    }
  }
}
