package dev.ingest.jdbc;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ingest.record.RecordBatch;
import dev.ingest.record.Schema;
import dev.ingest.sink.Sink;
import dev.ingest.sink.SinkException;
import java.util.BitSet;
import java.util.List;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Calls a sink on one thread, as the server does, whoever calls this. A call can be begun, and
 * interrupted.
 */
final class WriterThread implements Sink {
  /** What is to be called. */
  interface Task {
    void run() throws Exception;
  }

  private final LinkedBlockingQueue<Call> calls = new LinkedBlockingQueue<>();
  private final Sink sink;
  private final Thread thread = new Thread(this::run, "writer");

  WriterThread(Sink sink) {
    this.sink = sink;
    thread.setDaemon(true);
    thread.start();
  }

  private void run() {
    try {
      while (true) {
        calls.take().run();
      }
    } catch (InterruptedException e) {
      // An interrupt that came after the end of a call.
    }
  }

  /** Returns what is called, for a call that is begun. */
  Sink sink() {
    return sink;
  }

  /** Begins a call, and does not wait for its end. */
  Call begin(Task task) {
    Call call = new Call(task);
    calls.add(call);
    return call;
  }

  Call beginWrite(RecordBatch batch) {
    return begin(() -> sink.write(batch));
  }

  private void await(Task task) throws Exception {
    Call call = begin(task);
    call.join();
    if (call.failure != null) {
      throw call.failure;
    }
  }

  @Override
  public void open(Schema schema) throws Exception {
    await(() -> sink.open(schema));
  }

  @Override
  public void write(RecordBatch batch) throws Exception {
    await(() -> sink.write(batch));
  }

  @Override
  public BitSet stored(String segment) throws Exception {
    BitSet lines = new BitSet();
    await(() -> lines.or(sink.stored(segment)));
    return lines;
  }

  @Override
  public void forget(String segment) throws Exception {
    await(() -> sink.forget(segment));
  }

  @Override
  public void close() throws Exception {
    await(sink::close);
  }

  /** Waits until the thread reads what a server does not send. */
  void awaitReading() {
    org.awaitility.Awaitility.await()
        .atMost(Writing.SOON)
        .until(
            () ->
                List.of(thread.getStackTrace()).stream()
                    .anyMatch(frame -> frame.getMethodName().equals("receiveChar")));
  }

  /** A call, and what became of it. */
  final class Call {
    private final Task task;
    volatile @Nullable Exception failure;
    volatile boolean interrupted;
    private volatile boolean ended;

    Call(Task task) {
      this.task = task;
    }

    private synchronized void run() {
      try {
        task.run();
      } catch (Exception e) {
        failure = e;
      }
      interrupted = Thread.interrupted();
      ended = true;
    }

    void interrupt() {
      thread.interrupt();
    }

    /** Waits for the end of the call; fails if it does not end. */
    void join() throws InterruptedException {
      long start = System.nanoTime();
      while (!ended) {
        assertTrue(
            System.nanoTime() - start < Writing.SOON.toNanos(),
            () -> "does not end: " + List.of(thread.getStackTrace()));
        TimeUnit.MILLISECONDS.sleep(1);
      }
    }

    /** Interrupts the call, which must end by that, with a failure and the interrupt kept. */
    void assertInterruptible() throws InterruptedException {
      assertFalse(ended, "has ended before the interrupt");
      interrupt();
      join();
      assertTrue(interrupted, "the interrupt is lost");
      SinkException thrown = assertInstanceOf(SinkException.class, failure);
      assertTrue(thrown.isRetryable(), thrown::toString);
      assertTrue(thrown.getMessage().contains("interrupted"), thrown.getMessage());
    }
  }
}
