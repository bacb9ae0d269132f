package dev.ingest.internal.server;

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
import dev.ingest.internal.jfr.Drain;
import dev.ingest.internal.jfr.FlightRecording;
import dev.ingest.internal.json.JsonDecoder;
import dev.ingest.internal.ledger.Ledger;
import dev.ingest.internal.ledger.Levels;
import dev.ingest.internal.log.Log;
import dev.ingest.internal.receive.stream.StreamPort;
import dev.ingest.internal.receive.udp.UdpPort;
import dev.ingest.sink.SinkException;
import dev.ingest.source.Source;
import dev.ingest.source.StreamSource;
import dev.ingest.source.Udp;
import java.io.IOException;
import java.lang.System.Logger;
import java.net.SocketAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

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

  private final Settings settings;
  private final Ledger ledger;
  private final Consumer<Throwable> failed;
  private final OpenFiles files;
  private final DeadLetters deadLetters;
  private final Custody custody;
  private final BatchQueue queue;
  private final WriterThread writerThread;
  private final Receivers receivers;

  /** Opens the files; {@link #startStages} does the rest. */
  private Pipeline(
      Settings settings,
      Ledger ledger,
      Consumer<Throwable> failed,
      ServerLife life,
      OpenFiles files)
      throws IOException {
    this.settings = settings;
    this.ledger = ledger;
    this.failed = failed;
    this.files = files;
    this.receivers = new Receivers(settings.receivers(), ledger, failed);
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
            settings.startWithoutSink(),
            life::sinkFailed,
            life::sinkWorks);
    Writer writer =
        new Writer(sink, queue, custody, deadLetters, this::decoder, this::openDeadLetters);
    files.unreadableLines(writer);
    this.writerThread = new WriterThread(writer, settings.sink(), ledger, this::writerFailed);
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
   * @throws IllegalStateException if another server has the sink object
   */
  public static Pipeline start(
      Settings settings, Ledger ledger, Consumer<Throwable> failed, ServerLife life)
      throws IOException, SinkException {
    OpenFiles files = new OpenFiles(ledger);
    try {
      Pipeline pipeline = new Pipeline(settings, ledger, failed, life, files);
      pipeline.startStages(life.startCancelled());
      return pipeline;
    } catch (Throwable t) {
      files.close(System.nanoTime() + GRACE_NANOS);
      throw t;
    }
  }

  private void startStages(CompletableFuture<?> cancel) throws IOException, SinkException {
    try {
      writerThread.start(this);
      WarmUp.run(settings.schema()); // while the writer opens the sink
      if (!settings.startWithoutSink()) {
        writerThread.awaitSink(cancel);
      }
      for (Source source : settings.sources()) {
        open(source);
      }
      receivers.start();
    } catch (Throwable t) {
      abort();
      throw t;
    }
  }

  /** Opens a source. */
  private void open(Source source) throws IOException {
    List<Intake> intakes = new ArrayList<>();
    for (int i = 0; i < source.receivers(); i++) {
      intakes.add(intake(source, receivers.size() + i));
    }
    // The one line for each kind of source.
    receivers.opened(
        source instanceof Udp udp
            ? UdpPort.open(udp, settings.linger(), intakes)
            : StreamPort.open((StreamSource<?>) source, intakes.get(0)));
  }

  private Intake intake(Source source, int receiver) {
    ReceiverCustody own = custody.receiver(receiver);
    BatchAccumulator accumulator =
        new BatchAccumulator(
            queue,
            own,
            settings.overflowPolicy(),
            settings.linger(),
            receivers.flushes(),
            receiver);
    MessageRules rules = MessageRules.of(source, settings.rejectUnit());
    return new Intake(decoder(), accumulator, ledger, deadLetters, own.disk(), rules);
  }

  /** The one line for the format: makes the decoder of a thread. */
  private Decoder decoder() {
    return new JsonDecoder(settings.schema());
  }

  /** Ends the threads of a start that failed. */
  private void abort() {
    receivers.finish();
    endReceivers(System.nanoTime() + GRACE_NANOS);
    queue.abandon();
    boolean opening = !writerThread.hasOpened(); // what ends the wait for it ends it, too
    if (opening || !writerThread.awaitEnd(settings.drainTimeout().toNanos())) {
      writerThread.interruptUntilEnd(GRACE_NANOS);
    }
    receivers.close();
    salvage();
  }

  /** Tells whether a thread is of the server that keeps a ledger, also during the start. */
  public static boolean owns(Ledger ledger, Thread thread) {
    return StageThread.isOf(ledger, thread);
  }

  /**
   * Refuses a call on a thread of the server, which would wait for itself.
   *
   * @throws IllegalStateException if the current thread is one
   */
  public static void refuseOwnThread(Ledger ledger, String call) {
    Thread thread = Thread.currentThread();
    if (owns(ledger, thread)) {
      throw new IllegalStateException(
          call
              + " was called on "
              + thread
              + ", which it waits for: expected a thread of the host");
    }
  }

  /** Returns the addresses that the sources are bound to, with their real ports. */
  public List<SocketAddress> localAddresses() {
    return receivers.localAddresses();
  }

  /** Returns what a snapshot shows beside the accounts. Never waits. */
  public Levels levels() {
    return new Levels(
        receivers.kernelDrops(),
        settings.queueCapacity(),
        Math.max(queue.oldestNanos(), writerThread.replayNanos()),
        custody.spoolBytes());
  }

  /**
   * Waits until what the sockets and the queue hold now is settled.
   *
   * @param deadline when to wait no longer, in the time of {@link System#nanoTime}
   * @return false if that took longer, or the server closes
   * @throws InterruptedException if the thread is interrupted meanwhile
   */
  public boolean flush(long deadline) throws InterruptedException {
    return receivers.flush(deadline) && queue.awaitRecycled(queue.lastPut(), deadline);
  }

  /** Stores what has arrived, within the drain timeout and the sink's grace. Not interruptible. */
  public void drain() {
    Drain event = FlightRecording.isOn() ? Drain.begun() : null;
    long timeout = settings.drainTimeout().toNanos();
    long deadline = System.nanoTime() + timeout;
    queue.beginDrain();
    receivers.flushes().end(); // whose callers wait for the close from now on
    receivers.finish();
    if (!receivers.awaitEnd(deadline - Math.min(GRACE_NANOS, timeout / 2))) {
      custody.giveUpStalled(); // so that the writer has time for what they hand over then
    }
    boolean ended = receivers.awaitEnd(deadline) && writerThread.awaitEndOrExit(deadline);
    long graceEnd = System.nanoTime() + GRACE_NANOS;
    if (!ended) {
      abandon(graceEnd);
    }
    receivers.close(); // so that a receiver that is left hands nothing over after the salvage
    salvage();
    files.close(Math.max(deadline, System.nanoTime() + GRACE_NANOS));
    if (!ended) {
      writerThread.interruptUntilEnd(graceEnd, () -> true); // a disk may have held it up
    }
    writerThread.logIfLeft();
    receivers.logThreadsLeft(LOGGER);
    if (event != null) {
      event.inTime = ended;
      event.commit();
    }
  }

  private void abandon(long graceEnd) {
    queue.abandon();
    writerThread.interrupt();
    endReceivers(graceEnd);
    writerThread.interruptUntilEnd(graceEnd, writerThread::isInSink);
  }

  /** Waits for the receivers: as long as they may wait for a disk, for half of the time. */
  private void endReceivers(long deadline) {
    long now = System.nanoTime();
    if (!receivers.awaitEnd(now + (deadline - now) / 2)) {
      custody.giveUp();
      receivers.awaitEnd(deadline);
    }
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
    return writerThread.loss(
        records
            + " records could not be stored before the end of the drain, which has "
            + settings.drainTimeout().toMillis()
            + " ms, and are lost: ");
  }

  /** Returns the sources for messages. */
  @Override
  public String toString() {
    return receivers.size() == 0 ? settings.sourcesText() : receivers.toString();
  }
}
