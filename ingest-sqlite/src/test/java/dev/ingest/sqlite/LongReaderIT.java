package dev.ingest.sqlite;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ingest.record.RecordBatch;
import dev.ingest.record.Schema;
import dev.ingest.sink.Sink;
import dev.ingest.sink.SinkConfig;
import dev.ingest.testing.TestBatch;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.logging.Level;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A connection whose read transaction does not end. */
class LongReaderIT {
  private static final Schema SCHEMA = Schema.builder("t").text("x").build();

  @TempDir Path directory;

  @Test
  void it_is_warned_of_once_and_the_wal_is_cut_to_its_limit_after_it() throws Exception {
    Path file = directory.resolve("test.db");
    Path wal = directory.resolve("test.db-wal");
    String[] records = new String[512];
    Arrays.fill(records, "{\"x\":\"" + "y".repeat(8000) + "\"}");
    Sink sink =
        new SqliteSinkProvider().create(SinkConfig.parse("sqlite:" + file + "?synchronous=off"));
    sink.open(SCHEMA);
    RecordBatch batch = new TestBatch(SCHEMA).of(records);
    try (LoggedLines log = new LoggedLines()) {
      sink.write(batch);
      assertTrue(Files.size(wal) < LogLength.LIMIT, "without a reader");
      try (Database reader = new Database(file)) {
        reader.execute("BEGIN");
        reader.value("SELECT count(*) FROM t");
        while (Files.size(wal) <= LogLength.LIMIT * 5 / 4) {
          sink.write(batch);
        }
        sink.write(batch);
        List<String> warnings = log.at(Level.WARNING);
        assertEquals(1, warnings.size(), warnings::toString);
        assertTrue(
            warnings.get(0).startsWith(wal.toRealPath() + " has ")
                && warnings.get(0).contains("long read transaction")
                && warnings.get(0).contains("end it"),
            warnings.get(0));
        reader.execute("COMMIT");
      }
      sink.write(batch); // its checkpoint gets to the end
      sink.write(new TestBatch(SCHEMA).of("{\"x\":\"\"}"));
      assertEquals(LogLength.LIMIT, Files.size(wal));
      assertEquals(1, log.at(Level.WARNING).size());
    }
    sink.close();
  }
}
