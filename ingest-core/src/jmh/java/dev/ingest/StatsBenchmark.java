package dev.ingest;

import dev.ingest.record.Schema;
import dev.ingest.stats.IngestStats;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.nio.charset.StandardCharsets;
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

/** One operation takes a snapshot of a server that has stored and rejected something. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 4, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 6, time = 1_000, timeUnit = TimeUnit.MILLISECONDS)
public class StatsBenchmark {
  private final IngestServer server =
      IngestServer.builder()
          .schema(Schema.builder("t").integer("id").build())
          .bind("127.0.0.1", 0)
          .sink(batch -> {})
          .build();

  @Setup
  public void start() throws Exception {
    server.start();
    try (DatagramSocket socket = new DatagramSocket()) {
      for (String message : new String[] {"{\"id\":1}", "{\"id\":\"one\"}", "{}", "?"}) {
        byte[] bytes = message.getBytes(StandardCharsets.UTF_8);
        socket.send(new DatagramPacket(bytes, bytes.length, server.localAddress()));
      }
    }
    while (server.stats().messages().received() < 4 || server.stats().records().persisted() < 1) {
      Thread.onSpinWait();
    }
  }

  @TearDown
  public void close() {
    server.close();
  }

  @Benchmark
  public IngestStats stats() {
    return server.stats();
  }
}
