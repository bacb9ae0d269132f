package dev.ingest.internal.server;

import dev.ingest.cleanup.CleanupRegistry;
import dev.ingest.internal.batch.Batch;
import dev.ingest.internal.batch.BatchQueue;
import dev.ingest.internal.custody.Custody;
import dev.ingest.internal.deadletter.DeadLetterFile;
import dev.ingest.internal.deadletter.DeadLetters;
import dev.ingest.internal.decode.Decoder;
import dev.ingest.internal.deliver.SinkSettings;
import dev.ingest.internal.deliver.Writer;
import dev.ingest.internal.intake.BatchAccumulator;
import dev.ingest.internal.intake.Intake;
import dev.ingest.internal.json.JsonDecoder;
import dev.ingest.internal.json.WarmUp;
import dev.ingest.internal.ledger.Ledger;
import dev.ingest.internal.log.Log;
import dev.ingest.internal.log.Unprintable;
import dev.ingest.internal.receive.MessageSource;
import dev.ingest.internal.receive.udp.UdpPort;
import dev.ingest.sink.SinkException;
import dev.ingest.source.Source;
import dev.ingest.source.Udp;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/**
 * What a started server consists of: the stages of the data flow, wired, on their threads.
 *
 * <p>The drain goes down the flow. The receivers read what the kernel has, hand it over and end;
 * the writer empties the queue, closes the sink and ends. If they have not ended in time, the queue
 * is abandoned, and the writer interrupted for as long as it has grace. What is left then is
 * salvaged.
 */
public final class Pipeline {
  private static final Logger LOGGER = Log.of("dev.ingest");
  private static final long GRACE_NANOS = TimeUnit.SECONDS.toNanos(1);

  private final Settings settings;
  private final Ledger ledger;
  private final Consumer<Throwable> failed;
  private final Resources resources;
  private final Resources openSources;
  private final DeadLetters deadLetters;
  private final Custody custody;
  private final BatchQueue queue;
  private final Writer writer;
  private final StageThread writerThread;
  private final List<MessageSource> sources = new ArrayList<>();
  private final List<StageThread> receiverThreads = new ArrayList<>();

  /** Opens the files; {@link #startStages} does the rest. */
  private Pipeline(
      Settings settings, Ledger ledger, Consumer<Throwable> failed, Resources resources)
      throws IOException {
    this.settings = settings;
    this.ledger = ledger;
    this.failed = failed;
    this.resources = resources;
    this.deadLetters = resources.opened("the dead-letter file", openDeadLetters());
    this.custody =
        resources.opened(
            "the spool", Custody.open(ledger, settings.spooling(), settings.receivers(), failed));
    this.queue =
        new BatchQueue(
            settings.schema(),
            settings.queueCapacity(),
            settings.batchSize(),
            settings.receivers());
    SinkSettings sink =
        new SinkSettings(
            settings.sink(),
            settings.schema(),
            settings.retryPolicy(),
            settings.startWithoutSink());
    this.writer =
        resources.opened(
            "the spool's dead letters",
            new Writer(sink, queue, custody, deadLetters, this::decoder, this::openDeadLetters));
    this.openSources = resources.opened("the sources", new Resources());
    this.writerThread = new StageThread("ingest-writer", ledger, writer, this::writerFailed);
  }

  private DeadLetters openDeadLetters() throws IOException {
    return settings.deadLetters() == null
        ? DeadLetters.NONE
        : openDeadLetters(settings.deadLetters());
  }

  private DeadLetterFile openDeadLetters(Path file) throws IOException {
    return DeadLetterFile.open(file, settings.deadLetterLimit(), ledger);
  }

  private void writerFailed(Throwable failure) {
    queue.abandon(); // nobody empties it any more
    failed.accept(failure);
  }

  /**
   * Opens the sink, binds the sources and starts receiving. A failure leaves nothing behind.
   *
   * @param failed called when a thread has died of what it could not handle
   * @param cancel fails if the start is to end
   */
  public static Pipeline start(
      Settings settings, Ledger ledger, Consumer<Throwable> failed, CompletableFuture<?> cancel)
      throws IOException, SinkException {
    Resources resources = new Resources();
    try {
      Pipeline pipeline = new Pipeline(settings, ledger, failed, resources);
      pipeline.startStages(cancel);
      return pipeline;
    } catch (Throwable t) {
      resources.close();
      throw t;
    }
  }

  private void startStages(CompletableFuture<?> cancel) throws IOException, SinkException {
    try {
      writerThread.start();
      WarmUp.run(settings.schema()); // while the writer opens the sink
      if (!settings.startWithoutSink()) {
        awaitSink(cancel);
      }
      for (Source source : settings.sources()) {
        open(source);
      }
      receiverThreads.forEach(Thread::start);
    } catch (Throwable t) {
      abort();
      throw t;
    }
  }

