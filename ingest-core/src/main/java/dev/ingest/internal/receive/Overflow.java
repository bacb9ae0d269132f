package dev.ingest.internal.receive;

import dev.ingest.internal.batch.Batch;
import java.util.function.Predicate;

/** What happens to the next datagram when the queue is full. */
@FunctionalInterface
public interface Overflow {
  /** Stop receiving until there is room; the kernel's buffer takes what arrives meanwhile. */
  Overflow BLOCK = landing -> await(landing, Landing::makeRoom);

  /** Write the landing batch to the spool. Stop receiving if that fails. */
  Overflow SPOOL = landing -> await(landing, wait -> wait.makeRoom() || wait.defer());

  /** Decode it to count its records, and drop them. */
  Overflow DROP_NEWEST = Landing::spare;

  /** Drop the oldest batch that the writer does not have yet. */
  Overflow DROP_OLDEST =
      landing -> {
        while (!landing.makeRoom()) {
          if (!landing.dropOldest()) {
            return landing.spare();
          }
        }
        return landing.batch();
      };

  /** The batch that takes the next datagram: the landing one, or the spare one. */
  Batch makeRoom(Landing landing);

  private static Batch await(Landing landing, Predicate<Landing> attempt) {
    long seen;
    do {
      seen = landing.recycles();
      if (attempt.test(landing)) {
        return landing.batch();
      }
    } while (landing.awaitRecycle(seen));
    return landing.spare();
  }
}
