package dev.ingest.internal.json;

import dev.ingest.internal.decode.RejectedException;
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
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** One operation decodes one record, of bytes that are in the batch already. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 5, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 6, time = 500, timeUnit = TimeUnit.MILLISECONDS)
public class JsonDecoderBenchmark {
  private static final int BURST = 64;
  private static final int ARRAY = 50;

  private final Datagrams readings = new Datagrams(Records.READING, Records.readings(BURST));
  private final Datagrams array =
      new Datagrams(
          Records.READING, List.of("[" + String.join(",", Records.readings(ARRAY)) + "]"));
  private final Datagrams nested = new Datagrams(Records.NESTED, Records.nested(BURST));
  private final Datagrams flat = new Datagrams(Records.FLAT, Records.flat(BURST));
  private final Datagrams messages = new Datagrams(Records.MESSAGE, Records.messages(BURST));
  private final Datagrams wideRecords = new Datagrams(Records.WIDE, Records.wideRecords(BURST));

  /** A reading of four numbers, alone in its datagram. */
  @Benchmark
  public int reading() throws RejectedException {
    return readings.decodeNext();
  }

  /** The same readings, decoded together. */
  @Benchmark
  @OperationsPerInvocation(BURST)
  public int readingOfBurst() {
    return readings.decodeEach();
  }

  /** A reading of an array of 50, which is one datagram. */
  @Benchmark
  @OperationsPerInvocation(ARRAY)
  public int readingOfArray() throws RejectedException {
    return array.decodeNext();
  }

  /** Four numbers in objects and arrays, of a burst. */
  @Benchmark
  @OperationsPerInvocation(BURST)
  public int nestedOfBurst() {
    return nested.decodeEach();
  }

  /** Four numbers beside as many members as the nested ones have, of a burst. */
  @Benchmark
  @OperationsPerInvocation(BURST)
  public int flatOfBurst() {
    return flat.decodeEach();
  }

  /** A record of some 600 characters of text, alone in its datagram. */
  @Benchmark
  public int message() throws RejectedException {
    return messages.decodeNext();
  }

  /** A record of 20 fields, alone in its datagram. */
  @Benchmark
  public int wideRecord() throws RejectedException {
    return wideRecords.decodeNext();
  }
}
