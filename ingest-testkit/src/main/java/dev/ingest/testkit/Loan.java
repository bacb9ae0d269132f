package dev.ingest.testkit;

import dev.ingest.sink.Sink;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.jspecify.annotations.Nullable;

/** For how long, and by which thread, a batch may be read: during one write (S3). */
final class Loan {
  /** What ends a write halfway, and is none of the sink's doing. */
  static final class Fault extends RuntimeException {
    private static final long serialVersionUID = 1;

    Fault(long id) {
      super("the test ends this write at record " + id);
    }
  }

  private static final long NEVER = -1;

  private final Queue<String> breaches = new ConcurrentLinkedQueue<>();
  private final long faultyId;
  private volatile @Nullable Thread reader;

  Loan() {
    this(NEVER);
  }

  /** Makes one that ends as soon as a record is read. */
  Loan(long faultyId) {
    this.faultyId = faultyId;
  }

  void write(Sink sink, LentBatch batch) throws Exception {
    reader = Thread.currentThread();
    try {
      sink.write(batch);
    } finally {
      reader = null;
    }
  }

  /** Notes that a record is read. */
  void read(long id) {
    Thread thread = Thread.currentThread();
    if (thread != reader) {
      breaches.add(
          "record %d was read by %s %s"
              .formatted(
                  id,
                  thread,
                  reader == null ? "when the write had returned" : "which is not the writer"));
    }
    if (id == faultyId) {
      throw new Fault(id);
    }
  }

  /** Returns what was read by another thread than the writer's, or when the write was over. */
  Queue<String> breaches() {
    return breaches;
  }
}
