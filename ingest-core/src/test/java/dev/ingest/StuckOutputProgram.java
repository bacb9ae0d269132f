package dev.ingest;

import dev.ingest.sink.Sink;
import dev.ingest.testing.FullPipes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.logging.ConsoleHandler;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;

/**
 * A server whose standard output and error are full. It writes its port, what it stores, and its
 * account at the end to files of the working directory. The arguments are its {@link Logging} and
 * {@link Storing}.
 */
final class StuckOutputProgram {
  static final Duration DRAIN_TIMEOUT = Duration.ofSeconds(2);

  /** What the host logs with. */
  enum Logging {
    /** That of java.util.logging, whose own shutdown hook waits for the handler's lock. */
    DEFAULT,

    /** A handler that can be closed while a thread is stuck in it. */
    WITHOUT_LOCK,

    /** A logger that blocks who asks it for anything, from the first line on. */
    DEADLOCKED
  }

  /** What the sink does. */
  enum Storing {
    STORES,
    HANGS
  }

  private static final class ErrorHandler extends Handler {
    private final boolean deadlocked;

    ErrorHandler(boolean deadlocked) {
      this.deadlocked = deadlocked;
    }

    @Override
    public void publish(LogRecord line) {
      if (deadlocked) {
        try {
          new CountDownLatch(1).await();
        } catch (InterruptedException e) {
          throw new AssertionError(e);
        }
      }
      System.err.println(line.getMessage());
    }

    @Override
    public void flush() {}

    @Override
    public void close() {}
  }

  private StuckOutputProgram() {}

  /** Runs until a signal ends it. */
  public static void main(String[] args) throws Exception {
    Logging logging = Logging.valueOf(args[0]);
    Logger root = Logger.getLogger("");
    if (logging != Logging.DEFAULT) {
      for (Handler handler : root.getHandlers()) {
        root.removeHandler(handler);
      }
      root.addHandler(new ErrorHandler(logging == Logging.DEADLOCKED));
    } else if (!(root.getHandlers()[0] instanceof ConsoleHandler)) {
      throw new AssertionError("not the default: " + root.getHandlers()[0]);
    }
    FullPipes.fill();
    Path stored = Files.createFile(Path.of("stored"));
    Sink storing =
        batch -> {
          StringBuilder lines = new StringBuilder();
          MemorySink.ids(batch).forEach(id -> lines.append(id).append('\n'));
          Files.writeString(stored, lines, StandardOpenOption.APPEND);
        };
    Sink hanging = batch -> new CountDownLatch(1).await();
    IngestServer server =
        IngestServer.builder()
            .schema(Events.SCHEMA)
            .bind("127.0.0.1", 0)
            .sink(Storing.valueOf(args[1]) == Storing.STORES ? storing : hanging)
            .drainTimeout(DRAIN_TIMEOUT)
            .onClose(StuckOutputProgram::reportAccount)
            .build()
            .start();
    write("port", Integer.toString(server.localAddress().getPort()));
    server.awaitClose();
  }

  private static void reportAccount(CloseEvent event) {
    Ledgers.balanced(event.stats());
    try {
      write(
          "account",
          "received %d rejected %d persisted %d lost %d"
              .formatted(
                  event.stats().messages().received(),
                  event.stats().messages().rejected(),
                  event.stats().records().persisted(),
                  event.stats().records().lost()));
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  /** Writes a file that is there at once with all that it holds. */
  private static void write(String name, String text) throws IOException {
    Path file = Files.writeString(Path.of(name + ".new"), text);
    Files.move(file, Path.of(name), StandardCopyOption.ATOMIC_MOVE);
  }
}
