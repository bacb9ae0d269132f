package dev.ingest;

import dev.ingest.internal.batch.BatchQueue;
import dev.ingest.internal.deadletter.DeadLetterFile;
import dev.ingest.internal.decode.JsonDecoder;
import dev.ingest.internal.decode.WarmUp;
import dev.ingest.internal.deliver.Writer;
import dev.ingest.internal.ledger.Ledger;
import dev.ingest.internal.receive.Landing;
import dev.ingest.internal.receive.Overflow;
import dev.ingest.internal.receive.ReceivePort;
import dev.ingest.internal.receive.ReceiveSocket;
import dev.ingest.internal.receive.Receiver;
import dev.ingest.internal.spool.Spool;
import dev.ingest.sink.SinkException;
import java.io.Closeable;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What a started server consists of: the stages of the data flow, wired, on their threads.
 *
 * <p>The drain goes down the flow. The receivers read what the kernel has, seal the queue and end;
 * the writer empties the queue, closes the sink and ends. If they have not ended in time, the queue
 * is abandoned, and the writer interrupted for as long as it has grace: more than once, since a
 * sink may clear the flag. What is left then goes to the spool, if there is one.
 */
final class Pipeline {
  private static final Logger LOGGER = System.getLogger("dev.ingest");
  private static final long GRACE_NANOS = TimeUnit.SECONDS.toNanos(1);
  private static final long LOOK_EVERY_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

  private static final class StageThread extends Thread {
    private final Ledger ledger;

    StageThread(String name, Ledger ledger, Runnable stage) {
      super(stage, name);
      this.ledger = ledger;
    }
  }

  private final BatchQueue queue;
  private final ReceivePort port;
  private final List<Receiver> receivers;
  private final Writer writer;
  private final List<Thread> receiverThreads;
  private final Thread writerThread;
  private final @Nullable DeadLetterFile deadLetters;
  private final @Nullable Spool spool;

  private Pipeline(
      BatchQueue queue,
      ReceivePort port,
      List<Receiver> receivers,
      Writer writer,
      List<Thread> receiverThreads,
      Thread writerThread,
      @Nullable DeadLetterFile deadLetters,
      @Nullable Spool spool) {
    this.queue = queue;
    this.port = port;
    this.receivers = receivers;
    this.writer = writer;
    this.receiverThreads = receiverThreads;
    this.writerThread = writerThread;
    this.deadLetters = deadLetters;
    this.spool = spool;
  }

  /**
   * Opens the sink, binds the socket and starts receiving. A failure leaves nothing behind.
   *
   * @param failed told when a thread has died of what it could not handle
   * @param cancel fails if the start is to end
   */
  static Pipeline start(
      Settings settings, Ledger ledger, Consumer<Throwable> failed, CompletableFuture<?> cancel)
      throws IOException, SinkException {
    DeadLetterFile deadLetters = null;
    Spool spool = null;
    try {
      if (settings.deadLetters() != null) {
        deadLetters = DeadLetterFile.open(settings.deadLetters());
      }
      if (settings.spool() != null) {
        spool = openSpool(settings.spool(), settings);
        ledger.recovered(spool.unsettled(), spool.tornLines());
      }
      return start(settings, ledger, failed, cancel, deadLetters, spool);
    } catch (Throwable t) {
      close("the spool", spool);
      close("the dead-letter file", deadLetters);
      throw t;
    }
  }

  private static Spool openSpool(Path directory, Settings settings) throws IOException {
    JournalSync sync = settings.journal();
    int journals = sync == null ? 0 : settings.receivers();
    return Spool.open(directory, settings.spoolLimit(), journals, syncNanos(sync));
  }

  private static long syncNanos(@Nullable JournalSync sync) {
    return sync == null
        ? Spool.NO_SYNC
        : switch (sync) {
          case NEVER -> Spool.NO_SYNC;
          case EVERY_SECOND -> TimeUnit.SECONDS.toNanos(1);
          case ALWAYS -> 0;
        };
  }

