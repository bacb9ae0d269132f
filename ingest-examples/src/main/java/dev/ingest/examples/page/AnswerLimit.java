package dev.ingest.examples.page;

import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;

/**
 * Limits how long a client may take to read an answer. A thread that writes to a socket is
 * interrupted when its time is over, which closes the connection. Thread-safe.
 */
final class AnswerLimit {
  private final long limitNanos;
  private final Map<Thread, Long> deadlines = new HashMap<>();

  /** Something that writes to a client. */
  interface Answer {
    void write() throws IOException;
  }

  AnswerLimit(Duration limit) {
    this.limitNanos = limit.toNanos();
  }

  /** Writes an answer on this thread. */
  void write(Answer answer) throws IOException {
    synchronized (this) {
      deadlines.put(Thread.currentThread(), System.nanoTime() + limitNanos);
    }
    try {
      answer.write();
    } finally {
      synchronized (this) {
        deadlines.remove(Thread.currentThread());
        Thread.interrupted(); // meant for this answer, not for the thread's next one
      }
    }
  }

  /** Interrupts the threads whose time is over. To be called now and then. */
  synchronized void interruptLate() {
    long now = System.nanoTime();
    deadlines.forEach(
        (thread, deadline) -> {
          if (now - deadline > 0) {
            thread.interrupt();
          }
        });
  }
}
