package dev.ingest.internal.server;

import dev.ingest.cleanup.CleanupRegistry;
import dev.ingest.internal.batch.Batch;
import dev.ingest.internal.batch.BatchQueue;
import dev.ingest.internal.custody.Custody;
import dev.ingest.internal.custody.ReceiverCustody;
import dev.ingest.internal.deadletter.DeadLetterFile;
import dev.ingest.internal.deadletter.DeadLetters;
import dev.ingest.internal.decode.Decoder;
import dev.ingest.internal.deliver.SinkSettings;
import dev.ingest.internal.deliver.Writer;
import dev.ingest.internal.intake.BatchAccumulator;
import dev.ingest.internal.intake.Intake;
import dev.ingest.internal.intake.MessageRules;
import dev.ingest.internal.json.JsonDecoder;
import dev.ingest.internal.json.WarmUp;
import dev.ingest.internal.ledger.Ledger;
import dev.ingest.internal.log.Log;
import dev.ingest.internal.log.Unprintable;
import dev.ingest.internal.receive.MessageSource;
import dev.ingest.internal.receive.stream.StreamPort;
import dev.ingest.internal.receive.udp.UdpPort;
import dev.ingest.policy.RejectUnit;
import dev.ingest.sink.SinkException;
import dev.ingest.source.Source;
import dev.ingest.source.StreamSource;
import dev.ingest.source.Udp;
import dev.ingest.source.Unwrap;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.SocketAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/**
 * What a started server consists of: the stages of the data flow, wired, on their threads.
 *
 * <p>The drain goes down the flow. The receivers read what the kernel has, hand it over and end;
 * the writer empties the queue, closes the sink and ends. If they have not ended in time, the queue
 * is abandoned, and the writer interrupted for as long as it has grace. What is left then is
 * salvaged.
 *
 * <p>A call on a disk may never return, and nobody can end it. So the closing thread makes none:
 * threads of their own write, sync and close the files, and are waited for until the time for the
 * drain is over, or at least for the grace.
 */
public final class Pipeline {
  private static final Logger LOGGER = Log.of("dev.ingest");
  private static final long GRACE_NANOS = TimeUnit.SECONDS.toNanos(1);
  private static final long LOOK_EVERY_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

  private final Settings settings;
  private final Ledger ledger;
  private final Consumer<Throwable> failed;
  private final OpenFiles files;
  private final Resources openSources = new Resources();
  private final DeadLetters deadLetters;
  private final Custody custody;
  private final BatchQueue queue;
  private final Writer writer;
  private final StageThread writerThread;
  private final List<MessageSource> sources = new ArrayList<>();
  private final List<StageThread> receiverThreads = new ArrayList<>();

  /** Opens the files; {@link #startStages} does the rest. */
  private Pipeline(Settings settings, Ledger ledger, Consumer<Throwable> failed, OpenFiles files)
      throws IOException {
    this.settings = settings;
    this.ledger = ledger;
    this.failed = failed;
    this.files = files;
    this.deadLetters = openDeadLetters();
    files.deadLetters(settings.deadLetters(), deadLetters);
    this.custody = Custody.open(ledger, settings.spooling(), settings.receivers(), failed);
    files.spool(custody);
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
        new Writer(sink, queue, custody, deadLetters, this::decoder, this::openDeadLetters);
    files.unreadableLines(writer);
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
    OpenFiles files = new OpenFiles(ledger);
    try {
      Pipeline pipeline = new Pipeline(settings, ledger, failed, files);
      pipeline.startStages(cancel);
      return pipeline;
    } catch (Throwable t) {
      files.close(System.nanoTime() + GRACE_NANOS);
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
      intakes.add(intake(source, receiverThreads.size() + i));
    }
    // The one line for each kind of source.
    MessageSource opened =
        source instanceof Udp udp
            ? UdpPort.open(udp, intakes)
            : StreamPort.open((StreamSource<?>) source, intakes.get(0));
    sources.add(openSources.opened(opened.toString(), opened));
    for (Runnable receiver : opened.receivers()) {
      String number = settings.receivers() == 1 ? "" : "-" + (receiverThreads.size() + 1);
      receiverThreads.add(new StageThread("ingest-receiver" + number, ledger, receiver, failed));
    }
  }

  private Intake intake(Source source, int receiver) {
    ReceiverCustody own = custody.receiver(receiver);
    BatchAccumulator accumulator = new BatchAccumulator(queue, own, settings.overflowPolicy());
    return new Intake(decoder(), accumulator, ledger, deadLetters, own.disk(), rules(source));
  }

