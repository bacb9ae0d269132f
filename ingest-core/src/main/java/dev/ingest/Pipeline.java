package dev.ingest;

import dev.ingest.internal.batch.BatchQueue;
import dev.ingest.internal.deadletter.DeadLetterFile;
import dev.ingest.internal.decode.JsonDecoder;
import dev.ingest.internal.decode.WarmUp;
import dev.ingest.internal.deliver.Writer;
import dev.ingest.internal.ledger.Ledger;
import dev.ingest.internal.receive.Landing;
import dev.ingest.internal.receive.Overflow;
import dev.ingest.internal.receive.ReceiveSocket;
import dev.ingest.internal.receive.Receiver;
import dev.ingest.sink.SinkException;
import java.io.Closeable;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.Objects;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What a started server consists of: the stages of the data flow, wired, on their two threads.
 *
 * <p>The drain goes down the flow. The receiver reads what the kernel has, seals the queue and
 * ends; the writer empties the queue, closes the sink and ends. If they have not ended in time, the
 * queue is abandoned, and the writer interrupted for as long as it has grace: more than once, since
 * a sink may clear the flag.
 */
final class Pipeline {
  private static final Logger LOGGER = System.getLogger("dev.ingest");
  private static final long GRACE_NANOS = TimeUnit.SECONDS.toNanos(1);
  private static final long INTERRUPT_EVERY_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

  private static final class StageThread extends Thread {
    private final Ledger ledger;

    StageThread(String name, Ledger ledger, Runnable stage) {
      super(stage, name);
      this.ledger = ledger;
    }
  }

  private final BatchQueue queue;
  private final ReceiveSocket socket;
  private final Receiver receiver;
  private final Writer writer;
  private final Thread receiverThread;
  private final Thread writerThread;
  private final @Nullable DeadLetterFile deadLetters;

  private Pipeline(
      BatchQueue queue,
      ReceiveSocket socket,
      Receiver receiver,
      Writer writer,
      Thread receiverThread,
      Thread writerThread,
      @Nullable DeadLetterFile deadLetters) {
    this.queue = queue;
    this.socket = socket;
    this.receiver = receiver;
    this.writer = writer;
    this.receiverThread = receiverThread;
    this.writerThread = writerThread;
    this.deadLetters = deadLetters;
  }

  /**
   * Opens the sink, binds the socket and starts receiving. A failure leaves nothing behind.
   *
   * @param failed told when a thread has died of what it could not handle
   */
  static Pipeline start(Settings settings, Ledger ledger, Consumer<Throwable> failed)
      throws IOException, SinkException {
    DeadLetterFile deadLetters =
        settings.deadLetters() == null ? null : DeadLetterFile.open(settings.deadLetters());
    try {
      return start(settings, ledger, failed, deadLetters);
    } catch (Throwable t) {
      close("the dead-letter file", deadLetters);
      throw t;
    }
  }

  private static Pipeline start(
      Settings settings,
      Ledger ledger,
      Consumer<Throwable> failed,
      @Nullable DeadLetterFile deadLetters)
      throws IOException, SinkException {
    BatchQueue queue =
        new BatchQueue(settings.schema(), settings.queueCapacity(), settings.batchSize());
    Writer writer =
        new Writer(
            settings.sink(),
            settings.schema(),
            queue,
            settings.retryPolicy().maxAttempts(),
            settings.retryPolicy()::delayNanos,
            ledger,
            deadLetters);
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
      JsonDecoder decoder = new JsonDecoder(settings.schema());
      WarmUp.of(decoder, settings.schema()); // while the writer opens the sink
      awaitOpen(writer);
      ReceiveSocket socket = ReceiveSocket.open(settings.address(), settings.receiveBuffer());
      try {
        Receiver receiver =
            new Receiver(
                socket,
                settings.sourceFilter(),
                settings.maxDatagramSize(),
                decoder,
                new Landing(queue, ledger, overflow(settings.overflowPolicy())),
                ledger,
                deadLetters);
        Thread receiverThread = thread("ingest-receiver", ledger, receiver, failed);
        receiverThread.start();
        return new Pipeline(
            queue, socket, receiver, writer, receiverThread, writerThread, deadLetters);
      } catch (Throwable t) {
        close("the socket", socket);
        throw t;
      }
    } catch (Throwable t) {
      queue.abandon();
      boolean opening = !writer.opened().isDone(); // the caller was interrupted: pass that on
      if (opening || !join(writerThread, settings.drainTimeout().toNanos())) {
        interrupt(writerThread, GRACE_NANOS);
      }
      throw t;
    }
  }

  private static Overflow overflow(OverflowPolicy policy) {
    return switch (policy) {
      case BLOCK -> Overflow.BLOCK;
      case DROP_NEWEST -> Overflow.DROP_NEWEST;
      case DROP_OLDEST -> Overflow.DROP_OLDEST;
    };
  }

  private static void awaitOpen(Writer writer) throws IOException, SinkException {
    try {
      writer.opened().get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException(
          "interrupted while the sink was opened; the server is not started");
    } catch (ExecutionException e) {
      Throwable cause = Objects.requireNonNullElse(e.getCause(), e);
      if (cause instanceof SinkException failure) {
        throw failure;
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

  ReceiveSocket socket() {
    return socket;
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
    receiver.finish();
    boolean ended =
        join(receiverThread, deadline - System.nanoTime())
            && join(writerThread, deadline - System.nanoTime());
    if (!ended) {
      queue.abandon();
      long graceEnd = System.nanoTime() + GRACE_NANOS;
      if (!interrupt(writerThread, GRACE_NANOS)) {
        LOGGER.log(
            Level.ERROR, () -> "the sink did not return from an interrupt: " + stack(writerThread));
      }
      if (!join(receiverThread, graceEnd - System.nanoTime())) {
        LOGGER.log(Level.ERROR, () -> "the receiver did not end: " + stack(receiverThread));
        close("the socket", socket);
      }
    }
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

  private static boolean interrupt(Thread thread, long nanos) {
    long deadline = System.nanoTime() + nanos;
    boolean ended = false;
    while (!ended && System.nanoTime() - deadline < 0) {
      thread.interrupt();
      ended = join(thread, INTERRUPT_EVERY_NANOS);
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
