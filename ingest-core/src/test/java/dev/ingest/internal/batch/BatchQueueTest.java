package dev.ingest.internal.batch;

import static org.awaitility.Awaitility.waitAtMost;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ingest.record.Schema;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60) // for a wait that is not woken
class BatchQueueTest {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final long FOR_EVER = Long.MAX_VALUE;
  private static final InetSocketAddress SOURCE =
      new InetSocketAddress(InetAddress.getLoopbackAddress(), 4711);

  private final BatchQueue queue =
      new BatchQueue(Schema.builder("t").integer("id").build(), 10, 4, 1);

  @Test
  void the_room_is_what_the_capacity_leaves_and_at_most_a_batch() {
    assertEquals(4, queue.room());
    queue.put(batchOf(4), System.nanoTime());
    assertEquals(4, queue.room());
    queue.put(batchOf(4), System.nanoTime());
    assertEquals(2, queue.room());
    queue.put(batchOf(3), System.nanoTime()); // a datagram's records stay together
    assertEquals(0, queue.room());
    Batch taken = queue.take(FOR_EVER);
    assertEquals(0, queue.room(), "a batch that is being written still takes room");
    queue.recycle(taken);
    assertEquals(3, queue.room());
  }

  @Test
  void there_are_two_batches_more_than_make_up_the_capacity_and_they_come_again() {
    List<Batch> batches = new ArrayList<>();
    for (Batch free = queue.free(); free != null; free = queue.free()) {
      batches.add(free);
    }
    assertEquals(5, batches.size());
    queue.put(fill(batches.get(0), 2), System.nanoTime());
    queue.recycle(queue.take(FOR_EVER));
    assertSame(batches.get(0), queue.free());
    assertEquals(0, batches.get(0).rows());
  }

  @Test
  void small_batches_begin_small() {
    Schema schema = Schema.builder("t").text("s").optional().build();
    Batch small = new BatchQueue(schema, 65_536, 1, 1).spare();
    assertTrue(small.payload().length <= 256, () -> small.payload().length + " bytes for a row");
    for (int i = 0; i < 70; i++) {
      small.addRow();
      small.setText(0, "abc".toCharArray(), 0, 3);
      small.commit(SOURCE, 0, 10 * (i + 1));
    }
    assertEquals("abc", small.all().getString(69, 0));
  }

  @Test
  void the_age_is_that_of_the_oldest_batch_that_is_not_recycled() {
    long hours = TimeUnit.HOURS.toNanos(1);
    assertEquals(0, queue.oldestNanos());
    queue.put(batchOf(1), System.nanoTime() - 3 * hours);
    queue.put(batchOf(1), System.nanoTime() - 2 * hours);
    for (int i = 0; i < 20; i++) { // more than are tracked at first
      queue.put(batchOf(1), System.nanoTime());
    }
    assertTrue(queue.oldestNanos() >= 3 * hours, "it waits");
    Batch first = queue.take(FOR_EVER);
    assertTrue(queue.oldestNanos() >= 3 * hours, "it is in hand");
    queue.recycle(queue.evict()); // as a receiver does that drops it
    assertTrue(queue.oldestNanos() >= 3 * hours, "the first is still in hand");
    queue.recycle(first);
    assertTrue(queue.oldestNanos() < 2 * hours, "only new ones are left");
  }

  @Test
  void batches_are_taken_or_evicted_oldest_first() {
    Batch first = batchOf(1);
    Batch second = batchOf(2);
    Batch third = batchOf(3);
    List.of(first, second, third).forEach(batch -> queue.put(batch, System.nanoTime()));
    assertSame(first, queue.evict());
    assertSame(second, queue.take(FOR_EVER));
    assertFalse(queue.isEmpty());
    assertSame(third, queue.take(FOR_EVER));
    assertTrue(queue.isEmpty());
    assertNull(queue.evict());
  }

  @Test
  void a_complete_queue_is_emptied_and_then_ends() {
    queue.put(batchOf(1), System.nanoTime());
    queue.receiverEnded();
    assertNotNull(queue.take(FOR_EVER));
    assertNull(queue.take(FOR_EVER));
  }

  @Test
  void a_queue_of_several_receivers_ends_when_the_last_one_has_ended() {
    BatchQueue shared = new BatchQueue(Schema.builder("t").integer("id").build(), 10, 4, 2);
    shared.receiverEnded();
    assertFalse(shared.isOver());
    shared.put(batchOf(1), System.nanoTime());
    shared.receiverEnded();
    assertFalse(shared.isOver());
    assertNotNull(shared.take(FOR_EVER));
    assertTrue(shared.isOver());
  }

  @Test
  void an_abandoned_queue_ends_at_once_for_both_sides() throws Exception {
    CompletableFuture<Batch> taken = CompletableFuture.supplyAsync(() -> queue.take(FOR_EVER));
    long seen = queue.recycles();
    CompletableFuture<Void> room =
        CompletableFuture.runAsync(() -> queue.awaitRecycle(seen, FOR_EVER));
    CompletableFuture<Boolean> pause =
        CompletableFuture.supplyAsync(() -> queue.pause(TimeUnit.DAYS.toNanos(1), () -> false));
    queue.abandon();
    assertNull(taken.get(60, TimeUnit.SECONDS));
    room.get(60, TimeUnit.SECONDS);
    assertFalse(pause.get(60, TimeUnit.SECONDS));
    queue.put(batchOf(1), System.nanoTime());
    assertNull(queue.take(FOR_EVER));
  }

  @Test
  void no_recycling_is_missed_between_the_look_and_the_wait() {
    Batch batch = batchOf(1);
    queue.put(batch, System.nanoTime());
    long seen = queue.recycles();
    queue.recycle(queue.take(FOR_EVER));
    queue.awaitRecycle(seen, FOR_EVER); // returns at once
  }

  @Test
  void the_drain_ends_a_pause_that_began_before_it() throws Exception {
    Thread pausing = new Thread(() -> queue.pause(TimeUnit.DAYS.toNanos(1), queue::isDraining));
    pausing.start();
    waitAtMost(PATIENCE).until(() -> pausing.getState() == Thread.State.TIMED_WAITING);
    queue.beginDrain();
    pausing.join(TimeUnit.SECONDS.toMillis(60));
    assertFalse(pausing.isAlive());
  }

  @Test
  void a_phase_that_was_reached_is_never_left() {
    queue.abandon();
    queue.beginDrain();
    queue.receiverEnded();
    assertTrue(queue.isAbandoned());
    assertTrue(queue.isDraining());
    assertTrue(queue.isOver());
  }

  @Test
  void a_pause_ends_when_its_condition_holds() throws Exception {
    Thread pausing =
        new Thread(() -> queue.pause(TimeUnit.DAYS.toNanos(1), () -> !queue.isEmpty()));
    pausing.start();
    waitAtMost(PATIENCE).until(() -> pausing.getState() == Thread.State.TIMED_WAITING);
    queue.put(batchOf(1), System.nanoTime());
    pausing.join(TimeUnit.SECONDS.toMillis(60));
    assertFalse(pausing.isAlive());
  }

  private Batch batchOf(int rows) {
    return fill(queue.spare(), rows);
  }

  private static Batch fill(Batch batch, int rows) {
    for (int i = 0; i < rows; i++) {
      batch.addRow();
      batch.setLong(0, i);
    }
    batch.commit(SOURCE, 0, 0);
    return batch;
  }
}