  private MessageRules rules(Source source) {
    Unwrap unwrap = source.unwrap().<Unwrap>map(Supplier::get).orElse(null);
    return source instanceof Udp udp
        ? new MessageRules(udp.maxDatagramSize(), "maxDatagramSize", settings.rejectUnit(), unwrap)
        : new MessageRules(
            ((StreamSource<?>) source).maxRecordSize(), "maxRecordSize", RejectUnit.RECORD, unwrap);
  }

  /** The one line for the format: makes the decoder of a thread. */
  private Decoder decoder() {
    return new JsonDecoder(settings.schema());
  }

  /** Ends the threads of a start that failed. */
  private void abort() {
    sources.forEach(MessageSource::finish);
    endReceivers(System.nanoTime() + GRACE_NANOS);
    queue.abandon();
    boolean opening = !writer.opened().isDone(); // what ends the wait for it ends it, too
    if (opening || !writerThread.awaitEnd(settings.drainTimeout().toNanos())) {
      writerThread.interruptUntilEnd(GRACE_NANOS);
    }
    openSources.close();
    salvage();
  }

  /** Tells whether a thread is of the server that keeps a ledger, also during the start. */
  public static boolean owns(Ledger ledger, Thread thread) {
    return StageThread.isOf(ledger, thread);
  }

  /** Returns the addresses that the sources are bound to, with their real ports. */
  public List<SocketAddress> localAddresses() {
    return sources.stream().map(MessageSource::localAddress).toList();
  }

  /** Returns what the kernel dropped at all sources; empty if it does not tell for one of them. */
  public OptionalLong kernelDrops() {
    return MessageSource.sum(sources.stream().map(MessageSource::kernelDrops));
  }

  /** Stores what has arrived, within the drain timeout and the sink's grace. Not interruptible. */
  public void drain() {
    long timeout = settings.drainTimeout().toNanos();
    long deadline = System.nanoTime() + timeout;
    queue.beginDrain();
    sources.forEach(MessageSource::finish);
    if (!StageThread.awaitEnd(receiverThreads, deadline - Math.min(GRACE_NANOS, timeout / 2))) {
      custody.giveUpStalled(); // so that the writer has time for what they hand over then
    }
    boolean ended =
        StageThread.awaitEnd(receiverThreads, deadline) && writerThread.awaitEndOrExit(deadline);
    long graceEnd = System.nanoTime() + GRACE_NANOS;
    if (!ended) {
      abandon(graceEnd);
    }
    openSources.close(); // so that a receiver that is left hands nothing over after the salvage
    salvage();
    files.close(Math.max(deadline, System.nanoTime() + GRACE_NANOS));
    if (!ended) {
      interruptWriter(graceEnd, () -> true); // a disk may have held it up
    }
    logThreadsLeft();
  }

  private void abandon(long graceEnd) {
    queue.abandon();
    if (!CleanupRegistry.hasCalledExit(writerThread)) {
      writerThread.interrupt();
    }
    endReceivers(graceEnd);
    interruptWriter(graceEnd, writer::isInSink);
  }

  /** Interrupts the writer until it ends, at most to a time and while something holds. */
  private void interruptWriter(long deadline, BooleanSupplier still) {
    long left;
    do {
      left = deadline - System.nanoTime();
    } while (left > 0
        && !CleanupRegistry.hasCalledExit(writerThread)
        && !writerThread.interruptUntilEnd(Math.min(left, LOOK_EVERY_NANOS))
        && still.getAsBoolean());
  }

  /** Waits for the receivers: as long as they may wait for a disk, for half of the time. */
  private void endReceivers(long deadline) {
    long now = System.nanoTime();
    if (!StageThread.awaitEnd(receiverThreads, now + (deadline - now) / 2)) {
      custody.giveUp();
      StageThread.awaitEnd(receiverThreads, deadline);
    }
  }

  private void logThreadsLeft() {
    if (writerThread.isAlive() && !CleanupRegistry.hasCalledExit(writerThread)) {
      String what =
          writer.isInSink() ? "sink did not return from an interrupt" : "writer did not end";
      LOGGER.log(Level.ERROR, "the " + what, writerThread.position());
    }
    receiverThreads.stream()
        .filter(Thread::isAlive)
        .forEach(thread -> LOGGER.log(Level.ERROR, "the receiver did not end", thread.position()));
  }

  /** Salvages what the writer has not settled. */
  private void salvage() {
    custody.salvage();
    Batch left;
    while ((left = queue.evict()) != null) {
      custody.salvage(left);
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
          message
              + (writer.isInSink() ? "the sink did not return, " : "a disk did not answer, ")
              + writerThread,
          writerThread.position());
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
