package dev.ingest.internal.spool;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;

import dev.ingest.internal.batch.Batch;
import dev.ingest.internal.json.JsonDecoder;
import dev.ingest.policy.JournalSync;
import dev.ingest.policy.Spooling;
import dev.ingest.record.Schema;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AppenderTest {
  private static final Schema SCHEMA = Schema.builder("events").integer("id").build();
  private static final byte[] RECORD = "{\"id\":1}".getBytes(UTF_8);

  @TempDir Path path;

  @Test
  void a_sealed_segment_goes_to_the_sync_thread_though_all_of_it_was_synced_before()
      throws Exception {
    Spooling spooling = Spooling.in(path).journal(JournalSync.EVERY_SECOND);
    SyncThread syncThread =
        new SyncThread((segment, failure) -> Assertions.fail(failure), Assertions::fail);
    try (Disk disk = DirectoryDisk.open(path)) {
      Segments segments = new Segments(disk, false, new Backlog());
      Appender appender =
          new Appender(
              spooling, 1, segments, syncThread, (segment, failure) -> Assertions.fail(failure));
      assertNotNull(appender.append(appender.journal(0), batch(), 0, 1));
      Segment segment = appender.journal(0).segment();
      assertEquals(List.of(segment), syncThread.takeUnsynced());

      appender.sealAll();

      assertEquals(List.of(segment), syncThread.takeUnsynced()); // or nobody would close its file
      segment.close();
    }
  }

  private static Batch batch() throws Exception {
    Batch batch = new Batch(SCHEMA);
    int offset = batch.append(RECORD, 0, RECORD.length);
    new JsonDecoder(SCHEMA).decode(batch, offset, RECORD.length);
    batch.commit(null, 0, offset + RECORD.length);
    return batch;
  }
}
