package dev.ingest;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.ingest.record.RecordBatch;
import dev.ingest.record.Schema;
import dev.ingest.sink.Sink;
import java.io.FileWriter;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.locks.LockSupport;

/** Stores events in a file, one number a line, and ends in one of many ways. */
final class ExitProgram {
  private static final int ENOUGH = 1_000;

  private ExitProgram() {}

  /** The file as a sink: what was written is with the kernel when {@code write} returns. */
  private record LineSink(Path file) implements Sink {
    @Override
    public void write(RecordBatch batch) throws IOException {
      StringBuilder lines = new StringBuilder();
      for (int row = 0; row < batch.size(); row++) {
        lines.append(batch.getLong(row, 0)).append('\n');
      }
      try (FileWriter writer = new FileWriter(file.toFile(), UTF_8, true)) {
        writer.write(lines.toString());
      }
    }
  }

  public static void main(String[] args) throws Exception {
    String way = args[0];
    Sink file = new LineSink(Path.of(args[1]));
    CountDownLatch writing = new CountDownLatch(1);
    CountDownLatch exiting = new CountDownLatch(1);
    Sink sink =
        switch (way) {
          case "exit from the sink" ->
              batch -> {
                file.write(batch);
                System.exit(3);
              };
          case "exit while closing" ->
              batch -> {
                writing.countDown();
                exiting.await();
                file.write(batch);
              };
          case "sink hangs" ->
              batch -> {
                writing.countDown();
                exiting.await();
              };
          case "hanging open" ->
              new MemorySink() {
                @Override
                public synchronized void open(Schema schema) {
                  System.out.println("opening");
                  while (true) {
                    LockSupport.park();
                  }
                }
              };
          case "sink down" ->
              batch -> {
                throw new IOException("down");
              };
          case "slow replay" ->
              batch -> {
                Thread.sleep(20);
                file.write(batch);
              };
          case "out of memory" ->
              batch -> {
                if (MemorySink.ids(batch).stream().anyMatch(id -> id % 100 == 0)) {
                  throw new IllegalStateException("memory for " + new long[1 << 28].length);
                }
                file.write(batch);
              };
          default -> file;
        };
    IngestServerBuilder builder =
        IngestServer.builder()
            .schema(Events.SCHEMA)
            .sink(sink)
            .queueCapacity(args.length > 2 ? 1_000 : 65_536)
            .drainTimeout(
                way.equals("sink hangs") || way.equals("sink down")
                    ? Duration.ofMillis(300)
                    : Duration.ofSeconds(30))
            .onClose(
                stats -> {
                  tell(stats);
                  if (way.equals("exit from the listener")) {
                    System.exit(3);
                  }
                });
    if (args.length > 2) {
      builder.spool(Path.of(args[2]));
    }
    if (args.length > 3) {
      builder.journal(JournalSync.valueOf(args[3]));
    }
    IngestServer server = builder.build().start();
    if (way.equals("own hook")) {
      Runtime.getRuntime().addShutdownHook(new Thread(server::close));
    }
    System.out.println("port " + server.localAddress().getPort());
    switch (way) {
      case "main returns", "out of memory" -> awaitEnough(server);
      case "exit" -> {
        awaitEnough(server);
        System.exit(3);
      }
      case "exit from the listener" -> {
        awaitEnough(server);
        server.close();
      }
      case "exit while closing" -> {
        awaitEnough(server);
        writing.await();
        Thread closer = new Thread(server::close);
        closer.start();
        while (closer.getState() != Thread.State.TIMED_WAITING) {
          Thread.onSpinWait();
        }
        Runtime.getRuntime().addShutdownHook(new Thread(exiting::countDown));
        System.exit(3);
      }
      default -> server.awaitClose();
    }
  }

  private static void awaitEnough(IngestServer server) {
    while (server.stats().datagramsReceived() < ENOUGH) {
      LockSupport.parkNanos(1_000_000);
    }
  }

  private static void tell(IngestStats stats) {
    Ledgers.balanced(stats);
    System.out.println(
        "closed decoded="
            + stats.recordsDecoded()
            + " persisted="
            + stats.persisted()
            + " dropped="
            + stats.droppedTotal()
            + " lost="
            + stats.lost()
            + " recovered="
            + stats.recovered()
            + " spooled="
            + stats.spooled()
            + " kernelDrops="
            + stats.kernelDrops().orElse(0));
  }
}