  private static Pipeline start(
      Settings settings,
      Ledger ledger,
      Consumer<Throwable> failed,
      CompletableFuture<?> cancel,
      @Nullable DeadLetterFile deadLetters,
      @Nullable Spool spool)
      throws IOException, SinkException {
    BatchQueue queue =
        new BatchQueue(
            settings.schema(),
            settings.queueCapacity(),
            settings.batchSize(),
            settings.receivers());
    Writer writer =
        new Writer(
            settings.sink(),
            settings.schema(),
            queue,
            settings.retryPolicy().maxAttempts(),
            settings.retryPolicy()::delayNanos,
            settings.startWithoutSink(),
            ledger,
            deadLetters,
            spool);
    Thread writerThread =
        thread(
            "ingest-writer",
            ledger,
            writer,
            failure -> {
              queue.abandon(); // nobody empties it any more
              failed.accept(failure);
            });
    writerThread.start();
    try {
      // While the writer opens the sink.
      WarmUp.of(new JsonDecoder(settings.schema()), settings.schema());
      if (!settings.startWithoutSink()) {
        awaitOpen(writer, cancel);
      }
      ReceivePort port =
          ReceivePort.open(
              settings.address(),
              settings.receiveBuffer(),
              settings.maxDatagramSize(),
              settings.receivers());
      List<Receiver> receivers = new ArrayList<>();
      List<Thread> receiverThreads = new ArrayList<>();
      try {
        for (ReceiveSocket socket : port.sockets()) {
          Landing landing =
              new Landing(
                  queue, ledger, overflow(settings.overflowPolicy()), spool, receivers.size());
          receivers.add(
              new Receiver(
                  socket,
                  settings.sourceFilter(),
                  settings.maxDatagramSize(),
                  new JsonDecoder(settings.schema()),
                  landing,
                  ledger,
                  deadLetters));
        }
        for (Receiver receiver : receivers) {
          String number = receivers.size() == 1 ? "" : "-" + (receiverThreads.size() + 1);
          Thread thread = thread("ingest-receiver" + number, ledger, receiver, failed);
          thread.start();
          receiverThreads.add(thread);
        }
        return new Pipeline(
            queue, port, receivers, writer, receiverThreads, writerThread, deadLetters, spool);
      } catch (Throwable t) {
        receivers.forEach(Receiver::finish);
        join(receiverThreads, System.nanoTime() + GRACE_NANOS);
        close("the socket", port);
        throw t;
      }
    } catch (Throwable t) {
      queue.abandon();
      boolean opening = !writer.opened().isDone(); // what ends the wait for it ends it, too
      if (opening || !join(writerThread, settings.drainTimeout().toNanos())) {
        interrupt(writerThread, GRACE_NANOS);
      }
      writer.keepRest();
      throw t;
    }
  }

  private static Overflow overflow(OverflowPolicy policy) {
    return switch (policy) {
      case SPOOL -> Overflow.SPOOL;
      case BLOCK -> Overflow.BLOCK;
      case DROP_NEWEST -> Overflow.DROP_NEWEST;
      case DROP_OLDEST -> Overflow.DROP_OLDEST;
    };
  }

  private static void awaitOpen(Writer writer, CompletableFuture<?> cancel)
      throws IOException, SinkException {
    try {
      CompletableFuture.anyOf(writer.opened(), cancel).get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException(
          "interrupted while the sink was opened; the server is not started");
    } catch (ExecutionException e) {
      Throwable cause = Objects.requireNonNullElse(e.getCause(), e);
      if (cause instanceof SinkException failure) {
        throw failure;
      }
      if (cancel.isDone()) {
        throw new InterruptedIOException(
            "closed while the sink was opened; the server is not started");
      }
      throw new SinkException("cannot open the sink: " + cause, false, cause);
    }
  }

  private static Thread thread(
      String name, Ledger ledger, Runnable stage, Consumer<Throwable> failed) {
    Thread thread = new StageThread(name, ledger, stage);
    thread.setDaemon(true);
    thread.setUncaughtExceptionHandler((dead, failure) -> failed.accept(failure));
    return thread;
  }