  private void awaitSink(CompletableFuture<?> cancel) throws IOException, SinkException {
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
      throw SinkException.permanent("cannot open the sink: " + cause, cause);
    }
  }

  /** Opens a source, and makes a thread for each of its receivers. */
  private void open(Source source) throws IOException {
    List<Intake> intakes = new ArrayList<>();
    for (int i = 0; i < source.receivers(); i++) {
      intakes.add(intake(receiverThreads.size() + i));
    }
    // The one line for each kind of source.
    MessageSource opened = UdpPort.open((Udp) source, intakes);
    sources.add(openSources.opened(opened.toString(), opened));
    for (Runnable receiver : opened.receivers()) {
      String number = settings.receivers() == 1 ? "" : "-" + (receiverThreads.size() + 1);
      receiverThreads.add(new StageThread("ingest-receiver" + number, ledger, receiver, failed));
    }
  }

  private Intake intake(int receiver) {
    BatchAccumulator accumulator =
        new BatchAccumulator(queue, custody, settings.overflowPolicy(), receiver);
    return new Intake(decoder(), accumulator, ledger, deadLetters);
  }

  /** The one line for the format: makes the decoder of a thread. */
  private Decoder decoder() {
    return new JsonDecoder(settings.schema());
  }

  /** Ends the threads of a start that failed. */
  private void abort() {
    sources.forEach(MessageSource::finish);
    StageThread.awaitEnd(receiverThreads, System.nanoTime() + GRACE_NANOS);
    queue.abandon();
    boolean opening = !writer.opened().isDone(); // what ends the wait for it ends it, too
    if (opening || !writerThread.awaitEnd(settings.drainTimeout().toNanos())) {
      writerThread.interruptUntilEnd(GRACE_NANOS);
    }
    salvage();
  }

  /** Tells whether a thread is of the server that keeps a ledger, also during the start. */
  public static boolean owns(Ledger ledger, Thread thread) {
    return StageThread.isOf(ledger, thread);
  }

  /** Returns the addresses that the sources are bound to, with their real ports. */
  public List<InetSocketAddress> localAddresses() {
    return sources.stream().map(MessageSource::localAddress).toList();
  }

  /** Returns what the kernel dropped at all sources; empty if it does not tell for one of them. */
  public OptionalLong kernelDrops() {
    return MessageSource.sum(sources.stream().map(MessageSource::kernelDrops));
  }

  /** Stores what has arrived, within the drain timeout and the sink's grace. Not interruptible. */
  public void drain() {
    long deadline = System.nanoTime() + settings.drainTimeout().toNanos();
    queue.beginDrain();
    sources.forEach(MessageSource::finish);
    boolean ended =
        StageThread.awaitEnd(receiverThreads, deadline) && writerThread.awaitEndOrExit(deadline);
    try (resources) {
      if (!ended) {
        abandon();
      }
      salvage();
      logThreadsLeft();
    }
  }

  private void abandon() {
    queue.abandon();
    long graceEnd = System.nanoTime() + GRACE_NANOS;
    if (!CleanupRegistry.hasCalledExit(writerThread)) {
      writerThread.interruptUntilEnd(GRACE_NANOS);
    }
    if (!StageThread.awaitEnd(receiverThreads, graceEnd)) {
      openSources.close(); // so that such a receiver hands nothing over after the salvage
    }
  }

  private void logThreadsLeft() {
    if (writerThread.isAlive() && !CleanupRegistry.hasCalledExit(writerThread)) {
      LOGGER.log(Level.ERROR, "the sink did not return from an interrupt", writerThread.position());
    }
    receiverThreads.stream()
        .filter(Thread::isAlive)
        .forEach(thread -> LOGGER.log(Level.ERROR, "the receiver did not end", thread.position()));
  }

  /** Salvages what the writer has not settled, and counts what is no longer in the spool. */
  private void salvage() {
    custody.salvage();
    Batch left;
    while ((left = queue.evict()) != null) {
      custody.salvage(left);
    }
    int gone = custody.gone();
    if (gone > 0) {
      LOGGER.log(
          Level.ERROR,
          "somebody has removed files from the spool "
              + custody.spoolPath().orElseThrow()
              + ", and with them records that were not stored yet: "
              + gone);
    }
  }

  /**
   * Returns that so many records are lost, and what kept the sink from storing them. The text can
   * be printed: the sink's own may hold what a sender has sent.
   */
  public IllegalStateException loss(long records) {
    String message =
        records
            + " records could not be stored before the end of the drain, which has "
            + settings.drainTimeout().toMillis()
            + " ms, and are lost: ";
    if (writerThread.isAlive()) {
      return new IllegalStateException(
          message + "the sink did not return, " + writerThread, writerThread.position());
    }
    Throwable failure = writer.lastFailure();
    return new IllegalStateException(
        message
            + (failure == null
                ? "the sink was too slow; raise drainTimeout()"
                : "the sink failed last with " + Unprintable.escape(failure.toString())));
  }

  /** Returns the sources for messages. */
  @Override
  public String toString() {
    return sources.stream().map(MessageSource::toString).collect(Collectors.joining(", "));
  }
}
