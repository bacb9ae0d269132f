package dev.ingest.internal.batch;

import dev.ingest.record.Schema;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** One operation sends one batch, of one row, around: free, put, take, recycle. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 5, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 6, time = 500, timeUnit = TimeUnit.MILLISECONDS)
public class BatchQueueBenchmark {
  private static final long FOR_EVER = Long.MAX_VALUE;
  private static final Schema SCHEMA = Schema.builder("t").integer("id").build();
  private static final InetSocketAddress SOURCE =
      new InetSocketAddress(InetAddress.getLoopbackAddress(), 4711);

  private final BatchQueue own = new BatchQueue(SCHEMA, 65_536, 4_096, 1);
  private final BatchQueue shared = new BatchQueue(SCHEMA, 65_536, 4_096, 1);
  private final Thread writer = new Thread(this::takeAndRecycle, "writer");

  @Setup
  public void start() {
    writer.start();
  }

  @TearDown
  public void end() throws InterruptedException {
    shared.receiverEnded();
    writer.join();
  }

  private void takeAndRecycle() {
    while (!shared.isOver()) {
      Batch batch = shared.take(FOR_EVER);
      if (batch != null) {
        shared.recycle(batch);
      }
    }
  }

  /** On one thread, so that nobody waits: what the locks take. */
  @Benchmark
  public Batch onOneThread() {
    own.put(filled(own), 0);
    Batch batch = Objects.requireNonNull(own.take(FOR_EVER));
    own.recycle(batch);
    return batch;
  }

  /** To a thread that waits for it, and back to this one, which waits as well. */
  @Benchmark
  public void betweenThreads() {
    long seen = shared.recycles();
    shared.put(filled(shared), 0);
    shared.awaitRecycle(seen, FOR_EVER);
  }

  private static Batch filled(BatchQueue queue) {
    Batch batch = Objects.requireNonNull(queue.free());
    batch.addRow();
    batch.setLong(0, 17);
    batch.commit(SOURCE, 0, 0);
    return batch;
  }
}