  ReceivePort port() {
    return port;
  }

  /**
   * Whether a thread is of the pipeline that keeps this ledger, which must not wait for the drain.
   * The threads run, and call the sink, before the pipeline is there to be asked.
   */
  static boolean owns(Ledger ledger, Thread thread) {
    return thread instanceof StageThread stage && stage.ledger == ledger;
  }

  /**
   * Stores what has arrived, for at most the given time and the sink's grace. Not interruptible.
   */
  void drain(long timeoutNanos) {
    long deadline = System.nanoTime() + timeoutNanos;
    queue.beginDrain();
    receivers.forEach(Receiver::finish);
    boolean ended = join(receiverThreads, deadline) && joinUnlessExiting(writerThread, deadline);
    if (!ended) {
      queue.abandon();
      long graceEnd = System.nanoTime() + GRACE_NANOS;
      if (!isExiting(writerThread) && !interrupt(writerThread, GRACE_NANOS)) {
        LOGGER.log(
            Level.ERROR, () -> "the sink did not return from an interrupt: " + stack(writerThread));
      }
      if (!join(receiverThreads, graceEnd)) {
        receiverThreads.stream()
            .filter(Thread::isAlive)
            .forEach(
                thread -> LOGGER.log(Level.ERROR, "the receiver did not end: " + stack(thread)));
        close("the socket", port);
      }
    }
    writer.keepRest();
    close("the spool", spool);
    close("the dead-letter file", deadLetters);
  }

  /** What kept the sink from storing, as far as it is known. */
  String trouble() {
    if (writerThread.isAlive()) {
      return "the sink did not return, " + stack(writerThread);
    }
    Throwable failure = writer.lastFailure();
    return failure == null
        ? "the sink was too slow; raise drainTimeout()"
        : "the sink failed last with " + failure;
  }

  private static boolean joinUnlessExiting(Thread thread, long deadline) {
    long left = deadline - System.nanoTime();
    while (thread.isAlive() && left > 0 && !isExiting(thread)) {
      join(thread, Math.min(left, LOOK_EVERY_NANOS));
      left = deadline - System.nanoTime();
    }
    return !thread.isAlive();
  }

  /**
   * Whether a thread has called System.exit: it never returns from that, and nobody waits for it.
   */
  private static boolean isExiting(Thread thread) {
    for (StackTraceElement frame : thread.getStackTrace()) {
      if (frame.getClassName().equals("java.lang.Runtime")
          && frame.getMethodName().equals("exit")) {
        return true;
      }
    }
    return false;
  }

  private static boolean interrupt(Thread thread, long nanos) {
    long deadline = System.nanoTime() + nanos;
    boolean ended = false;
    while (!ended && System.nanoTime() - deadline < 0) {
      thread.interrupt();
      ended = join(thread, LOOK_EVERY_NANOS);
    }
    return ended;
  }

  private static boolean join(List<Thread> threads, long deadline) {
    boolean ended = true;
    for (Thread thread : threads) {
      ended &= join(thread, deadline - System.nanoTime());
    }
    return ended;
  }

  /**
   * Waits for a thread's end whatever happens, keeping an interrupt for later; whether it has
   * ended.
   */
  private static boolean join(Thread thread, long nanos) {
    long deadline = System.nanoTime() + nanos;
    boolean interrupted = false;
    try {
      while (true) {
        try {
          TimeUnit.NANOSECONDS.timedJoin(thread, deadline - System.nanoTime());
          return !thread.isAlive();
        } catch (InterruptedException e) {
          interrupted = true;
        }
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private static String stack(Thread thread) {
    StringBuilder text = new StringBuilder(thread.toString());
    for (StackTraceElement frame : thread.getStackTrace()) {
      text.append("\n\tat ").append(frame);
    }
    return text.toString();
  }

  private static void close(String what, @Nullable Closeable resource) {
    try {
      if (resource != null) {
        resource.close();
      }
    } catch (IOException e) {
      LOGGER.log(Level.ERROR, "closing " + what + " failed", e);
    }
  }
}
