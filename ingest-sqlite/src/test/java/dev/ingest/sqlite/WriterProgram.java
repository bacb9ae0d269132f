package dev.ingest.sqlite;

import dev.ingest.record.Schema;
import dev.ingest.sink.Sink;
import dev.ingest.sink.SinkConfig;
import dev.ingest.testing.TestBatch;

/** Writes batches to a database, like another server would. */
final class WriterProgram {
  static final int BATCH = 10;

  private WriterProgram() {}

  public static void main(String... args) throws Exception {
    Schema schema = Schema.builder("t").integer("i").real("r").optional().build();
    Sink sink =
        new SqliteSinkProvider()
            .create(SinkConfig.parse("sqlite:" + args[0] + "?busy_timeout=600000"));
    sink.open(schema);
    System.out.println("open");
    String[] records = new String[BATCH];
    for (int batch = 0; batch < Integer.parseInt(args[1]); batch++) {
      for (int i = 0; i < BATCH; i++) {
        records[i] = "{\"i\":" + (batch * BATCH + i) + "}";
      }
      sink.write(new TestBatch(schema).of(records));
    }
    sink.close();
  }
}
