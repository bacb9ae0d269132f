package dev.ingest.sqlite;

import dev.ingest.record.RecordBatch;
import dev.ingest.record.Schema;
import dev.ingest.sink.Sink;
import dev.ingest.sink.SinkConfig;
import dev.ingest.sink.SinkException;
import dev.ingest.testing.TestBatch;
import java.nio.file.Files;
import java.nio.file.Path;

/** Writes a batch that is refused, over and over, and prints by how many KiB the process grew. */
final class RefusedProgram {
  private RefusedProgram() {}

  public static void main(String... args) throws Exception {
    Path file = Path.of(args[0]);
    try (Database database = new Database(file)) {
      database.execute("CREATE TABLE t (i integer CHECK (i < 254))");
    }
    Schema schema = Schema.builder("t").integer("i").build();
    String[] records = new String[255];
    for (int i = 0; i < records.length; i++) {
      records[i] = "{\"i\":" + i + "}";
    }
    RecordBatch batch = new TestBatch(schema).of(records);
    Sink sink = new SqliteSinkProvider().create(SinkConfig.parse("sqlite:" + file));
    sink.open(schema);
    refuse(sink, batch, 300);
    long before = residentKiB();
    refuse(sink, batch, 1500);
    System.out.println(residentKiB() - before);
    sink.close();
  }

  private static void refuse(Sink sink, RecordBatch batch, int times) throws Exception {
    for (int i = 0; i < times; i++) {
      try {
        sink.write(batch);
        throw new IllegalStateException("the table took what its CHECK refuses");
      } catch (SinkException e) {
        // As it must be.
      }
    }
  }

  private static long residentKiB() throws Exception {
    String line =
        Files.readAllLines(Path.of("/proc/self/status")).stream()
            .filter(l -> l.startsWith("VmRSS:"))
            .findFirst()
            .orElseThrow();
    return Long.parseLong(line.replaceAll("\\D", ""));
  }
}
