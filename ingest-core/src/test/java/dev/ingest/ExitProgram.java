package dev.ingest;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.ingest.cleanup.CleanupRegistry;
import dev.ingest.policy.JournalSync;
import dev.ingest.policy.Spooling;
import dev.ingest.record.RecordBatch;
import dev.ingest.record.Schema;
import dev.ingest.sink.Sink;
import dev.ingest.source.Udp;
import dev.ingest.stats.IngestStats;
import java.io.FileWriter;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;

/**
 * Programs with a server that stores events in a file, one number a line. Each ends in a way of its
 * own. The arguments are the program's name, the file, and, for a server with a spool, the spool
 * and its journal's {@link JournalSync}.
 */
enum ExitProgram {
  /** Runs until a signal ends it. */
  AWAIT_CLOSE,

  /** The same, on a socket that its parent holds. */
  INHERITED {
    @Override
    IngestServerBuilder builder(Sink file) {
      return super.builder(file).source(Udp.inherited());
    }
  },

  MAIN_RETURNS {
    @Override
    void run(IngestServer server) {
      awaitEnough(server);
    }
  },

  EXIT {
    @Override
    void run(IngestServer server) {
      awaitEnough(server);
      System.exit(3);
    }
  },

  /** Calls exit while another thread closes the server. */
  EXIT_WHILE_CLOSING {
    @Override
    Sink sink(Sink file) {
      return batch -> {
        WRITING.countDown();
        EXITING.await();
        file.write(batch);
      };
    }

    @Override
    void run(IngestServer server) throws InterruptedException {
      awaitEnough(server);
      WRITING.await();
      TestServers.closeInBackground(server);
      atExit(EXITING::countDown);
      System.exit(3);
    }
  },

  EXIT_FROM_LISTENER {
    @Override
    void run(IngestServer server) {
      awaitEnough(server);
      server.close();
    }

    @Override
    void onClose(CloseEvent event) {
      super.onClose(event);
      System.exit(3);
    }
  },

  EXIT_FROM_SINK {
    @Override
    Sink sink(Sink file) {
      return batch -> {
        file.write(batch);
        System.exit(3);
      };
    }
  },

  /** Closes the server in a shutdown hook of its own. */
  OWN_HOOK {
    @Override
    void run(IngestServer server) throws InterruptedException {
      atExit(server::close);
      super.run(server);
    }
  },

  SINK_HANGS {
    @Override
    Sink sink(Sink file) {
      return batch -> new CountDownLatch(1).await();
    }

    @Override
    Duration drainTimeout() {
      return SHORT_DRAIN_TIMEOUT;
    }
  },

  SINK_DOWN {
    @Override
    Sink sink(Sink file) {
      return batch -> {
        throw new IOException("down");
      };
    }

    @Override
    Duration drainTimeout() {
      return SHORT_DRAIN_TIMEOUT;
    }
  },

  /** Stores the first batch at once, the others not before the drain has begun. */
  SINK_WAITS_FOR_EXIT {
    @Override
    Sink sink(Sink file) {
      AtomicBoolean stored = new AtomicBoolean();
      return batch -> {
        if (stored.get()) {
          EXITING.await();
          awaitReceiversEnd();
        }
        file.write(batch);
        stored.set(true);
      };
    }

    @Override
    void run(IngestServer server) throws InterruptedException {
      atExit(EXITING::countDown);
      super.run(server);
    }
  },

  OPEN_HANGS {
    @Override
    Sink sink(Sink file) {
      return new MemorySink() {
        @Override
        public synchronized void open(Schema schema) {
          System.out.println("opening");
          while (true) {
            LockSupport.park();
          }
        }
      };
    }
  },

  /** Leaves the drain to its host, which has no exit hook either. */
  EXIT_WITHOUT_DRAIN {
    @Override
    IngestServerBuilder builder(Sink file) {
      return super.builder(file).drainAtExit(false);
    }

    @Override
    void run(IngestServer server) {
      awaitEnough(server);
      System.exit(3);
    }
  },

