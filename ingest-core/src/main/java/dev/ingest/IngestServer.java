package dev.ingest;

import dev.ingest.cleanup.CleanupRegistry;
import dev.ingest.internal.ledger.Ledger;
import dev.ingest.internal.log.Log;
import dev.ingest.internal.server.Pipeline;
import dev.ingest.internal.server.Settings;
import dev.ingest.sink.SinkException;
import dev.ingest.stats.IngestStats;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Receives messages and stores their records through a sink, and at exit stores what had arrived
 * before.
 *
 * <pre>{@code
 * IngestServer server = IngestServer.builder()
 *     .schema(readings)
 *     .bind("0.0.0.0", 12345)
 *     .sink("sqlite:sensors.db")
 *     .build().start();
 * }</pre>
 *
 * <p>The drain is registered in {@link CleanupRegistry#global()}, which runs it when the process
 * exits in any ordinary way. A host that ends the server earlier calls {@link #close}. In a
 * container that closes what it holds at exit, the server is one of its objects, see {@link
 * IngestServerBuilder#drainAtExit}. A program that does nothing else ends its {@code main} with
 *
 * <pre>{@code
 * System.exit(server.awaitClose() == CloseReason.FAILED ? 1 : 0);
 * }</pre>
 *
 * <p>A started server has two daemon threads, {@code ingest-receiver} and {@code ingest-writer},
 * with several receivers {@code ingest-receiver-1} and so on, with {@link
 * dev.ingest.policy.JournalSync#EVERY_SECOND} also {@code ingest-journal}, and {@code ingest-disk}
 * for each receiver that writes to disk; being daemons they do not keep the process alive, see
 * {@link #awaitClose()}. If one of them fails beyond repair (by an {@link OutOfMemoryError}, say)
 * that is logged as an error, and the server drains what it has and closes.
 *
 * <p>All servers log on one more daemon thread, {@code ingest-log}, there for some seconds after a
 * line: a logger that blocks holds up no other thread. A close waits at most a second for the log.
 * A server is started once. All methods are thread-safe, and none of them but {@link #start},
 * {@link #flush}, {@link #close} and {@link #awaitClose} blocks.
 */
public final class IngestServer implements AutoCloseable {
  private static final Logger LOGGER = Log.of("dev.ingest");

  private static final int RESERVE_BYTES = 1 << 19;

  private final Settings settings;
  private final Consumer<? super CloseEvent> onClose;
  private final Ledger ledger = new Ledger();
  private final Lifecycle lifecycle;
  private final ExitDrain exitDrain;

  /** Released when a thread dies, so that an OutOfMemoryError leaves enough to close. */
  @SuppressWarnings("UnusedVariable") // held, and never read
  private volatile byte @Nullable [] reserve;

  private volatile @Nullable Pipeline pipeline;
  private volatile @Nullable Thread closer;
  private volatile @Nullable IngestStats finalStats;

  /**
   * Makes a server that is not started.
   *
   * @param registry where it registers its drain; null for nowhere
   */
  IngestServer(
      Settings settings,
      @Nullable CleanupRegistry registry,
      Consumer<? super CloseEvent> onClose,
      @Nullable Consumer<? super StatusChange> onStatus) {
    this.settings = settings;
    this.onClose = onClose;
    this.lifecycle = new Lifecycle(new StatusReporter(onStatus));
    this.exitDrain = new ExitDrain(this, registry);
  }

  /**
   * Returns a builder with every setting at its default.
   *
   * @return a builder
   */
  public static IngestServerBuilder builder() {
    return new IngestServerBuilder();
  }

  /**
   * Registers the drain, opens the sink, binds the sources and starts receiving. Blocks as long as
   * the sink's {@code open} does. A start that fails leaves nothing behind.
   *
   * @return this server
   * @throws IOException if an address cannot be bound (the port is taken, there is no permission,
   *     the host is unknown), or the dead-letter file or the spool cannot be used; the message
   *     names it. Also {@link java.io.InterruptedIOException} if the thread was interrupted, or the
   *     server closed, while the sink was opened
   * @throws SinkException if the sink cannot be opened
   * @throws IllegalStateException if the server was started or closed before, the JVM is shutting
   *     down and the drain cannot be registered, or another server, which the message names, has
   *     the sink object
   */
  public IngestServer start() throws IOException, SinkException {
    if (!lifecycle.beginStart()) {
      throw new IllegalStateException(
          this + " was started or closed before: a server is started once, build another");
    }
    try {
      reserve = new byte[RESERVE_BYTES];
      // An exit that begins during the start has to find the drain, which ends the start.
      exitDrain.register();
      pipeline = Pipeline.start(settings, ledger, this::failed, lifecycle);
      // Later than what the sink has registered when it was opened, and so run before that.
      exitDrain.register();
      lifecycle.started();
      return this;
    } catch (Throwable t) {
      lifecycle.endFor(new Ending(CloseReason.FAILED, t));
      drain(); // nothing, but for a failure behind the start of the pipeline
      throw t;
    }
  }

  /** A thread of the pipeline has died: what is there is drained, and the host learns of it. */
  private void failed(Throwable failure) {
    reserve = null;
    lifecycle.endFor(new Ending(CloseReason.FAILED, failure));
    closeInBackground(); // first, since there may be no memory for the message
    LOGGER.log(Level.ERROR, this + " cannot go on and closes", failure);
  }

  /**
   * Returns what the server is doing.
   *
   * @return the status at this moment; {@link IngestServerBuilder#onStatus} tells of its changes
   */
  public ServerStatus status() {
    return lifecycle.status();
  }

  /**
   * Tells whether the server receives: from when the sources are bound until the close begins. A
   * server whose sink fails is ready, since it keeps what it receives as long as it has room.
   *
   * @return true if the status is {@link ServerStatus#RUNNING} or {@link ServerStatus#SINK_FAILING}
   */
  public boolean isReady() {
    return lifecycle.isReady();
  }

  /**
   * Returns the address of the first source that has an IP address, with the real port.
   *
   * @return the address, also after the close
   * @throws IllegalStateException if the server was not started, or has Unix sockets only
   */
  public InetSocketAddress localAddress() {
    return localAddresses().stream()
        .flatMap(any -> any instanceof InetSocketAddress inet ? Stream.of(inet) : Stream.empty())
        .findFirst()
        .orElseThrow(() -> new IllegalStateException(this + " has no source with an IP address"));
  }

  /**
   * Returns the addresses that the sources are bound to, with their real ports.
   *
   * @return for each source, in the order of the builder's calls, an {@link InetSocketAddress} or a
   *     {@link java.net.UnixDomainSocketAddress}; also after the close
   * @throws IllegalStateException if the server was not started
   */
  public List<SocketAddress> localAddresses() {
    Pipeline current = pipeline;
    if (current == null) {
      throw new IllegalStateException(this + " was not started: it has no address before that");
    }
    return current.localAddresses();
  }

  /**
   * Returns the accounts. Takes about a microsecond, but once a second some ten, for the kernel's
   * counter, and never waits for a disk or for the sink.
   *
   * @return one consistent snapshot; after the close always the final one
   */
  public IngestStats stats() {
    IngestStats last = finalStats;
    return last != null ? last : snapshot();
  }

  private IngestStats snapshot() {
    Pipeline current = pipeline;
    return ledger.snapshot(current == null ? settings.levels() : current.levels());
  }

  /**
   * Waits until all that had been received before this call is settled: stored, in the spool,
   * rejected, ignored, a dead letter or dropped. That includes what the kernel held in the sockets'
   * buffers, also of connections that waited to be accepted; the beginning of a line is no message
   * yet. Receiving goes on, and what comes later is not waited for. The receivers hand over what
   * they have at once, without letting batches grow, so to flush often costs throughput.
   *
   * <p>While the sink fails, records get into the spool when the queue has no room for them or
   * their attempts are used up; to be in the journal and in the queue is not to be settled. With
   * {@link dev.ingest.policy.OverflowPolicy#BLOCK} and a full queue, sockets are read only as that
   * empties. After the close all is settled, and a call during the close waits for that.
   *
   * @param timeout how long to wait; with zero or less the receivers are asked, and not waited for
   * @return false if the time was over before, or the close has lost records
   * @throws InterruptedException if the thread is interrupted meanwhile; the receivers were asked
   * @throws IllegalStateException if the server was not started, or is starting; or on a thread of
   *     this server, as from its sink or a filter, for which the call would wait
   */
  public boolean flush(Duration timeout) throws InterruptedException {
    long deadline = System.nanoTime() + Math.max(0, TimeUnit.NANOSECONDS.convert(timeout));
    Pipeline.refuseOwnThread(ledger, "flush");
    lifecycle.checkStarted(this);
    Pipeline current = pipeline;
    return (current != null && isReady() && current.flush(deadline))
        || (lifecycle.awaitClosed(deadline) && stats().records().lost() == 0);
  }

  /**
   * Waits until the server is closed: by {@link #close}, by the exit, or by a failure of its own.
   *
   * <p>When this returns {@link CloseReason#EXIT}, the process is exiting, unless the host ran the
   * registry by itself. A {@code System.exit} with a status other than 0 could then replace the
   * status of that exit; and the JVM may end before the code after this call runs, so that what
   * must run belongs in the {@code onClose} listener.
   *
   * @return why the server was closed
   * @throws InterruptedException if the thread is interrupted meanwhile
   */
  public CloseReason awaitClose() throws InterruptedException {
    lifecycle.awaitDone();
    Ending why = lifecycle.ending();
    return why == null ? CloseReason.CLOSED : why.reason();
  }

  /**
   * Returns what the server failed of: what {@link #start} threw, or what one of its threads met.
   * While the status is {@link ServerStatus#SINK_FAILING}, what the sink threw last.
   *
   * <p>The exception is as it was thrown. Its text may quote what a sender has sent, with line
   * breaks and control characters in it: the server's log escapes these, and who prints or shows
   * the text has to do so, too.
   *
   * @return empty unless the server was or is being closed for {@link CloseReason#FAILED}, or its
   *     sink fails
   */
  public Optional<Throwable> failure() {
    return lifecycle.failure();
  }

  /**
   * Drains and closes the server, and takes the registration back: reads what the kernel has
   * buffered, closes the sockets, writes what is queued, closes the sink, and calls the {@code
   * onClose} listener. Blocks until that is done; an interrupt does not cut it short, the flag is
   * kept. The drain takes at most the drain timeout and one second. What could not be written in
   * that time goes to the spool; if there is none it is lost, counted, and logged as an error. The
   * disks of the spool and the dead letters are waited for until the drain timeout is over, or for
   * another second, and so is a log that does not take its lines. The listener has no limit.
   *
   * <p>During a start it ends the start, which then throws.
   *
   * <p>Further calls wait for the first and do nothing. A call from the sink or from the {@code
   * onClose} listener, for which the drain would have to wait, only begins the close.
   */
  @Override
  public void close() {
    closeFor(new Ending(CloseReason.CLOSED, null), Long.MAX_VALUE);
  }

  void closeFor(Ending why, long listenerNanos) {
    lifecycle.endFor(why);
    Thread thread = Thread.currentThread();
    if (thread == closer || Pipeline.owns(ledger, thread)) {
      closeInBackground();
      return;
    }
    if (lifecycle.beginClose()) {
      drain();
    }
    lifecycle.awaitClosedAndDone(listenerNanos);
  }

  private void drain() {
    closer = Thread.currentThread();
    try {
      Pipeline started = pipeline;
      if (started != null) {
        started.drain();
      }
    } finally {
      end();
      closer = null;
    }
  }

  /**
   * Closes the ledger, calls the listener, and wakes those who wait for that. The registration goes
   * last: an exit that begins meanwhile has to find it, and to wait.
   */
  private void end() {
    ledger.close();
    IngestStats last = snapshot();
    finalStats = last;
    lifecycle.closed();
    try {
      CloseReport report = new CloseReport(this, settings, onClose);
      report.give(last, pipeline == null ? null : lifecycle.ending());
    } finally {
      exitDrain.unregister();
      lifecycle.done();
    }
  }

  /** Returns that records are lost, and why; null if none are, or the start failed. */
  @Nullable IllegalStateException loss() {
    long lost = stats().records().lost();
    Pipeline current = pipeline;
    return lost == 0 || current == null ? null : current.loss(lost);
  }

  /** Closes without waiting for the drain, on a thread that the drain does not wait for. */
  private void closeInBackground() {
    Thread thread = new Thread(this::close, "ingest-closer");
    thread.setDaemon(true);
    thread.start();
  }

  @Override
  public String toString() {
    Pipeline current = pipeline;
    return "ingest server at " + (current == null ? settings.sourcesText() : current);
  }
}
