package dev.ingest.sqlite;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.ingest.record.Schema;
import dev.ingest.sink.Sink;
import dev.ingest.sink.SinkConfig;
import dev.ingest.sink.SinkException;
import dev.ingest.testing.TestBatch;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.util.Arrays;

/**
 * Writes batches until one fails, and that one again; prints what happened, and waits for a line
 * before each step.
 */
final class NoRoomProgram {
  static final int BATCH = 100;

  private NoRoomProgram() {}

  public static void main(String... args) throws Exception {
    Schema schema = Schema.builder("t").text("x").build();
    String[] records = new String[BATCH];
    Arrays.fill(records, "{\"x\":\"" + "y".repeat(100) + "\"}");
    Sink sink = new SqliteSinkProvider().create(SinkConfig.parse("sqlite:" + args[0]));
    sink.open(schema);
    BufferedReader in = new BufferedReader(new InputStreamReader(System.in, UTF_8));
    System.out.println("open");
    in.readLine();
    System.out.println(writeUntilFailure(sink, new TestBatch(schema), records));
    in.readLine();
    sink.write(new TestBatch(schema).of(records));
    sink.close();
    System.out.println("stored");
  }

  private static String writeUntilFailure(Sink sink, TestBatch batches, String[] records)
      throws Exception {
    for (int stored = 0; stored < 100_000; stored++) {
      try {
        sink.write(batches.of(records));
      } catch (SinkException e) {
        return "failed after " + stored + ", retryable " + e.isRetryable() + ": " + e.getMessage();
      }
    }
    return "no failure";
  }
}
