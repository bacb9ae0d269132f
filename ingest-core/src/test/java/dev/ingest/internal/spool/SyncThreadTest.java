package dev.ingest.internal.spool;

import static org.junit.jupiter.api.Assertions.assertSame;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

class SyncThreadTest {
  private static final String SEGMENT = "0000000001-00112233445566ff";

  @TempDir Path directory;

  @Test
  @EnabledOnOs(value = OS.LINUX, disabledReason = "it takes a file that cannot be synced")
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
    Segment segment =
        Segment.appendingTo(new RandomAccessFile("/dev/null", "rw"), directory, SEGMENT);
    try {
      thread.add(segment);
      thread.start();
      syncFailure.get(60, TimeUnit.SECONDS);
      assertSame(deadly, death.get(60, TimeUnit.SECONDS));
    } finally {
      segment.close();
    }
  }
}
