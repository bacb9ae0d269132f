package dev.ingest.sink;

import dev.ingest.internal.batch.Batch;
import dev.ingest.record.RecordBatch;
import dev.ingest.record.Schema;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
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

/** One operation is one record, of the README's four fields, in a batch of 4,096. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 5, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 6, time = 500, timeUnit = TimeUnit.MILLISECONDS)
public class RecordSinkBenchmark {
  private static final int ROWS = 4_096;

  /** What the sinks hand over. */
  public record Reading(long sensorId, double temperature, double humidity, Instant measuredAt) {}

  private final Batch batch = new Batch(Schema.of(Reading.class));
  private RecordBatch rows;
  private Sink columns;
  private Sink records;
  private Sink byHand;

  /** Makes a batch and the sinks. */
  @Setup
  public void prepare(Blackhole blackhole) throws Exception {
    InetSocketAddress sender = new InetSocketAddress(InetAddress.getLoopbackAddress(), 4711);
    for (int i = 0; i < ROWS; i++) {
      int offset = batch.append(ByteBuffer.allocate(1));
      batch.addRow();
      batch.setLong(0, i);
      batch.setDouble(1, i / 8.0);
      batch.setDouble(2, i / 16.0);
      batch.setLong(3, 1_751_715_061_120_000_000L + i);
      batch.setPayload(0, offset, 1);
      batch.commit(sender, 0, offset + 1);
    }
    rows = batch.all();
    columns = columns(blackhole);
    byHand = handedOverByHand(blackhole);
    records = Sink.ofRecords(Reading.class, (List<Reading> list) -> consume(list, blackhole));
    records.open(batch.all().schema());
  }

  private static void consume(List<Reading> readings, Blackhole blackhole) {
    for (Reading reading : readings) {
      blackhole.consume(reading.sensorId());
      blackhole.consume(reading.temperature());
      blackhole.consume(reading.humidity());
      blackhole.consume(reading.measuredAt());
    }
  }

  private static Sink columns(Blackhole blackhole) {
    return batch -> {
      for (int row = 0; row < batch.size(); row++) {
        blackhole.consume(batch.getLong(row, 0));
        blackhole.consume(batch.getDouble(row, 1));
        blackhole.consume(batch.getDouble(row, 2));
        blackhole.consume(batch.getLong(row, 3));
      }
    };
  }

  private static Sink handedOverByHand(Blackhole blackhole) {
    return batch -> {
      List<Reading> readings = new ArrayList<>(batch.size());
      for (int row = 0; row < batch.size(); row++) {
        readings.add(
            new Reading(
                batch.getLong(row, 0),
                batch.getDouble(row, 1),
                batch.getDouble(row, 2),
                Instant.ofEpochSecond(0, batch.getLong(row, 3))));
      }
      consume(readings, blackhole);
    };
  }

  /** Reads the columns. */
  @Benchmark
  @OperationsPerInvocation(ROWS)
  public void columns() throws Exception {
    columns.write(rows);
  }

  /** Makes records, by a sink that was written for them. */
  @Benchmark
  @OperationsPerInvocation(ROWS)
  public void recordsByHand() throws Exception {
    byHand.write(rows);
  }

  /** Makes records, by {@link Sink#ofRecords}. */
  @Benchmark
  @OperationsPerInvocation(ROWS)
  public void records() throws Exception {
    records.write(rows);
  }
}
