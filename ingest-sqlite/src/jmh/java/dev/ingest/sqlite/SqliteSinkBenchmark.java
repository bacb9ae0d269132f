package dev.ingest.sqlite;

import dev.ingest.record.RecordBatch;
import dev.ingest.record.Schema;
import dev.ingest.sink.Sink;
import dev.ingest.sink.SinkConfig;
import dev.ingest.testing.TestBatch;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * One operation stores one record, of four numbers, in a database on disk in WAL mode; each batch
 * is a transaction.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(1)
@Warmup(iterations = 5, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 6, time = 500, timeUnit = TimeUnit.MILLISECONDS)
public class SqliteSinkBenchmark {
  private static final int LARGE = 4_096;
  private static final int SMALL = 20;
  private static final Schema SCHEMA =
      Schema.builder("sensor_measurements")
          .integer("sensor_id")
          .real("temperature")
          .real("humidity")
          .timestamp("ingested_at")
          .build();

  private final RecordBatch largeBatch = batch(LARGE);
  private final RecordBatch smallBatch = batch(SMALL);
  private Path directory;
  private Sink sink;

  private static RecordBatch batch(int rows) {
    return new TestBatch(SCHEMA)
        .of(
            IntStream.range(0, rows)
                .mapToObj(
                    i ->
                        "{\"sensor_id\": %s, \"temperature\": %s, \"humidity\": %s, \"ingested_at\": %s}"
                            .formatted(i, i / 10.0, i / 7.0, 1_751_715_061L + i + ".12"))
                .toArray(String[]::new));
  }

  /** A new database for each iteration, or it would grow to gigabytes. */
  @Setup(Level.Iteration)
  public void open() throws Exception {
    directory = Files.createTempDirectory("ingest-jmh-");
    SinkConfig config =
        SinkConfig.parse("sqlite:" + directory.resolve("readings.db") + "?journal_mode=wal");
    sink = new SqliteSinkProvider().create(config);
    sink.open(SCHEMA);
  }

  @TearDown(Level.Iteration)
  public void close() throws Exception {
    sink.close();
    try (Stream<Path> files = Files.list(directory)) {
      for (Path file : files.toList()) {
        Files.delete(file);
      }
    }
    Files.delete(directory);
  }

  /** A record of a flood: a batch of 4,096. */
  @Benchmark
  @OperationsPerInvocation(LARGE)
  public void recordOfLargeBatch() throws Exception {
    sink.write(largeBatch);
  }

  /** A record of moderate traffic: a batch of 20. */
  @Benchmark
  @OperationsPerInvocation(SMALL)
  public void recordOfSmallBatch() throws Exception {
    sink.write(smallBatch);
  }
}
