package dev.ingest.internal.batch;

import dev.ingest.record.RecordBatch;
import dev.ingest.record.Schema;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;
import org.openjdk.jmh.infra.Blackhole;

/** One operation is one row, of a field of each type, in a batch of 4,096. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 5, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 6, time = 500, timeUnit = TimeUnit.MILLISECONDS)
public class BatchBenchmark {
  private static final int ROWS = 4_096;
  private static final int DATAGRAM_BYTES = 100;
  private static final InetSocketAddress SOURCE =
      new InetSocketAddress(InetAddress.getLoopbackAddress(), 4711);
  private static final char[] NAME = "cellar".toCharArray();

  // As the receiver's.
  private final ByteBuffer datagram = ByteBuffer.allocateDirect(DATAGRAM_BYTES);
  private final Batch batch =
      new Batch(
          Schema.builder("t").integer("i").real("r").text("s").bool("b").timestamp("at").build());

  private final Batch arrivals =
      new Batch(Schema.builder("t").integer("i").receivedAt("at").sender("by").build());

  @Setup
  public void prepare() {
    fill();
  }

  /** Copies the datagram, and adds and commits its row. */
  @Benchmark
  @OperationsPerInvocation(ROWS)
  public Batch fill() {
    batch.clear();
    for (int i = 0; i < ROWS; i++) {
      int offset = batch.append(datagram.rewind());
      batch.addRow();
      batch.setLong(0, i);
      batch.setDouble(1, i / 8.0);
      batch.setText(2, NAME, 0, NAME.length);
      batch.setLong(3, i & 1);
      batch.setLong(4, 1_751_715_061_120_000_000L + i);
      batch.setPayload(0, offset, DATAGRAM_BYTES);
      batch.commit(SOURCE, 0, offset + DATAGRAM_BYTES);
    }
    return batch;
  }

  /**
   * Like {@link #fill}, but only a number, and the arrival: of one sender, each at another time.
   */
  @Benchmark
  @OperationsPerInvocation(ROWS)
  public Batch fillWithArrivals() {
    arrivals.clear();
    for (int i = 0; i < ROWS; i++) {
      int offset = arrivals.append(datagram.rewind());
      arrivals.addRow();
      arrivals.setLong(0, i);
      arrivals.setPayload(0, offset, DATAGRAM_BYTES);
      arrivals.commit(SOURCE, 1_751_715_061_120_000_000L + i, offset + DATAGRAM_BYTES);
    }
    return arrivals;
  }

  /** Reads each value, as a sink does. */
  @Benchmark
  @OperationsPerInvocation(ROWS)
  public void read(Blackhole blackhole) {
    RecordBatch rows = batch.all();
    for (int row = 0; row < rows.size(); row++) {
      blackhole.consume(rows.getLong(row, 0));
      blackhole.consume(rows.getDouble(row, 1));
      blackhole.consume(rows.getString(row, 2));
      blackhole.consume(rows.getBoolean(row, 3));
      blackhole.consume(rows.getDouble(row, 4));
    }
  }
}
