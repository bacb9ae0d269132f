package dev.ingest.internal.intake;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class FlushRequestsTest {
  private final FlushRequests flushes = new FlushRequests(2);

  private static long inOneMinute() {
    return System.nanoTime() + TimeUnit.MINUTES.toNanos(1);
  }

  @Test
  void a_flush_is_answered_when_every_receiver_has_answered() throws Exception {
    long flush = flushes.ask();
    flushes.answer(0, flush);
    assertFalse(flushes.await(flush, System.nanoTime()));
    flushes.answer(1, flush);
    assertTrue(flushes.await(flush, inOneMinute()));
  }

  @Test
  void receivers_that_end_answer_no_flush_since_they_break_off_what_they_read_for_it()
      throws Exception {
    long flush = flushes.ask();
    flushes.end();
    flushes.answer(0, flush);
    flushes.answer(1, flush);
    assertFalse(flushes.await(flush, inOneMinute()));
  }
}