  /** Is closed at exit by its host, which then closes what the sink needs. */
  CONTAINER {
    @Override
    Sink sink(Sink file) {
      return batch -> {
        if (POOL_CLOSED.get()) {
          throw new IOException("the pool is closed");
        }
        file.write(batch);
      };
    }

    @Override
    IngestServerBuilder builder(Sink file) {
      return super.builder(file).drainAtExit(false);
    }

    @Override
    void run(IngestServer server) throws InterruptedException {
      atExit(
          () -> {
            server.close();
            POOL_CLOSED.set(true);
          });
      super.run(server);
    }
  },

  /** There is no memory for every hundredth event; prints which of them came by themselves. */
  SINK_OUT_OF_MEMORY {
    @Override
    Sink sink(Sink file) {
      return batch -> {
        if (MemorySink.ids(batch).stream().anyMatch(id -> id % 100 == 0)) {
          if (batch.size() == 1) {
            System.out.println("no memory for " + batch.getLong(0, 0));
          }
          throw new IllegalStateException("memory for " + new long[1 << 28].length);
        }
        file.write(batch);
      };
    }

    @Override
    void run(IngestServer server) {
      awaitEnough(server);
    }
  };

  /** So many events are received before a program ends by itself. */
  static final int ENOUGH = 1_000;

  private static final CountDownLatch WRITING = new CountDownLatch(1);
  private static final AtomicBoolean POOL_CLOSED = new AtomicBoolean();
  private static final CountDownLatch EXITING = new CountDownLatch(1);

  /** For sinks of which nothing is to be expected: time to read what the kernel has buffered. */
  private static final Duration SHORT_DRAIN_TIMEOUT = Duration.ofSeconds(2);

  /** Makes the sink out of one that stores in the file. */
  Sink sink(Sink file) {
    return file;
  }

  IngestServerBuilder builder(Sink file) {
    return TestServers.builder(sink(file));
  }

  Duration drainTimeout() {
    return TestServers.LONG_DRAIN_TIMEOUT;
  }

  /** What main does once the server is started. */
  void run(IngestServer server) throws InterruptedException {
    printPort(server);
    server.awaitClose();
  }

  void onClose(CloseEvent event) {
    print("closed", event.stats());
  }

  public static void main(String[] args) throws Exception {
    ExitProgram program = valueOf(args[0]);
    IngestServerBuilder builder =
        program
            .builder(new LineSink(Path.of(args[1])))
            .drainTimeout(program.drainTimeout())
            .onClose(program::onClose)
            .cleanupRegistry(CleanupRegistry.global());
    if (args.length > 2) {
      Spooling spooling = Spooling.in(Path.of(args[2]));
      builder
          .queueCapacity(1_000)
          .spool(args.length > 3 ? spooling.journal(JournalSync.valueOf(args[3])) : spooling);
    }
    program.run(builder.build().start());
  }

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

  private static void print(String when, IngestStats stats) {
    Ledgers.balanced(stats);
    System.out.println(
        when
            + " decoded="
            + stats.records().decoded()
            + " persisted="
            + stats.records().persisted()
            + " dropped="
            + stats.records().dropped()
            + " lost="
            + stats.records().lost()
            + " recovered="
            + stats.records().recovered()
            + " spooled="
            + stats.records().spooled()
            + " kernelDrops="
            + stats.kernelDrops().orElse(0));
  }

  private static void printPort(IngestServer server) {
    System.out.println("port " + server.localAddress().getPort());
  }

  private static void awaitEnough(IngestServer server) {
    printPort(server);
    while (server.stats().messages().received() < ENOUGH) {
      LockSupport.parkNanos(1_000_000);
    }
    // Also so that all is loaded that onClose needs: an exit gives it a second only.
    print("enough", server.stats());
  }

  /** The receivers end after the drain has begun. */
  private static void awaitReceiversEnd() {
    while (Thread.getAllStackTraces().keySet().stream()
        .anyMatch(thread -> thread.getName().startsWith("ingest-receiver"))) {
      LockSupport.parkNanos(1_000_000);
    }
  }

  private static void atExit(Runnable action) {
    Runtime.getRuntime().addShutdownHook(new Thread(action));
  }
}
