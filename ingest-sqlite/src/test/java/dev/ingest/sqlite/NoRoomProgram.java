package dev.ingest.sqlite;

import dev.ingest.record.Schema;
import dev.ingest.sink.Sink;
import dev.ingest.sink.SinkConfig;
import dev.ingest.sink.SinkException;
import dev.ingest.testkit.TestBatch;
import java.util.Arrays;

/**
 * Writes batches until one fails, and that one again; says what happened, and waits for a byte
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
    System.out.println("open");
    System.in.read();
    System.out.println(writeUntilFailure(sink, new TestBatch(schema), records));
    System.in.read();
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
        return stored + " " + e.isRetryable() + " " + e.getMessage();
      }
    }
    return "no failure";
  }
}
