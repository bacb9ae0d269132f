package dev.ingest;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ingest.record.RecordBatch;
import dev.ingest.record.Schema;
import dev.ingest.sink.Sink;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Keeps the numbers of events, batch by batch and all or nothing, as a database would. */
class MemorySink implements Sink {
  /** What happens to a write before it stores anything. */
  @FunctionalInterface
  interface Fault {
    void strike(RecordBatch batch) throws Exception;
  }

  /** Holds every write up until it is opened. */
  static final class Gate implements Fault {
    private final CountDownLatch entered = new CountDownLatch(1);
    private final CountDownLatch open = new CountDownLatch(1);
    private final boolean interruptible;

    Gate() {
      this(true);
    }

    Gate(boolean interruptible) {
      this.interruptible = interruptible;
    }

    @Override
    public void strike(RecordBatch batch) throws InterruptedException {
      entered.countDown();
      while (true) {
        try {
          open.await();
          return;
        } catch (InterruptedException e) {
          if (interruptible) {
            throw e;
          }
        }
      }
    }

    /** Waits until a write is held up. */
    void awaitEntered() throws InterruptedException {
      assertTrue(entered.await(TestServers.SOON.toSeconds(), TimeUnit.SECONDS), "no write");
    }

    void open() {
      open.countDown();
    }
  }

  private final Fault fault;
  private final List<List<Long>> batches = new ArrayList<>();
  private final List<Thread> callers = new ArrayList<>();
  private int opened;
  private int attempts;
  private int closed;

  MemorySink() {
    this(batch -> {});
  }

  MemorySink(Fault fault) {
    this.fault = fault;
  }

  @Override
  public synchronized void open(Schema schema) {
    opened++;
    callers.add(Thread.currentThread());
  }

  @Override
  public void write(RecordBatch batch) throws Exception {
    synchronized (this) {
      attempts++;
      callers.add(Thread.currentThread());
    }
    fault.strike(batch);
    List<Long> stored = ids(batch);
    synchronized (this) {
      batches.add(stored);
    }
  }

  @Override
  public synchronized void close() {
    closed++;
    callers.add(Thread.currentThread());
  }

  static List<Long> ids(RecordBatch batch) {
    List<Long> ids = new ArrayList<>();
    for (int row = 0; row < batch.size(); row++) {
      ids.add(batch.getLong(row, 0));
    }
    return ids;
  }

  /** The numbers of all events stored, in the order of their storing. */
  synchronized List<Long> stored() {
    return batches.stream().flatMap(List::stream).toList();
  }

  /** The sizes of the batches stored. */
  synchronized List<Integer> sizes() {
    return batches.stream().map(List::size).toList();
  }

  /** How often {@code write} was called. */
  synchronized int attempts() {
    return attempts;
  }

  synchronized int opened() {
    return opened;
  }

  synchronized int closed() {
    return closed;
  }

  /** The threads that called, each once. */
  synchronized List<Thread> callers() {
    return callers.stream().distinct().toList();
  }
}
