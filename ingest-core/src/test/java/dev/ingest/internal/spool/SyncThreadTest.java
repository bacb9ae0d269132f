package dev.ingest.internal.spool;

import static org.junit.jupiter.api.Assertions.assertSame;

import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SyncThreadTest {
  private static final String SEGMENT = "0000000001-00112233445566ff";

  @TempDir Path directory;

  @Test
  void the_server_learns_of_its_death() throws Exception {
    Error deadly = new StackOverflowError("in the log");
    CompletableFuture<IOException> syncFailure = new CompletableFuture<>();
    CompletableFuture<Throwable> death = new CompletableFuture<>();
    SyncThread thread =
        new SyncThread(
            (segment, failure) -> {
              syncFailure.complete(failure);
              throw deadly;
            },
            death::complete);
    HookedDisk.Hook noSync =
        (call, name) -> {
          if (call == HookedDisk.Call.SYNC) {
            throw new IOException("a disk that cannot be synced");
          }
        };
    try (Disk disk = new HookedDisk(DirectoryDisk.open(directory), noSync)) {
      Segment segment = Segment.create(disk, SEGMENT);
      thread.add(segment);
      thread.start();
      syncFailure.get(60, TimeUnit.SECONDS);
      assertSame(deadly, death.get(60, TimeUnit.SECONDS));
      segment.close();
    }
  }
}
